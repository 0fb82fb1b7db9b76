package server

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/drover-iot/drover/internal/fault"
)

// This file keeps web pages out. A browser on the machine of a node sends what
// any page tells it to, also to loopback. SDKs and devices are no browsers.

// admit refuses a request that a page of another site may have sent.
func (n *Node) admit(r *http.Request) error {
	if !n.cfg.Insecure && !cannotBeBorrowed(r.Host) {
		return fault.New(fault.Forbidden, "This node is for its own machine and does not go by the name '%s': "+
			"call it by an address or localhost, or run it with --insecure", clip(r.Host, longestText))
	}
	if origin, foreign := foreignOrigin(r); foreign {
		return fault.New(fault.Forbidden, "This node takes no requests from web pages of another site: Origin is '%s', Host is '%s'",
			clip(origin, longestText), clip(r.Host, longestText))
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return fault.New(fault.Forbidden, "This node takes no requests from web pages of another site: Sec-Fetch-Site is cross-site")
	}
	return nil
}

// cannotBeBorrowed tells whether no stranger can have made the name of host
// point to loopback: an address, a name without a dot, and one in a domain where
// nobody registers names.
func cannotBeBorrowed(host string) bool {
	name := nameOf(host)
	if _, err := netip.ParseAddr(name); err == nil || !strings.Contains(name, ".") {
		return true
	}
	return slices.ContainsFunc([]string{".localhost", ".internal", ".test", ".amazonaws.com", ".amazonaws.com.cn"},
		func(domain string) bool { return strings.HasSuffix(name, domain) })
}

// nameOf is a host without its port.
func nameOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// foreignOrigin is an origin of r that is not the host which it was sent to.
func foreignOrigin(r *http.Request) (origin string, foreign bool) {
	for _, origin := range r.Header.Values("Origin") {
		if !isOrigin(origin, r.Host) {
			return origin, true
		}
	}
	return "", false
}

// isOrigin tells whether origin is that of pages on host. The scheme may
// differ: something in front of the node may speak TLS.
func isOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	port := ":80"
	if u.Scheme == "https" {
		port = ":443"
	}
	return strings.EqualFold(strings.TrimSuffix(u.Host, port), strings.TrimSuffix(host, port))
}

// onlyHere serves whoever is on this machine and calls it so, and no web page,
// of whatever site.
func onlyHere(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := nameOf(r.Host)
		ip, err := netip.ParseAddr(name)
		switch {
		case name != "localhost" && (err != nil || !ip.IsLoopback()):
			http.Error(w, "profiles are served to localhost alone, by that name or a loopback address", http.StatusForbidden)
		case r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") == "cross-site":
			http.Error(w, "profiles are served to no web page", http.StatusForbidden)
		default:
			h.ServeHTTP(w, r)
		}
	})
}
