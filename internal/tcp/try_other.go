//go:build !unix

package tcp

// CanTry is false where a socket cannot be tried without waiting.
const CanTry = false

// TryWrite writes nothing.
func TryWrite(uintptr, []byte) (int, error) { return 0, nil }

// TryRead finds nothing: what has not been read is not there.
func TryRead(uintptr, []byte) (n int, done bool, err error) { return 0, false, nil }
