package query

import (
	"slices"
)

// The names of the one index of things, and of the language.
const (
	Index   = "AWS_Things"
	Version = "2017-09-30"
)

// Query is a query that has been read. The zero Query means every thing.
type Query struct{ root Node }

// Node is a part of a query: a condition, or others joined. It is for those
// who compile queries; what it means is what [Query.Match] says.
type Node struct {
	Op Op
	// Nodes are what And and Or join, at least two, and the one that Not
	// denies.
	Nodes []Node
	Term  Term // of a Leaf
}

// Op is what a [Node] does.
type Op uint8

// The kinds of [Node].
const (
	All  Op = iota // true of every thing
	Leaf           // true if a value of the thing fits the term
	And
	Or
	Not
)

// Term asks of one value. A list fits if any of its elements does; a field that
// is not there never does.
type Term struct {
	Field string // by its name in the index; "" is any field
	Test  Test
	Value Value   // of Equals
	Like  Pattern // of Matches
	Low   Bound   // of Within
	High  Bound
	At    int // position of the term in the query, from 1, in characters
}

// Test is how a [Term] looks at a value.
type Test uint8

// The tests of a [Term].
const (
	// Equals compares as text without case; a number of JSON also equals a
	// number that is written otherwise, as 10 and 10.0.
	Equals Test = iota
	Matches
	Within
	// Exists asks for a value, or for one of a member below the field.
	Exists
)

// Bound is an end of a range.
type Bound struct {
	Value     Value
	Inclusive bool
	Open      bool // no end at all
}

// Root is the whole query. It is shared and must not be changed.
func (q Query) Root() Node { return q.root }

// Terms are all the terms of the query, in its order.
func (q Query) Terms() []Term { return q.root.terms(nil) }

func (n Node) terms(list []Term) []Term {
	if n.Op == Leaf {
		return append(list, n.Term)
	}
	for _, part := range n.Nodes {
		list = part.terms(list)
	}
	return list
}

// Fields are the fields that the query names, by name, each once; any tells
// that it also looks at all of them.
func (q Query) Fields() (fields []string, anyField bool) {
	for _, t := range q.Terms() {
		if t.Field == "" {
			anyField = true
		} else {
			fields = append(fields, t.Field)
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields), anyField
}

// join makes one node of several that stand under the same op.
func join(op Op, parts []Node) Node {
	if len(parts) == 1 {
		return parts[0]
	}
	var flat []Node
	for _, p := range parts {
		if p.Op == op {
			flat = append(flat, p.Nodes...)
		} else {
			flat = append(flat, p)
		}
	}
	return Node{Op: op, Nodes: flat}
}

// deny makes the opposite of a node.
func deny(n Node) Node {
	if n.Op == Not {
		return n.Nodes[0]
	}
	return Node{Op: Not, Nodes: []Node{n}}
}
