//go:build unix

package broker

import "syscall"

const canWriteNow = true

// writeNow writes what a non-blocking socket takes of p.
func writeNow(fd uintptr, p []byte) (int, error) {
	for done := 0; ; {
		n, err := syscall.Write(int(fd), p[done:])
		done += max(n, 0)
		switch err {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			return done, nil
		default:
			return done, err
		}
	}
}
