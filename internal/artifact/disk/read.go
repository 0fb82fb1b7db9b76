package disk

import (
	"context"
	"io"

	"github.com/drover-iot/drover/internal/artifact"
)

// Read is an object of at most so many bytes.
func (s *Store) Read(_ context.Context, l artifact.Location, most int64) ([]byte, error) {
	if l.Version != "" && l.Version != "null" {
		return nil, artifact.Refuse(artifact.NoSuchVersion, "The specified version does not exist.")
	}
	if err := artifact.CheckKey(l.Key); err != nil {
		return nil, err
	}
	f, err := s.Get(l.Bucket, l.Key)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.Size > most {
		return nil, artifact.Refuse(artifact.EntityTooLarge, "The object has %d bytes, at most %d are allowed.", f.Size, most)
	}
	return io.ReadAll(f)
}
