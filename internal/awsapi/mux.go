package awsapi

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
)

// MuxConfig is what a Mux serves.
type MuxConfig struct {
	// Routes are the operations that are built, of all services. Every other
	// operation of the index is refused by name.
	Routes []Route
	// Extended are routes of operations that AWS does not have, and the index
	// neither.
	Extended []Route
	// Beside are handlers of the same port that are no AWS operations, by
	// their ServeMux patterns.
	Beside map[string]http.Handler
	// Admit refuses a request before anything else is done; nil if none is
	// refused. The error is a fault.Error.
	Admit func(*http.Request) error
	// Spend is asked of each request to an operation, before it is read,
	// whether the quota of the operation allows one more; nil if there are
	// none. The error is a fault.Error.
	Spend func(Operation) error
	// Served is told of each request to an operation after it was answered;
	// nil if nobody asks.
	Served func(*http.Request, Served)
}

// Served is what became of one request.
type Served struct {
	Operation Operation // without a name if there is no such operation
	RequestID string    // as the client was told
	Status    int
	Err       error // why it was not 200; in full, unlike what the client reads
	Took      time.Duration
}

// Mux is the HTTP door of the AWS services. Paths that two services share go
// to the service that the request means. It never redirects: a signature
// covers the path as it was sent.
type Mux struct {
	mux     *http.ServeMux
	bodies  budget
	answers budget
	admit   func(*http.Request) error
	spend   func(Operation) error
	served  func(*http.Request, Served)
}

// NewMux makes a Mux. It panics on two routes of one operation and on
// patterns that collide.
func NewMux(cfg MuxConfig) *Mux {
	m := &Mux{mux: http.NewServeMux(), admit: cfg.Admit, spend: cfg.Spend, served: cfg.Served}
	if m.served == nil {
		m.served = func(*http.Request, Served) {}
	}
	if m.spend == nil {
		m.spend = func(Operation) error { return nil }
	}
	if m.admit == nil {
		m.admit = func(*http.Request) error { return nil }
	}
	for pattern, routes := range byPattern(cfg.Routes) {
		m.mux.HandleFunc(pattern, m.choose(routes))
	}
	for _, r := range cfg.Extended {
		m.mux.HandleFunc(r.Operation.Method+" "+r.Operation.Path, m.choose([]Route{r}))
	}
	for pattern, h := range cfg.Beside {
		m.mux.Handle(pattern, h)
	}
	if _, taken := cfg.Beside["/"]; !taken {
		m.mux.HandleFunc("/", m.unknown)
	}
	return m
}

// byPattern gathers the routes of each method and path, at most one a
// service, for every operation of the index. The slashes of a topic may be
// encoded or not. spec: device-api.md#99-custom-authorizers-https-publish
func byPattern(routes []Route) map[string][]Route {
	built := map[string]Route{}
	for _, r := range routes {
		key := r.Operation.Service.String() + " " + r.Operation.Name
		if _, twice := built[key]; twice {
			panic("awsapi: two routes for " + key)
		}
		built[key] = r
	}
	gathered := map[string][]Route{}
	for _, op := range operations {
		r, ok := built[op.Service.String()+" "+op.Name]
		if !ok {
			r = Refuse(op)
		}
		pattern := op.Method + " " + strings.Replace(op.Path, "{topic}", "{topic...}", 1)
		gathered[pattern] = append(gathered[pattern], r)
	}
	return gathered
}

// ServeHTTP implements http.Handler.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := m.admit(r); err != nil {
		m.refuse(w, r, err)
		return
	}
	r = withoutDoubledSlash(r)
	if !isClean(r.URL.EscapedPath()) {
		m.unknown(w, r)
		return
	}
	m.mux.ServeHTTP(w, r)
}

// withoutDoubledSlash makes one slash of those that a path begins with: a
// custom endpoint that ends in a slash doubles it.
// spec: wire-protocol.md#5-how-the-dart-client-sends-updatejob-the-founding-method
func withoutDoubledSlash(r *http.Request) *http.Request {
	sent := r.URL.EscapedPath()
	extra := len(sent) - len(strings.TrimLeft(sent, "/")) - 1
	if extra < 1 {
		return r
	}
	clean, u := *r, *r.URL
	u.Path = u.Path[extra:]
	if u.RawPath != "" {
		u.RawPath = u.RawPath[extra:]
	}
	clean.URL = &u
	return &clean
}

// isClean tells whether a ServeMux takes the path as it is; any other it
// would answer with a redirect.
func isClean(path string) bool {
	if !strings.HasPrefix(path, "/") {
		return false
	}
	for segment := range strings.SplitSeq(strings.TrimSuffix(path[1:], "/"), "/") {
		if segment == "." || segment == ".." || segment == "" && path != "/" {
			return false
		}
	}
	return true
}

// choose serves the route of the service that the request means; a path that
// one service has alone is its own.
func (m *Mux) choose(routes []Route) http.HandlerFunc {
	if len(routes) == 1 {
		return func(w http.ResponseWriter, r *http.Request) { m.serve(w, r, routes[0]) }
	}
	return func(w http.ResponseWriter, r *http.Request) {
		chosen := routes[0] // the control plane's, which the index lists first
		if serviceOf(r) != IoT {
			chosen = routes[1]
		}
		m.serve(w, r, chosen)
	}
}

// serve answers one request to an operation.
func (m *Mux) serve(w http.ResponseWriter, r *http.Request, route Route) {
	if r.Method != route.Operation.Method { // HEAD, which a ServeMux takes for GET
		m.unknown(w, r)
		return
	}
	began := clock.Wall()
	s := Served{Operation: route.Operation, RequestID: uuid.NewString(), Status: http.StatusOK}
	w.Header().Set("X-Amzn-Requestid", s.RequestID)
	in := limited(w, r, route.Operation.Service.bodyLimit(), &m.bodies)
	defer in.end()
	var answer Answer
	if s.Err = m.spend(route.Operation); s.Err == nil {
		answer, s.Err = guarded(r, route)
	}
	in.share.end() // what is left to do may take as long as the client likes
	if s.Err == nil {
		s.Err = m.send(w, answer)
	}
	if s.Err != nil {
		s.Status = WriteError(w, route.Operation, s.Err)
	}
	s.Took = clock.Wall().Sub(began)
	m.served(r, s)
}

// send answers 200, unless all answers together take too much.
func (m *Mux) send(w http.ResponseWriter, a Answer) error {
	if counted := int64(len(a.Body) - freeBytes); counted > 0 {
		out := m.answers.share(func() {
			_ = http.NewResponseController(w).SetWriteDeadline(clock.Wall()) // if it fails, the client has gone
		})
		if err := out.grow(counted); err != nil {
			return err
		}
		defer out.end()
	}
	if a.ETag != "" {
		w.Header().Set("ETag", a.ETag)
	}
	write(w, http.StatusOK, a.Body)
	return nil
}

// guarded turns a panic into an internal error: one request may not take the
// node with it.
func guarded(r *http.Request, route Route) (a Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("serve %s: panic: %v\n%s", route.Operation.Name, p, debug.Stack())
		}
	}()
	return route.Serve(r)
}

// unknown answers a method and path that no operation has.
// spec: wire-protocol.md#3-errors-on-http
func (m *Mux) unknown(w http.ResponseWriter, r *http.Request) {
	m.refuse(w, r, fault.New(fault.UnknownOperation, "No operation %s %s", clip(r.Method), clip(r.URL.Path)))
}

// refuse answers a request without asking which operation it is to.
func (m *Mux) refuse(w http.ResponseWriter, r *http.Request, err error) {
	began := clock.Wall()
	s := Served{RequestID: uuid.NewString(), Operation: Operation{Service: serviceOf(r)}, Err: err}
	w.Header().Set("X-Amzn-Requestid", s.RequestID)
	s.Status = WriteError(w, s.Operation, s.Err)
	s.Took = clock.Wall().Sub(began)
	m.served(r, s)
}
