package mqtt

import (
	"strings"
	"unicode/utf8"
)

// What topics and filters may have at the most.
// spec: device-api.md#96-topics-subscriptions-retained-will
const (
	TopicBytes   = 256
	TopicSlashes = 7
)

// TopicLimits bound topics and filters.
type TopicLimits struct {
	Bytes   int // of UTF-8
	Slashes int
}

// Allow tells whether a topic or filter is within l. The prefixes
// $aws/rules/NAME/ and $share/NAME/ do not count.
func (l TopicLimits) Allow(text string) bool {
	bare := withoutPrefix(text)
	return len(bare) <= l.Bytes && strings.Count(bare, "/") <= l.Slashes
}

func withoutPrefix(text string) string {
	for _, prefix := range [...]string{"$aws/rules/", sharePrefix} {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			_, rest, _ = strings.Cut(rest, "/")
			return rest
		}
	}
	return text
}

// ValidTopic tells whether a message can be published to topic.
func ValidTopic(topic string) bool {
	return topic != "" && !strings.ContainsAny(topic, "+#\x00") && utf8.ValidString(topic)
}

// Reserved tells whether a topic or filter belongs to the server.
func Reserved(text string) bool { return strings.HasPrefix(text, "$") }

// ValidFilter tells whether filter (without $share/GROUP/) is well formed: a
// wildcard is alone in its level, and # is the last one.
func ValidFilter(filter string) bool {
	if filter == "" || strings.IndexByte(filter, 0) >= 0 || !utf8.ValidString(filter) {
		return false
	}
	for {
		level, rest, more := strings.Cut(filter, "/")
		if strings.ContainsAny(level, "+#") && len(level) > 1 {
			return false
		}
		if !more {
			return true
		}
		if level == "#" {
			return false
		}
		filter = rest
	}
}

const sharePrefix = "$share/"

// SplitShare takes $share/GROUP/FILTER apart. group is empty for a filter that
// is not shared; ok is false for a group or filter that cannot be.
func SplitShare(text string) (group, filter string, ok bool) {
	rest, shared := strings.CutPrefix(text, sharePrefix)
	if !shared {
		return "", text, true
	}
	group, filter, ok = strings.Cut(rest, "/")
	if group == "" || filter == "" || strings.ContainsAny(group, "+#") {
		return "", "", false
	}
	return group, filter, ok
}

// Wild tells whether filter has a wildcard.
func Wild(filter string) bool { return strings.ContainsAny(filter, "+#") }

// Matches tells whether a valid filter matches a valid topic. A # needs at
// least one level, so a/# does not match a; a wildcard in the first level does
// not match a reserved topic.
// spec: device-api.md#96-topics-subscriptions-retained-will
func Matches(filter, topic string) bool {
	if Reserved(topic) && !Reserved(filter) {
		return false
	}
	return matchLevels(filter, topic)
}

func matchLevels(filter, topic string) bool {
	for {
		want, filterRest, filterMore := strings.Cut(filter, "/")
		if want == "#" {
			return true
		}
		have, topicRest, topicMore := strings.Cut(topic, "/")
		if want != "+" && want != have {
			return false
		}
		if !filterMore || !topicMore {
			return filterMore == topicMore
		}
		filter, topic = filterRest, topicRest
	}
}
