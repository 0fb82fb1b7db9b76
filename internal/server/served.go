package server

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/device"
	"github.com/drover-iot/drover/internal/fault"
)

// servedOverHTTP counts a request, and logs it: one line for each request of
// the control plane, none for one of the device plane unless it failed.
func (n *Node) servedOverHTTP(r *http.Request, s awsapi.Served) {
	answered := overHTTPAs(r, s)
	n.meters.requests.count(answered)
	if s.Operation.Name != "" && s.Operation.Service == awsapi.IoT {
		n.logControl(r, s, answered)
	} else if s.Err != nil {
		n.logRefusal(r.Context(), answered, r.PathValue("thingName"), slog.String("path", r.URL.Path), slog.String("remote", r.RemoteAddr), slog.String("request", s.RequestID))
	}
}

// overHTTPAs is what became of a request over HTTP.
func overHTTPAs(r *http.Request, s awsapi.Served) request {
	answered := request{took: s.Took, err: s.Err, answer: answer{
		service: s.Operation.Service.String(), operation: cmp.Or(s.Operation.Name, noOperation), door: overHTTP, outcome: isAccepted,
	}}
	switch {
	case s.Err != nil && r.Context().Err() != nil:
		answered.outcome = isGone
	case s.Err != nil:
		answered.outcome = awsapi.ExceptionFor(s.Operation, fault.KindOf(s.Err)).Name()
	}
	return answered
}

// logControl logs a request of the control plane.
func (n *Node) logControl(r *http.Request, s awsapi.Served, answered request) {
	level := slog.LevelInfo
	if answered.isOurs() {
		level = slog.LevelError
	}
	attrs := []slog.Attr{
		slog.String("op", s.Operation.Name), slog.String("path", r.URL.Path), slog.Int("status", s.Status),
		slog.String("took", s.Took.Round(time.Microsecond).String()), slog.String("request", s.RequestID),
	}
	if s.Err != nil {
		attrs = append(attrs, slog.Any("err", s.Err))
	}
	n.log.LogAttrs(r.Context(), level, "request", attrs...)
}

// servedOverMQTT counts a request of a device, and logs it if it failed.
func (n *Node) servedOverMQTT(s device.Served) {
	answered := request{took: s.Took, err: s.Err, answer: answer{
		service: awsapi.JobsData.String(), operation: cmp.Or(s.Operation, noOperation), door: overMQTT, outcome: isAccepted,
	}}
	if s.Err != nil {
		answered.outcome = awsapi.CodeWord(fault.KindOf(s.Err))
	}
	n.meters.requests.count(answered)
	if s.Err != nil {
		n.logRefusal(context.Background(), answered, s.Thing, slog.String("topic", s.Topic), slog.String("client", s.From.Client), slog.String("remote", s.From.Remote))
	}
}

// logRefusal logs a request of a device that was not accepted: what it did
// wrong, or what we did.
func (n *Node) logRefusal(ctx context.Context, r request, thing string, where ...slog.Attr) {
	attrs := append([]slog.Attr{slog.String("op", r.operation), slog.String("thing", thing), slog.String("door", r.door)}, where...)
	log := n.outside.With("part", "device")
	if r.isOurs() {
		log.LogAttrs(ctx, slog.LevelError, "request failed", append(attrs, slog.Any("err", r.err))...)
		return
	}
	attrs = append(attrs, slog.String("code", r.outcome), slog.String("message", awsapi.MessageOf(r.err)))
	log.LogAttrs(ctx, slog.LevelInfo, "request refused", attrs...)
}

// isOurs tells whether the request failed by our fault and not the client's.
func (r request) isOurs() bool {
	return r.outcome != isGone && (fault.Is(r.err, fault.Internal) || fault.Is(r.err, fault.Unavailable))
}
