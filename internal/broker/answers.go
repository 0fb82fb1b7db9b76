package broker

// answers has the steps done that wait for nothing: very many at once when a
// commit is told, each of them short. A worker for each would take longer to
// begin than to do them.
type answers struct {
	queue[conn] // with such steps
	workers     *workers
}

// answersEach is how many connections wait for one worker, at most: with fewer
// there are more workers, which gains nothing.
const answersEach = 16

// put has the steps of c done.
func (a *answers) put(c *conn) {
	a.mu.Lock()
	a.waiting = append(a.waiting, c)
	more := len(a.waiting) > answersEach*a.at
	if more {
		a.at++
	}
	a.mu.Unlock()
	if more {
		a.workers.do(a)
	}
}

// work implements duty.
func (a *answers) work() {
	for c := a.take(); c != nil; c = a.take() {
		c.answer()
	}
}
