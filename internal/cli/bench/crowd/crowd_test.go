package crowd

import (
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEachClientComesAndAllLeave(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	came := make(chan byte, 1000)
	served.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			served.Go(func() {
				defer nc.Close()
				var first [1]byte
				if n, _ := nc.Read(first[:]); n == 1 {
					came <- first[0]
				}
			})
		}
	})
	n := 2 * len(Kinds())
	c := Gather(t.Context(), Config{Addr: l.Addr().String(), Size: n, Busy: "busy/#"})
	for range n {
		select {
		case first := <-came:
			if first != 0x10 {
				t.Errorf("first byte %#x, want that of CONNECT", first)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("a client does not come")
		}
	}
	c.Close()
	l.Close()
	served.Wait()
	if c.Visits() < int64(n) {
		t.Errorf("%d visits of %d clients", c.Visits(), n)
	}
}
