package s3

import "fmt"

// Stats is what is under way at the moment.
type Stats struct {
	Bodies  int // of artifacts and their parts, that come or go
	Uploads int // in parts, that have begun and not ended
}

// Stats reads what is under way. The error is the disk's.
func (d *Door) Stats() (Stats, error) {
	uploads, err := d.store.Begun()
	if err != nil {
		return Stats{}, fmt.Errorf("count uploads: %w", err)
	}
	return Stats{Bodies: d.streams.count(), Uploads: uploads}, nil
}
