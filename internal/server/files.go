package server

// bounds are how many connections a node takes.
type bounds struct{ mqtt, web int }

// Files that are not connections: the store's, listeners, and some to spare.
const (
	sparedFiles = 256
	mostWeb     = 4096 // HTTP connections, however many files there may be
)

// boundsFor shares the files that the process may open, 0 being any number, so
// that it never runs out of them: an eighth is for HTTP. A node that cannot
// accept could not be asked why either.
func boundsFor(files int) bounds {
	if files == 0 {
		return bounds{mqtt: 0, web: mostWeb}
	}
	left := files - min(sparedFiles, files/4)
	web := max(min(left/8, mostWeb), 1)
	return bounds{mqtt: max(left-web, 1), web: web}
}
