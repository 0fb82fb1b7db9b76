package fault

import "testing"

func TestAMessageRepeatsTheBeginningOfWhatIsLong(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"as it is", "short", "short"},
		{"no longer than may be", "12345678", "12345678"},
		{"longer", "123456789", "12345678..."},
		{"cut within a character", "1234567\u00e9", "1234567..."},
		{"not UTF-8", "a\xffb", "a?b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Clip(c.text, 8); got != c.want {
				t.Errorf("it is %q, want %q", got, c.want)
			}
		})
	}
}
