// Package shadow is the rules of device shadows: what an update does to one,
// what its desired and reported state differ in, and what may be in it. It is
// pure: no I/O, no clock, no goroutine, and nothing of topics.
//
// Begin with [Shadow] and [Parse]: what a client sent becomes an [Update], and
// [Shadow.Update] answers the shadow after it. Nothing that was given is ever
// changed, so the shadow before stays as it was.
//
// A state is JSON as package encoding/json decodes it with UseNumber: numbers
// keep their digits. What is kept is bounded by [MostState], [MostDocument],
// [MostLevels] and, of one thing, [MostOfThing].
//
// spec: device-api.md#13-device-shadows
package shadow
