package server

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/device"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/s3"
)

// servedOverHTTP counts a request, and logs it: one line for each request of
// the control plane, of which those that were refused are bounded, and none for
// one of the device plane unless it failed.
func (n *Node) servedOverHTTP(r *http.Request, s awsapi.Served) {
	answered := overHTTPAs(r, s)
	n.meters.requests.count(answered)
	part := "device"
	if s.Operation.Service == awsapi.IoT {
		part = "control"
	}
	where := []slog.Attr{slog.String("path", r.URL.Path), slog.String("remote", r.RemoteAddr), slog.String("request", s.RequestID)}
	switch {
	case s.Err != nil:
		n.logRefusal(r.Context(), part, answered, r.PathValue("thingName"), where...)
	case part == "control":
		n.logControl(r.Context(), s, where...)
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

// logControl logs a request of the control plane that was accepted.
func (n *Node) logControl(ctx context.Context, s awsapi.Served, where ...slog.Attr) {
	attrs := append([]slog.Attr{slog.String("op", s.Operation.Name), slog.String("door", overHTTP)}, where...)
	attrs = append(attrs, slog.String("took", s.Took.Round(time.Microsecond).String()))
	n.log.With("part", "control").LogAttrs(ctx, slog.LevelInfo, "request", attrs...)
}

// servedOverS3 counts a request for artifacts, and logs it: one line if it
// changed something or failed.
func (n *Node) servedOverS3(r *http.Request, s s3.Served) {
	answered := request{took: s.Took, err: s.Err, answer: answer{service: "s3", operation: cmp.Or(s.Operation, noOperation), door: overHTTP, outcome: isAccepted}}
	refused := artifact.As(s.Err)
	switch {
	case s.Err != nil && r.Context().Err() != nil:
		answered.outcome = isGone
	case refused != nil:
		answered.outcome = string(refused.Code)
	case s.Err != nil:
		answered.outcome = string(artifact.InternalError)
	}
	n.meters.requests.count(answered)
	attrs := []slog.Attr{
		slog.String("op", answered.operation), slog.String("path", r.URL.Path), slog.String("remote", r.RemoteAddr), slog.String("request", s.RequestID),
	}
	switch log := n.outside.With("part", "artifacts"); {
	case s.Err != nil && refused == nil && answered.outcome != isGone:
		log.LogAttrs(r.Context(), slog.LevelError, "request failed", append(attrs, slog.Any("err", s.Err))...)
	case s.Err != nil:
		log.LogAttrs(r.Context(), slog.LevelInfo, "request refused", append(attrs, slog.String("code", answered.outcome), slog.Any("err", s.Err))...)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		log.LogAttrs(r.Context(), slog.LevelInfo, "request", append(attrs, slog.String("took", s.Took.Round(time.Microsecond).String()))...)
	}
}

// servedOverMQTT counts a request of a device, and logs it if it failed.
func (n *Node) servedOverMQTT(s device.Served) {
	answered := request{took: s.Took, err: s.Err, answer: answer{
		service: s.Service.String(), operation: cmp.Or(s.Operation, noOperation), door: overMQTT, outcome: isAccepted,
	}}
	if s.Err != nil {
		answered.outcome = codeOf(s)
	}
	n.meters.requests.count(answered)
	if s.Err != nil {
		n.logRefusal(context.Background(), "device", answered, s.Thing, slog.String("topic", s.Topic), slog.String("client", s.From.Client), slog.String("remote", s.From.Remote))
	}
}

// codeOf is the code of a refusal over MQTT: a number for shadows.
func codeOf(s device.Served) string {
	if s.Service == awsapi.Data {
		return strconv.Itoa(awsapi.CodeNumber(fault.KindOf(s.Err)))
	}
	return awsapi.CodeWord(fault.KindOf(s.Err))
}

// logRefusal logs a request that was not accepted: what the client did wrong,
// or what we did.
func (n *Node) logRefusal(ctx context.Context, part string, r request, thing string, where ...slog.Attr) {
	attrs := []slog.Attr{slog.String("op", r.operation)}
	if part == "device" || thing != "" {
		attrs = append(attrs, slog.String("thing", thing))
	}
	attrs = append(append(attrs, slog.String("door", r.door)), where...)
	log := n.outside.With("part", part)
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
