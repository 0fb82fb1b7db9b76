//go:build unix

package tcp

import "syscall"

// CanTry tells whether TryRead and TryWrite do anything here.
const CanTry = true

// TryWrite writes what a non-blocking socket takes of p.
func TryWrite(fd uintptr, p []byte) (int, error) {
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

// TryRead reads what a non-blocking socket has; done is false if it has
// nothing yet.
func TryRead(fd uintptr, p []byte) (n int, done bool, err error) {
	for {
		n, err := syscall.Read(int(fd), p)
		switch err {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			return 0, false, nil
		default:
			return max(n, 0), true, err
		}
	}
}
