package sqlite

import (
	"errors"
	"os"
	"syscall"
)

// syncData is Sync without what only tells when the file was written.
func syncData(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if !errors.Is(err, syscall.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
