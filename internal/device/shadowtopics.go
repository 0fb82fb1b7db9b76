package device

import (
	"strings"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iotdata"
)

// shadowTopic is a request's topic below $aws/things/{thing}/shadow/ taken
// apart. Names are as published, not checked.
type shadowTopic struct {
	verb  string // get, update or delete
	thing string
	name  string // "" if it is of the classic shadow
	named bool
}

const (
	shadowLevel = "/shadow/"
	nameLevel   = "name/"
)

// shadowOperation is what a verb asks for: its twin over HTTPS.
func shadowOperation(verb string) (awsapi.Operation, bool) {
	switch verb {
	case "get":
		return iotdata.GetThingShadow, true
	case "update":
		return iotdata.UpdateThingShadow, true
	case "delete":
		return iotdata.DeleteThingShadow, true
	default:
		return awsapi.Operation{}, false
	}
}

// parseShadow takes a topic apart; ok is false for one that asks for nothing.
func parseShadow(published string) (t shadowTopic, ok bool) {
	rest, ok := strings.CutPrefix(published, things)
	if !ok {
		return t, false
	}
	t.thing, rest, _ = strings.Cut(rest, "/")
	if rest, ok = strings.CutPrefix(rest, shadowLevel[1:]); !ok {
		return t, false
	}
	if below, named := strings.CutPrefix(rest, nameLevel); named {
		t.name, rest, _ = strings.Cut(below, "/")
		t.named = true
	}
	t.verb = rest
	_, ok = shadowOperation(rest)
	return t, ok
}

// shadowPatterns are the topics of requests.
func shadowPatterns() []string {
	var patterns []string
	for _, verb := range []string{"get", "update", "delete"} {
		patterns = append(patterns, things+"{}"+shadowLevel+verb, things+"{}"+shadowLevel+nameLevel+"{}/"+verb)
	}
	return patterns
}

// shadowNames checks the names of topics.
type shadowNames struct {
	classic awsapi.Decoder[iotdata.ClassicShadow]
	named   awsapi.Decoder[iotdata.NamedShadow]
}

func newShadowNames() shadowNames {
	return shadowNames{awsapi.NewDecoder[iotdata.ClassicShadow](), awsapi.NewDecoder[iotdata.NamedShadow]()}
}

func (n shadowNames) check(t shadowTopic) error {
	label := func(name string) string {
		if name == "shadowName" {
			return t.name
		}
		return t.thing
	}
	if t.named {
		_, err := n.named.Message(label, nil)
		return err
	}
	_, err := n.classic.Message(label, nil)
	return err
}
