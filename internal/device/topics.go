package device

import (
	"strings"

	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/broker"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
)

// request is what a topic below $aws/things/{thing}/jobs/ asks for.
type request uint8

const (
	unknown request = iota
	getPending
	startNext
	describe
	update
)

// topic is a request's topic taken apart. Names are as published, not checked.
type topic struct {
	request   request
	thing     string
	job       string // or $next
	spaced    bool   // it has a namespace
	namespace string
}

const (
	things  = "$aws/things/"
	jobs    = "/jobs/"
	accepts = "/accepted"
	rejects = "/rejected"

	notifyTopic     = "/jobs/notify"
	notifyNextTopic = "/jobs/notify-next"

	// Spaced stands between the topic of a notice and the namespace it is
	// about.
	Spaced = "-namespace-"

	// greengrass is the namespace that clients in the field use.
	greengrass = "aws-gg-deployment"
)

// parse routes a topic by the number of its segments, so that a job named get
// is never ambiguous; ok is false if it is not below a thing's jobs.
// spec: device-api.md#21-routing-a-published-topic
func parse(published string) (t topic, ok bool) {
	t.thing, published, _ = strings.Cut(strings.TrimPrefix(published, things), "/")
	rest, ok := strings.CutPrefix(published, jobs[1:])
	if !ok {
		return t, false
	}
	first, rest, more := strings.Cut(rest, "/")
	if !more {
		t.request = ofThing(first)
		return t, true
	}
	t.job = first
	space, verb, three := strings.Cut(rest, "/")
	if !three {
		t.request = ofJob(rest)
	} else if t.namespace, t.spaced = strings.CutPrefix(space, Spaced[1:]); t.spaced {
		t.request = ofJob(verb)
	}
	return t, true
}

// bad is why what the topic has no shape for cannot be right: its namespace.
func (t topic) bad() error {
	if !t.spaced {
		return nil
	}
	return job.CheckNamespace(t.namespace)
}

func ofThing(verb string) request {
	switch verb {
	case "get":
		return getPending
	case "start-next":
		return startNext
	default:
		return unknown
	}
}

func ofJob(verb string) request {
	switch verb {
	case "get":
		return describe
	case "update":
		return update
	default:
		return unknown
	}
}

// errNoRequest is why a topic that is no request is refused.
var errNoRequest = fault.New(fault.InvalidTopic, "No Jobs operation uses this topic")

// limits of an answer's topic. spec: device-api.md#96-topics-subscriptions-retained-will
var limits = mqtt.TopicLimits{Bytes: mqtt.TopicBytes, Slashes: mqtt.TopicSlashes}

// answerable tells whether a topic keeps the limits; an answer that would not
// is not sent.
func answerable(topic string) bool { return limits.Allow(topic) }

// next is the job id of the head of the list.
const next = jobsdata.Next

// Rules says what devices may publish to below $.
// spec: device-api.md#96-topics-subscriptions-retained-will
func Rules() []broker.Rule {
	rules := []broker.Rule{
		{Pattern: things + "{}" + jobs, Verdict: broker.Request},
		{Pattern: "$aws/rules/{}/", Verdict: broker.Swallow},
		{Pattern: things + "{}/defender/metrics/json", Verdict: broker.Swallow},
		{Pattern: things + "{}/defender/metrics/cbor", Verdict: broker.Swallow},
	}
	for _, pattern := range shadowPatterns() {
		rules = append(rules, broker.Rule{Pattern: pattern, Verdict: broker.Request})
	}
	for _, u := range unbuilt {
		rules = append(rules, broker.Rule{Pattern: u.pattern, Verdict: broker.Request})
	}
	return rules
}

// Forms are the filters that clients of Jobs subscribe to. Sessions are stored
// with their numbers: new ones go to the end.
// spec: device-api.md#22-subscriptions-and-what-reaches-them
func Forms() []string {
	below := []string{
		"notify", "notify-next",
		"get/accepted", "get/rejected", "start-next/accepted", "start-next/rejected",
		"+/get/accepted", "+/get/rejected", "+/update/accepted", "+/update/rejected",
		"get/+", "start-next/+",
		"$next/get/accepted", "$next/get/rejected", "$next/get/+",
		"notify" + Spaced + greengrass, "notify-next" + Spaced + greengrass,
		"$next/namespace-" + greengrass + "/get/accepted", "$next/namespace-" + greengrass + "/get/rejected",
		"+/namespace-" + greengrass + "/update/accepted", "+/namespace-" + greengrass + "/update/rejected",
	}
	forms := make([]string, len(below))
	for i, b := range below {
		forms[i] = things + "{}" + jobs + b
	}
	return forms
}

// Unqueued are the filters of notices, of any namespace: they are owed, not
// queued. What else is at their level are requests, which are never routed.
func Unqueued() []string { return []string{things + "+" + jobs + "+"} }

// Notices are the topics that persistent sessions are owed: notify, then
// notify-next; listensToNext is the second's bit. Those of a namespace have
// Spaced and the namespace behind them.
func Notices() []string {
	return []string{things + "{}" + notifyTopic, things + "{}" + notifyNextTopic}
}

// noticeTopic is the topic of a thing's notice in a namespace, "" for the jobs
// without one. spec: device-api.md#23-namespaces
func noticeTopic(thing, notice, namespace string) string {
	if namespace == "" {
		return things + thing + notice
	}
	return things + thing + notice + Spaced + namespace
}

// noticeOf takes a notice's topic apart.
func noticeOf(topic string) (thing, namespace string, next bool) {
	thing, rest, _ := strings.Cut(strings.TrimPrefix(topic, things), "/")
	rest = strings.TrimPrefix(rest, notifyTopic[1:])
	rest, next = strings.CutPrefix(rest, strings.TrimPrefix(notifyNextTopic, notifyTopic))
	return thing, strings.TrimPrefix(rest, Spaced), next
}
