package control

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"regexp"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
)

// Clock is the endpoints of the clock, by ServeMux pattern.
func (d *Door) Clock() map[string]http.Handler {
	return map[string]http.Handler{
		"GET /drover/v1/clock":          http.HandlerFunc(d.getClock),
		"POST /drover/v1/clock/advance": http.HandlerFunc(d.advanceClock),
	}
}

// advance is the operation behind POST /drover/v1/clock/advance, for its
// errors: they look like those of the control plane.
var advance = awsapi.Operation{
	Name: "AdvanceClock", Service: awsapi.IoT,
	Errors: awsapi.InvalidRequest | awsapi.InvalidStateTransition | awsapi.ServiceUnavailable,
}

// clockAnswer is where the node's clock stands.
type clockAnswer struct {
	Now     time.Time `json:"now"`
	Virtual bool      `json:"virtual"`
}

func (d *Door) getClock(w http.ResponseWriter, _ *http.Request) {
	answerClock(w, clockAnswer{d.engine.Now(), d.engine.Virtual()})
}

// advanceClock moves a virtual clock by {"by":"10m"} and answers when nothing
// is due any more.
func (d *Door) advanceClock(w http.ResponseWriter, r *http.Request) {
	began := clock.Wall()
	s := awsapi.Served{Operation: advance, RequestID: awsapi.NewRequestID(), Status: http.StatusOK}
	w.Header().Set("X-Amzn-Requestid", s.RequestID)
	var now time.Time
	if now, s.Err = d.advance(w, r); s.Err != nil {
		s.Status = awsapi.WriteError(w, advance, s.Err)
	} else {
		answerClock(w, clockAnswer{now, true})
	}
	s.Took = clock.Wall().Sub(began)
	d.served(r, s)
}

func (d *Door) advance(w http.ResponseWriter, r *http.Request) (time.Time, error) {
	by, err := readAdvance(http.MaxBytesReader(w, r.Body, 1<<10))
	if err != nil {
		return time.Time{}, err
	}
	// A week of due work may take longer than an answer usually may.
	if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err != nil {
		return time.Time{}, err
	}
	return d.engine.Advance(r.Context(), by)
}

func answerClock(w http.ResponseWriter, a clockAnswer) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(a) // the client has gone; there is nobody to tell
}

// readAdvance reads how far a clock is to move.
func readAdvance(body io.Reader) (time.Duration, error) {
	var in struct {
		By *string `json:"by"`
	}
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return 0, fault.Wrap(fault.InvalidRequest, err, `Body must be a JSON object such as {"by":"10m"}`)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return 0, fault.New(fault.InvalidRequest, `Body must be one JSON object such as {"by":"10m"}`)
	}
	if in.By == nil {
		return 0, fault.New(fault.InvalidRequest, "Value null at 'by' is not allowed: it must be a duration such as 10m")
	}
	return parseAdvance(*in.By)
}

// parseAdvance reads a duration, and says of one that is written well and too
// long that it is: more than 292 years do not fit.
func parseAdvance(text string) (time.Duration, error) {
	by, err := time.ParseDuration(text)
	switch {
	case err != nil && tooLong.MatchString(text):
		return 0, fault.New(fault.InvalidRequest, "Value '%s' at 'by' is too long: the most is %s", text, time.Duration(math.MaxInt64).Truncate(time.Hour))
	case err != nil || by <= 0:
		return 0, fault.New(fault.InvalidRequest, "Value '%s' at 'by' must be a positive duration such as 2h1m30s", text)
	}
	return by, nil
}

// tooLong is a duration that time.ParseDuration refuses only for its size.
var tooLong = regexp.MustCompile(`^\+?([0-9]+(\.[0-9]*)?(ns|us|µs|μs|ms|s|m|h))+$`)
