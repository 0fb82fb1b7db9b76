package job

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
)

func TestPlaceholdersAreFoundInValuesFromFrontToBack(t *testing.T) {
	for _, c := range []struct {
		name, doc string
		want      []Placeholder
	}{
		{"none", `{"a":"${HOME}","b":1}`, nil},
		{"one, in text", `"see ${aws:iot:s3-presigned-url:https://s3.amazonaws.com/b/k}."`, []Placeholder{{PresignedGet, "https://s3.amazonaws.com/b/k", false}}},
		{"several in a string", `["${aws:iot:a:1}${aws:iot:b:2}"]`, []Placeholder{{"a", "1", false}, {"b", "2", false}}},
		{"in several strings", `["${aws:iot:a:1}",{"x":"${aws:iot:b:2}"}]`, []Placeholder{{"a", "1", true}, {"b", "2", true}}},
		{"with variables within", `["${aws:iot:a:x${thingName}y${jobId}}"]`, []Placeholder{{"a", "x${thingName}y${jobId}", true}}},
		{"with one of ours within", `["${aws:iot:a:${aws:iot:b:1}}"]`, []Placeholder{{"a", "${aws:iot:b:1}", true}}},
		{"within other text that is open", `"${HOME ${aws:iot:a:1}"`, []Placeholder{{"a", "1", false}}},
		{"with escapes of JSON", `"${aws:iot:a:https:\/\/h\u0041}"`, []Placeholder{{"a", "https://hA", true}}},
		{"without a colon", `"${aws:iot:a}"`, []Placeholder{{"a", "", true}}},
		{"not in names", `{"${aws:iot:a:1}" : "x"}`, nil},
		{"not if it is open", `"${aws:iot:a:1"`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := slices.Collect(placeholders([]byte(c.doc))); !slices.Equal(got, c.want) {
				t.Errorf("found %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestADocumentIsFilled(t *testing.T) {
	with := func(p Placeholder) (Value, error) {
		switch p.Kind {
		case "a":
			return Text(`<"` + p.Rest + `&\`), nil
		case "object":
			return Object(map[string]string{"k": `<"&`}), nil
		case "nothing":
			return Text(""), nil
		}
		return Value{}, nil
	}
	for _, c := range []struct{ name, doc, want string }{
		{"what is filled stands in JSON, <, > and & as they are", `{"u":"${aws:iot:a:1}"}`, `{"u":"<\"1&\\"}`},
		{"all else keeps its bytes", ` { "n" : 1.10 , "u":"x${aws:iot:a:1}y\u0041", "${aws:iot:a:2}": [] } `, ` { "n" : 1.10 , "u":"x<\"1&\\y\u0041", "${aws:iot:a:2}": [] } `},
		{"a kind that is not resolved stays", `["${aws:iot:b:1}","${aws:iot:a:2}"]`, `["${aws:iot:b:1}","<\"2&\\"]`},
		{"what is put in is not filled in its turn", `["${aws:iot:a:${aws:iot:a:1}}"]`, `["<\"${aws:iot:a:1}&\\"]`},
		{"nothing may stand in its place", `["x${aws:iot:nothing:1}y${aws:iot:nothing:2}"]`, `["xy"]`},
		{"an object takes the place of the string, <, > and & as they are", `{"u" : "${aws:iot:object:1}" }`, `{"u" : {"k":"<\"&"} }`},
		{"an object stands in no text", `["x${aws:iot:object:1}","${aws:iot:object:1}${aws:iot:object:1}"]`, `["x${aws:iot:object:1}","${aws:iot:object:1}${aws:iot:object:1}"]`},
		{"without any, it is the same", `[1,"a"]`, `[1,"a"]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Fill([]byte(c.doc), with)
			if err != nil || string(got) != c.want {
				t.Errorf("got %s, %v; want %s", got, err, c.want)
			}
		})
	}
	broken := errors.New("broken")
	if _, err := Fill([]byte(`"${aws:iot:a:1}"`), func(Placeholder) (Value, error) { return Value{}, broken }); !errors.Is(err, broken) {
		t.Errorf("an error of whoever fills is answered with %v", err)
	}
}

// FuzzFill: what is filled stays JSON, and placeholders that nobody resolves
// stay as they are, byte by byte.
func FuzzFill(f *testing.F) {
	for _, doc := range []string{`{"a":["${aws:iot:parameter:k}"]}`, `"\"${aws:iot:x"`, `"${aws:iot:a\\}"`, `"${aws:iot:\u00}"`, `{"${aws:iot:a}":"}"}`} {
		f.Add([]byte(doc), `"\`)
	}
	f.Fuzz(func(t *testing.T, doc []byte, value string) {
		if !json.Valid(doc) {
			return
		}
		filled, err := Fill(doc, func(Placeholder) (Value, error) { return Text(value), nil })
		if err != nil || !json.Valid(filled) {
			t.Fatalf("%q became %q, %v", doc, filled, err)
		}
		objects, err := Fill(doc, func(Placeholder) (Value, error) { return Object(map[string]string{value: value}), nil })
		if err != nil || !json.Valid(objects) {
			t.Fatalf("%q became %q, %v", doc, objects, err)
		}
		if kept, _ := Fill(doc, func(Placeholder) (Value, error) { return Value{}, nil }); string(kept) != string(doc) {
			t.Fatalf("%q became %q", doc, kept)
		}
	})
}
