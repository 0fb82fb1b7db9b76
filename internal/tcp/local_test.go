package tcp

import "testing"

func TestLoopbackIsOfThisMachineAlone(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"0.0.0.0": false, "::": false, "192.0.2.1": false, "::ffff:192.0.2.1": false, "localhost": false, "": false,
	} {
		if got := Local(host); got != want {
			t.Errorf("Local(%q) = %v", host, got)
		}
	}
}
