package broker

// children are the nodes below one, by level. Most nodes have a single child:
// a map for it would take three times as much memory as all else of the node.
type children struct {
	level string // of only
	only  *node
	many  map[string]*node // instead, since there were two
}

// get is the child at level, or nil.
func (c *children) get(level string) *node {
	if c.only != nil && c.level == level {
		return c.only
	}
	return c.many[level]
}

// put adds a child at a level that has none.
func (c *children) put(level string, n *node) {
	switch {
	case c.many != nil:
		c.many[level] = n
	case c.only == nil:
		c.level, c.only = level, n
	default:
		c.many = map[string]*node{c.level: c.only, level: n}
		c.level, c.only = "", nil
	}
}

// remove takes the child at level away.
func (c *children) remove(level string) {
	if c.only != nil && c.level == level {
		c.level, c.only = "", nil
	}
	if delete(c.many, level); len(c.many) == 0 {
		c.many = nil
	}
}

func (c *children) empty() bool { return c.only == nil && len(c.many) == 0 }
