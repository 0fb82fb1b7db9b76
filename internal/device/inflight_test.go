package device

import (
	"testing"

	"github.com/drover-iot/drover/internal/broker"
	"github.com/drover-iot/drover/internal/fault"
)

// spec: device-api.md#13-device-shadows
func TestAConnectionHasSoManyRequestsForShadowsInFlight(t *testing.T) {
	f := newInFlight(10)
	press := broker.Requester{Client: "press", Remote: "127.0.0.1:1"}
	var ends []func()
	for range 10 {
		end, err := f.take(press)
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, end)
	}
	end, err := f.take(press)
	if !fault.Is(err, fault.Throttled) {
		t.Errorf("the eleventh: %v", err)
	}
	end() // of one that was not counted
	if _, err := f.take(press); err == nil {
		t.Error("one that was refused made room")
	}
	if _, err := f.take(broker.Requester{Client: "press", Remote: "127.0.0.1:2"}); err != nil {
		t.Errorf("another connection: %v", err)
	}
	ends[0]()
	if _, err := f.take(press); err != nil {
		t.Errorf("when one is answered: %v", err)
	}
}

func TestWhatIsNoConnectionOrHasNoQuotaIsNotCounted(t *testing.T) {
	for _, c := range []struct {
		most int
		from broker.Requester
	}{{0, broker.Requester{Client: "press"}}, {1, broker.Requester{}}} {
		f := newInFlight(c.most)
		for range 20 {
			if _, err := f.take(c.from); err != nil {
				t.Error(err)
			}
		}
		if len(f.open) > 0 {
			t.Errorf("%+v is counted", c)
		}
	}
}

func TestNothingIsKeptOfAConnectionAtRest(t *testing.T) {
	f := newInFlight(10)
	end, err := f.take(broker.Requester{Client: "press"})
	if err != nil {
		t.Fatal(err)
	}
	if end(); len(f.open) > 0 {
		t.Errorf("%v is kept", f.open)
	}
}
