package awsapi

import (
	"net"
	"net/http"
	"strings"
)

// serviceOf tells which service a request means: by the scope of its
// signature, else by its host, else the control plane. The signature is not
// verified here. spec: wire-protocol.md#1-services-hosts-signing
func serviceOf(r *http.Request) Service {
	if s, ok := serviceOfScope(credential(r)); ok {
		return s
	}
	return serviceOfHost(strings.ToLower(r.Host))
}

// credential is what the request says signed it:
// {key}/{date}/{region}/{service}/aws4_request.
func credential(r *http.Request) string {
	const field = "Credential="
	auth := r.Header.Get("Authorization")
	if _, after, ok := strings.Cut(auth, field); ok {
		scope, _, _ := strings.Cut(after, ",")
		return strings.TrimSpace(scope)
	}
	if strings.Contains(r.URL.RawQuery, "X-Amz-Credential") {
		return r.URL.Query().Get("X-Amz-Credential")
	}
	return ""
}

// serviceOfScope reads the service from the end of a credential: a key may
// hold slashes.
func serviceOfScope(credential string) (s Service, ok bool) {
	part := strings.Split(credential, "/")
	if len(part) < 5 || part[len(part)-1] != "aws4_request" {
		return IoT, false
	}
	switch part[len(part)-2] {
	case "iot":
		return IoT, true
	case "iot-jobs-data":
		return JobsData, true
	case "iotdata", "iotdevicegateway":
		return Data, true
	}
	return IoT, false
}

func serviceOfHost(host string) Service {
	first, rest, _ := strings.Cut(host, ".")
	switch {
	case strings.HasPrefix(rest, "jobs.iot."):
		return JobsData
	case strings.HasPrefix(rest, "iot.") && (strings.HasPrefix(first, "data") || strings.HasSuffix(first, "-ats")):
		return Data
	}
	return IoT
}

// Caller is the name of the header, which no client can send, that holds who
// called.
const Caller = "(caller)"

// callerOf is who called, as far as is known: the access key that the request
// says signed it, which nobody has verified, else the address that it came from.
func callerOf(r *http.Request) string {
	if key, _, ok := strings.Cut(credential(r), "/"); ok && isAccessKey(key) {
		return key
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// isAccessKey tells whether text may be the id of an access key.
func isAccessKey(text string) bool {
	const most = 128
	return len(text) <= most && AccessKeyPattern.match(text)
}
