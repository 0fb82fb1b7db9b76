package sqlstore

import "sync"

// sent remembers, for clients that have taken messages, up to which sequence:
// what is with a client and not acknowledged is not dropped for what is new.
type sent struct {
	mu   sync.Mutex // guards upTo
	upTo map[string]int64
}

func (s *sent) note(client string, seq int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.upTo == nil {
		s.upTo = map[string]int64{}
	}
	s.upTo[client] = max(seq, s.upTo[client])
}

func (s *sent) of(client string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.upTo[client]
}

func (s *sent) forget(client string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.upTo, client)
}
