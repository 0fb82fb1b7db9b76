package awsapi

// Shaped is a struct of the wire that knows its shape: a request, or a
// structure inside one.
type Shaped interface{ Shape() Shape }

// Shape lists the members of a structure. Each row but those that are not
// built stands for the struct field whose json tag bears its name. Members
// are checked in this order, and the first that does not fit is the one
// that the answer names.
type Shape []Member

// Member is one member of a structure: where it travels and what it may be.
type Member struct {
	Name string
	In   Place
	// As is the name of the query parameter or header where it differs.
	As       string
	Required bool
	// Text says that an integer may come as a string of digits, a boolean
	// as the string "true" or "false". spec: device-api.md#3-common-request-and-answer-rules
	Text bool
	// NotBuilt refuses the member if it is sent. It has no field.
	NotBuilt bool
	// Extension is a member of a body that AWS does not have: routes of
	// [HandleExtended] read it, all others refuse it if it is sent.
	Extension bool
	// Elsewhere refuses an extension that another operation takes, which it
	// names by method and path. It has no field.
	Elsewhere string
	Rule      Rule
}

// Place is where a member travels. In a device's MQTT payload only labels
// keep theirs: they come from the topic, and all else is in the payload.
type Place uint8

// The places.
const (
	Body    Place = iota // the JSON object
	Path                 // a label of the path, or of the topic
	Query                // the query string
	Header               // a header; Host is what the client called, Caller who it is
	Payload              // the payload of an MQTT request, never HTTP
	Whole                // the whole body as it is, whatever it is; its field is a []byte
)

// Rule is what a value may be; the zero Rule allows every value of its type.
type Rule struct {
	Length  Span    // of a string, in code points
	Pattern Pattern // of a string
	Enum    []string
	// Or is a string that is allowed whatever the other rules say.
	Or string
	// NotPrefix is how a string may not begin, in any case of letters.
	NotPrefix string

	Range Span // of an integer; of a Decimal in units of its last digit
	// Limit names the upper end of Range, or of Pairs if the rule is of a map,
	// if nodes may set it.
	Limit Limit
	// Also is an integer that is allowed outside Range, if not zero.
	Also int64
	// Digits is how many decimals a Decimal may have.
	Digits int

	List  Span  // how many items a list has
	Pairs Span  // how many pairs a map has
	Key   *Rule // each key of a map
	Item  *Rule // each item of a list, each value of a map
}

// Limit is the name of an upper end that a node may set otherwise than its rule
// does.
type Limit string

// Limits are the upper ends that a node has set; all others stay as the rules
// have them.
type Limits map[Limit]int64

// within is the rule with the upper end that the node has set.
func (r Rule) within(l Limits) Rule {
	switch most, ok := l[r.Limit]; {
	case !ok:
	case r.Key != nil:
		r.Pairs.Max = most
	default:
		r.Range.Max = most
	}
	return r
}

// Span is a range with both ends in it; without Max it has no upper end.
type Span struct{ Min, Max int64 }

// holds tells whether n is in s.
func (s Span) holds(n int64) bool { return n >= s.Min && (s.Max == 0 || n <= s.Max) }

// isSet tells whether s bounds anything.
func (s Span) isSet() bool { return s != Span{} }
