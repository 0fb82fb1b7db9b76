// Package quota is what AWS allows an account, for nodes on which people test
// against it: how often an operation may be called, and how many of a thing
// there may be. Each rate has a name, which is a word of the metrics.
//
// Begin with [Rates], the one table of rates, and [Bucket], which holds callers
// to it; [Numbers] is the rest, and [Share] divides what many have together.
// Everything here is a value; who shares a bucket guards it.
package quota
