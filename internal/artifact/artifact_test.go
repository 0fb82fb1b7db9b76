package artifact

import (
	"strings"
	"testing"
)

func TestURLsOfObjects(t *testing.T) {
	const base = "http://drover.example.net:7070/s3"
	for _, c := range []struct {
		name, url string
		want      Location
		refused   string
	}{
		{"what cannot be a bucket", "https://s3.amazonaws.com/fw/a/b.bin", Location{}, "names no bucket"},
		{"the bucket in the path, of any region", "https://s3.amazonaws.com/firmware/a/b.bin", Location{"firmware", "a/b.bin", ""}, ""},
		{"with a region", "https://s3.eu-central-1.amazonaws.com/firmware/k", Location{"firmware", "k", ""}, ""},
		{"with a region, as it was once written", "https://s3-eu-central-1.amazonaws.com/firmware/k", Location{"firmware", "k", ""}, ""},
		{"the bucket in the host", "https://firmware.s3.amazonaws.com/k", Location{"firmware", "k", ""}, ""},
		{"the bucket in the host, with a region", "https://firmware.s3.us-gov-west-1.amazonaws.com/a/k", Location{"firmware", "a/k", ""}, ""},
		{"a bucket with dots in the host", "https://fw.example.net.s3.us-east-1.amazonaws.com/k", Location{"fw.example.net", "k", ""}, ""},
		{"a version", "https://s3.amazonaws.com/firmware/k?versionId=3%2F4", Location{"firmware", "k", "3/4"}, ""},
		{"a key is decoded once", "https://s3.amazonaws.com/firmware/a%2Fb%2525+c", Location{"firmware", "a/b%25+c", ""}, ""},
		{"no key", "https://s3.amazonaws.com/firmware", Location{"firmware", "", ""}, ""},
		{"our own", base + "/firmware/a%20b", Location{"firmware", "a b", ""}, ""},
		{"our own, with a version", base + "/firmware/k?versionId=1", Location{"firmware", "k", "1"}, ""},
		{"something else of ours", "http://drover.example.net:7070/jobs/firmware/k", Location{}, "is not the URL of an object"},
		{"of another host", "https://files.example.net/firmware/k", Location{}, "is not the URL of an object"},
		{"a host that only ends so", "https://s3.amazonaws.com.example.net/firmware/k", Location{}, "is not the URL of an object"},
		{"another service", "https://iot.us-east-1.amazonaws.com/firmware/k", Location{}, "is not the URL of an object"},
		{"without TLS", "http://s3.amazonaws.com/firmware/k", Location{}, "is not the URL of an object"},
		{"more of a query", "https://s3.amazonaws.com/firmware/k?acl", Location{}, "has more than a bucket"},
		{"a password", "https://a:b@s3.amazonaws.com/firmware/k", Location{}, "is not the URL of an object"},
		{"a key that is too long", "https://s3.amazonaws.com/firmware/" + strings.Repeat("k", MostKey+1), Location{}, "at most 1024 bytes"},
		{"a key that is no UTF-8", "https://s3.amazonaws.com/firmware/%ff", Location{}, "UTF-8"},
		{"no URL", "%", Location{}, "is not the URL of an object"},
		{"nothing", "", Location{}, "is not the URL of an object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := locate(c.url, base)
			switch {
			case c.refused == "" && (err != nil || got != c.want):
				t.Errorf("located %+v, %v; want %+v", got, err, c.want)
			case c.refused != "" && (As(err) == nil || !strings.Contains(err.Error(), c.refused)):
				t.Errorf("answered %v, want a refusal with %q", err, c.refused)
			}
		})
	}
}

// FuzzLocate: what a URL names can be asked for by a URL that names the same.
func FuzzLocate(f *testing.F) {
	for _, url := range []string{"https://s3.amazonaws.com/firmware/a/b", "https://b-1.s3.amazonaws.com/%25?versionId=1", "http://h/s3/firmware/%2e%2e/%2F"} {
		f.Add(url)
	}
	s := NewSigner(Endpoint{URL: "http://h/s3"})
	f.Fuzz(func(t *testing.T, url string) {
		l, err := locate(url, "http://h/s3")
		if err != nil {
			if As(err) == nil {
				t.Fatalf("%q: %v", url, err)
			}
			return
		}
		if again, err := locate(s.URL(l), "http://h/s3"); err != nil || again != l {
			t.Fatalf("%q is %+v, whose URL %s is %+v, %v", url, l, s.URL(l), again, err)
		}
	})
}

func TestNamesOfBuckets(t *testing.T) {
	for name, ok := range map[string]bool{
		"firmware": true, "a.b-c": true, "123": true, strings.Repeat("a", 63): true,
		"": false, "ab": false, "Firmware": false, "a_b": false, "-ab": false, "ab.": false, "a..b": false, "..": false, "1.2.3.4": false,
		"a/b": false, "a\x00b": false, strings.Repeat("a", 64): false,
	} {
		if got := CheckBucket(name) == nil; got != ok {
			t.Errorf("%q is taken: %v, want %v", name, got, ok)
		}
	}
}
