package query

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

// press is a thing with something of everything.
func press(t testing.TB) Document {
	t.Helper()
	return Document{
		Thing: Thing{
			Name: "Press-07", UID: "a4b9f759", Type: "press", Version: 3,
			Attributes: map[string]string{"line": "A 1", "fw": "1.10", "size": "75", "city": "Größe", "empty": "", "a:b": "c", "on": "true"},
		},
		Groups: []string{"line-a", "EU"},
		Shadows: map[string]Shadow{
			"":    {Reported: object(t, `{"fw":"2.0","temp":60.0,"myvalues":[1,2,3],"on":true,"stats":{"battery":78},"mix":[10,"x",{"y":5}]}`), Delta: object(t, `{"fw":"3.0"}`)},
			"cfg": {Desired: object(t, `{"mode":"Eco"}`)},
		},
		Connection: &Connection{At: 1557651600000, Reason: "CONNECTION_LOST"},
	}
}

func object(t testing.TB, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestWhatAThingFits(t *testing.T) {
	long := strings.Repeat("x", 4000)
	for _, c := range []struct {
		name, query string
		want        bool
	}{
		{"everything", "*", true},
		{"not everything", "NOT *", false},
		{"a whole name", "thingName:press-07", true},
		{"a part of a name", "thingName:press", false},
		{"a beginning", "thingName:press*", true},
		{"an end", "thingName:*07", true},
		{"a middle", "thingName:*ss-0*", true},
		{"a character", "thingName:press-0?", true},
		{"a character is not none", "thingName:press-07?", false},
		{"a run may be none", "thingName:press-07*", true},
		{"runs", "thingName:p*s*-*7", true},
		{"runs that have to go back", "thingName:*s-07", true},
		{"a run too short", "thingName:*8", false},
		{"letters beyond ASCII, without case", "attributes.city:GRÖSSE OR attributes.city:GRÖẞE", true},
		{"one of them is one character", "attributes.city:gr??e", true},
		{"a text with white space is one value", `attributes.line:"a 1"`, true},
		{"its words are not", "attributes.line:a", false},
		{"the empty text", `attributes.empty:""`, true},
		{"the empty text is there", "attributes.empty:*", true},
		{"the type", "thingTypeName:press", true},
		{"the type by its other name", "registry.thingTypeName:press", true},
		{"an attribute with a colon", `attributes.a\:b:c`, true},
		{"a group", "thingGroupNames:line-a", true},
		{"another of them", "thingGroupNames:eu", true},
		{"none of them", "thingGroupNames:line-b", false},
		{"a missing field", "attributes.color:red", false},
		{"not a missing field", "NOT attributes.color:red", true},
		{"a missing field is not there", "attributes.color:*", false},
		{"a missing field has no range", "attributes.color<z", false},

		{"numbers compare as numbers", "attributes.size>9", true},
		{"within", "attributes.size:[75 TO 80]", true},
		{"not within", "attributes.size:{75 TO 80]", false},
		{"up to", "attributes.size:[70 TO 75]", true},
		{"below", "attributes.size:[70 TO 75}", false},
		{"at least", "attributes.size>=75", true},
		{"more than", "attributes.size>75", false},
		{"at most", "attributes.size<=75", true},
		{"less than", "attributes.size<75", false},
		{"a quoted number is a text", `attributes.size>"9"`, false},
		{"a version is a text in quotes", `attributes.fw<"1.9"`, true},
		{"and a number without", "attributes.fw<1.9", true},
		{"1.10 is less than 1.2", "attributes.fw<1.2", true},
		{"texts compare as text", `thingName:[o TO q]`, true},
		{"without case", `thingName:[PRESS-07 TO PRESS-07]`, true},
		{"a text and a number compare as text", "attributes.line>60", true},
		{"open below", "attributes.size:[* TO 75]", true},
		{"open above", "attributes.size:{75 TO *]", false},

		{"an attribute is equal as a text", "attributes.fw:1.1", false},
		{"written the same", "attributes.fw:1.10", true},
		{"a number of JSON is equal as a number", "shadow.reported.temp:60", true},
		{"however it is written", "shadow.reported.temp:6e1", true},
		{"its shortest form is its text", `shadow.reported.temp:"60"`, true},
		{"and no other", `shadow.reported.temp:"60.0"`, false},
		{"a text of JSON is equal as a text", "shadow.reported.fw:2", false},
		{"a number has characters", "shadow.reported.temp:6?", true},

		{"a boolean", "connectivity.connected:false", true},
		{"the other", "connectivity.connected:true", false},
		{"a time", "connectivity.timestamp:[1557651600000 TO 1557867600000]", true},
		{"a reason", "connectivity.disconnectReason:connection_lost", true},
		{"a version of the registry", "registry.version>=3", true},
		{"a delta", "shadow.hasDelta:true", true},
		{"no delta of a named shadow", "shadow.name.cfg.hasDelta:false", true},
		{"a shadow that is not there has none", "shadow.name.x.hasDelta:*", false},
		{"an element of an array", "shadow.reported.myvalues:2", true},
		{"no element of an array", "shadow.reported.myvalues:4", false},
		{"each element by itself", "shadow.reported.myvalues:1 shadow.reported.myvalues:3", true},
		{"a member of a member", "shadow.reported.stats.battery:{70 TO 100}", true},
		{"an object is there if a member is", "shadow.reported.stats:*", true},
		{"a name that begins the same is none of its members", "shadow.reported.stat:*", false},
		{"an object has no value", "shadow.reported.stats:78", false},
		{"a number in a mixed array", "shadow.reported.mix:10", true},
		{"a member of an object in an array", "shadow.reported.mix.y:5", true},
		{"a named shadow", "shadow.name.cfg.desired.mode:eco", true},
		{"of another section", "shadow.name.cfg.reported.mode:eco", false},
		{"the classic one has no such member", "shadow.desired.mode:eco", false},
		{"what differs", "shadow.delta.fw:3.0", true},

		{"any field", "connection_lost", true},
		{"any field, wildcards", "connection*", true},
		{"any field, a number", "78", true},
		{"any field, nothing", "connection", false},
		{"not any field", "-nowhere", true},
		{"a group of a field", "thingGroupNames:(line-* AND -line-b)", true},
		{"AND before OR", "nowhere AND nowhere OR press", true},
		{"parentheses", "nowhere AND (nowhere OR press)", false},
		{"NOT of a group", "NOT (nowhere OR eu)", false},
		{"a long value", "attributes.size:" + long, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := parse(t, c.query).Match(press(t).Entries()); got != c.want {
				t.Errorf("%s is %v", c.query, got)
			}
		})
	}
}

func TestAPatternGoesBackToItsLastRunOnly(t *testing.T) {
	p := parse(t, "thingName:"+strings.Repeat("*a", 1000)+"b").Terms()[0].Like
	if p.fits(strings.Repeat("a", 8000)) {
		t.Error("a text without b fits")
	}
}

func TestTextsThatDifferInCaseAlone(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		same       bool
	}{
		{"ASCII", "Press", "pRESS", true},
		{"beyond", "GRÖẞE", "größe", true},
		{"Greek has two small letters for one", "ΣΑΣ", "σας", true},
		{"the sign for kelvin is a letter", "\u212A", "k", true},
		{"Turkish has letters of its own", "ı", "i", false},
		{"its capital too", "İ", "i", false},
		{"accents count", "e", "é", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if (fold(c.a) == fold(c.b)) != c.same || strings.EqualFold(c.a, c.b) != c.same {
				t.Errorf("%q and %q fold to %q and %q", c.a, c.b, fold(c.a), fold(c.b))
			}
		})
	}
}

func TestWhatReadsAsANumber(t *testing.T) {
	for _, c := range []struct {
		text    string
		numeric bool
		number  float64
	}{
		{"75", true, 75},
		{"-1.5", true, -1.5},
		{"+3", true, 3},
		{"1e3", true, 1000},
		{".5", true, 0.5},
		{"-0", true, 0},
		{"1e400", false, 0},
		{"0x10", false, 0},
		{"1_000", false, 0},
		{"inf", false, 0},
		{"NaN", false, 0},
		{"e", false, 0},
		{"1.2.3", false, 0},
		{"", false, 0},
		{" 1", false, 0},
	} {
		t.Run(c.text, func(t *testing.T) {
			if v := TextValue(c.text); v.Numeric != c.numeric || v.Number != c.number {
				t.Errorf("is %+v", v)
			}
		})
	}
}

func TestNumbersOfJSONInTheirShortestForm(t *testing.T) {
	for literal, want := range map[string]string{
		"10": "10", "10.0": "10", "1e1": "10", "-0": "0", "-0.0": "0", "0.5": "0.5", "1557651600000": "1557651600000",
		"1e-7": "1e-7", "0.00000000012": "1.2e-10", "1e21": "1e+21", "12345678901234567890": "12345678901234567000",
	} {
		if got := numberValue(literal); got.Text != want || got.Kind != Number {
			t.Errorf("%s is %+v, want %s", literal, got, want)
		}
	}
	if got := numberValue("1e400"); got.Kind != Text || got.Numeric {
		t.Errorf("what is too large is %+v", got)
	}
}

func TestFoldingIsWhatEqualFoldSays(t *testing.T) {
	for r := rune(1); r <= unicode.MaxRune; r++ {
		f := foldRune(r)
		if foldRune(f) != f || r != f && !strings.EqualFold(string(r), string(f)) {
			t.Fatalf("%U folds to %U", r, f)
		}
		if next := unicode.SimpleFold(r); foldRune(next) != f {
			t.Fatalf("%U and %U differ in case alone and fold to %U and %U", r, next, f, foldRune(next))
		}
	}
}
