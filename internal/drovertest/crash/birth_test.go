package crash

import (
	"os"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// TestANodeKilledAtItsBirthIsBornAgain kills nodes while they make their
// database. Nothing was acknowledged yet; what is held is that the folder is
// good for a node.
func TestANodeKilledAtItsBirthIsBornAgain(t *testing.T) {
	for range *kills {
		tr := &trial{t: &witness{T: t, seen: map[string]int{}}, dir: t.TempDir()}
		tr.rand = tr.random()
		n, err := launch(tr.dir)
		if err != nil {
			t.Fatalf("launch the node: %v", err)
		}
		tr.written("drover.db")
		tr.pause(10 * time.Millisecond)
		tr.must("kill the node", n.end(os.Kill))
		if n, err = start(tr.dir); err != nil {
			t.Fatalf("start the node: %v", err)
		}
		tr.must("register a thing", n.call(iot.CreateThing, iot.CreateThingRequest{ThingName: "press"}, nil))
		tr.must("kill the node", n.end(os.Kill))
		tr.must("look at the database", tr.auditFile(tr.dir, always))
	}
}
