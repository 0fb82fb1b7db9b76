// Package query is the language of the fleet index: what SearchIndex, the
// aggregations and dynamic thing groups ask about things. It is pure: no I/O,
// no clock, no goroutine, and nothing of how an index is stored.
//
// Begin with [Parse] and [Query]. A thing is to the index a list of [Entry],
// one for each value of each field; [Document] makes them. [Query.Match] says
// by those alone whether a thing is meant: it is the meaning of the language,
// plain and slow, and whatever compiles a query is held to it.
//
// A dynamic group follows its things by [Diff] and [Touched], which say what a
// change of a thing may concern, and [Query.Watches], which say what a query
// listens to: where the two do not meet, the answer is as it was.
//
// Everything here is bounded: a query by [Limits] and the constants beside it,
// a field by [MaxField]. Recursion goes no deeper than [MaxDepth] parentheses.
//
// spec: wire-protocol.md#10-fleet-index-query-language-searchindex-dynamic-groups
package query
