package shadow

import "maps"

// merge answers the section after the update's state was laid over it at a
// second. spec: device-api.md#13-device-shadows
func (c Section) merge(update map[string]any, section string, second int64) Section {
	patch, named := update[section]
	switch members, ok := patch.(map[string]any); {
	case !named:
		return c
	case !ok: // null removes the section
		return Section{}
	default:
		c.State, c.Times = merged(c.State, members), mergedTimes(c.Times, members, second)
	}
	if len(c.State) == 0 {
		return Section{}
	}
	return c
}

// merged is state with a patch laid over it: null removes a member, an object
// is merged, and anything else replaces what was there.
func merged(state, patch map[string]any) map[string]any {
	return overlaid(state, patch, func(value any) any { return value })
}

// mergedTimes does to the times what merged does to the state.
func mergedTimes(times, patch map[string]any, second int64) map[string]any {
	return overlaid(times, patch, func(value any) any { return timesOf(value, second) })
}

// overlaid is base with a patch laid over it, in which leaf makes of a value
// what stands for it.
func overlaid(base, patch map[string]any, leaf func(any) any) map[string]any {
	next := maps.Clone(base)
	if next == nil {
		next = make(map[string]any, len(patch))
	}
	for name, value := range patch {
		switch v := value.(type) {
		case nil:
			delete(next, name)
		case map[string]any:
			below, _ := next[name].(map[string]any) // nil if it is none
			next[name] = overlaid(below, v, leaf)
		default:
			next[name] = leaf(v)
		}
	}
	return next
}

// timesOf mirrors a value that holds no null.
func timesOf(value any, second int64) any {
	switch v := value.(type) {
	case map[string]any:
		return mergedTimes(nil, v, second)
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = timesOf(element, second)
		}
		return list
	default:
		return second
	}
}

// Timestamps is times as a document shows them: {"timestamp":SECONDS} at each
// leaf.
func Timestamps(times map[string]any) map[string]any {
	shown := make(map[string]any, len(times))
	for name, t := range times {
		shown[name] = timestamp(t)
	}
	return shown
}

func timestamp(t any) any {
	switch t := t.(type) {
	case map[string]any:
		return Timestamps(t)
	case []any:
		list := make([]any, len(t))
		for i, element := range t {
			list[i] = timestamp(element)
		}
		return list
	default:
		return map[string]any{"timestamp": t}
	}
}
