package server

import (
	"strings"
	"testing"
)

func TestAnAddressIsToldAsClientsCallIt(t *testing.T) {
	for _, c := range []struct{ listens, want string }{
		{"127.0.0.1:7070", "127.0.0.1:7070"},
		{"[::]:7070", "localhost:7070"},
		{"0.0.0.0:7070", "localhost:7070"},
		{"[::1]:7070", "[::1]:7070"},
		{"192.0.2.1:7070", "192.0.2.1:7070"},
	} {
		if got := Callable(c.listens); got != c.want {
			t.Errorf("%s is told as %s, want %s", c.listens, got, c.want)
		}
	}
}

func TestStoresOfArtifactsThatCanBeMeant(t *testing.T) {
	for _, c := range []struct {
		name  string
		set   func(*Config)
		wrong string
	}{
		{"its own", func(*Config) {}, ""},
		{"its own, by another address", func(c *Config) { c.S3URL = "https://drover.example.net/s3" }, ""},
		{"another", func(c *Config) { c.S3Endpoint, c.S3AccessKey, c.S3SecretKey = "https://s3.example.net/minio", "k", "s" }, ""},
		{"another without keys", func(c *Config) { c.S3Endpoint = "https://s3.example.net" }, "s3-endpoint"},
		{"no URL", func(c *Config) { c.S3Endpoint, c.S3AccessKey, c.S3SecretKey = "s3.example.net", "k", "s" }, "s3-endpoint"},
		{"a URL with a query", func(c *Config) { c.S3Endpoint, c.S3AccessKey, c.S3SecretKey = "http://s3.example.net?a", "k", "s" }, "s3-endpoint"},
		{"keys of no other", func(c *Config) { c.S3SecretKey = "s" }, "s3-access-key"},
		{"another, and an address of its own", func(c *Config) {
			c.S3Endpoint, c.S3AccessKey, c.S3SecretKey, c.S3URL = "https://s3.example.net", "k", "s", "http://h/s3"
		}, "s3-url"},
		{"an address that is none", func(c *Config) { c.S3URL = "h:7070" }, "s3-url"},
		{"documents of more than fits", func(c *Config) { c.S3Document = MostS3Document + 1 }, "s3-document"},
		{"documents of less than AWS allows", func(c *Config) { c.S3Document = 32767 }, "s3-document"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := Defaults()
			c.set(&cfg)
			err := cfg.Check()
			if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.HasPrefix(err.Error(), c.wrong+":")) {
				t.Errorf("answered %v, want %q", err, c.wrong)
			}
		})
	}
}
