package disk

import (
	"crypto/rand"
	"encoding/hex"
	"path"
	"strings"

	"github.com/drover-iot/drover/internal/artifact"
)

// This file makes file names of keys. A key is cut at its slashes. Each piece
// becomes a name of small letters, digits, - and _; every other byte is
// %XX, so that no system sees two names as one, and none a name of its own, such
// as CON or "..". What a name stands for is its first letter, so that an object
// "a" and one "a/b" live side by side. A long piece becomes several folders.
const (
	isObject = "o-" // the end of a key
	isFolder = "d-" // a piece that a slash follows
	isLong   = "l-" // the first part of a long piece
)

// longPiece is how many bytes the first part of a long piece has, always: so
// none of two is what the other begins with, and the keys in them do not mix. It
// is encoded in three times as many; systems take names of 255 bytes.
const longPiece = 66

// pathOf is the file of an object.
func pathOf(bucket, key string) string {
	parts := []string{bucketPath(bucket)}
	pieces := strings.Split(key, "/")
	for i, piece := range pieces {
		kind := isFolder
		if i == len(pieces)-1 {
			kind = isObject
		}
		parts = append(parts, namesOf(kind, piece)...)
	}
	return path.Join(parts...)
}

func bucketPath(name string) string { return path.Join(bucketDir, isFolder+encode(name)) }

// namesOf are the names of one piece of a key.
func namesOf(kind, piece string) []string {
	var names []string
	for len(piece) >= longPiece {
		names = append(names, isLong+encode(piece[:longPiece]))
		piece = piece[longPiece:]
	}
	return append(names, kind+encode(piece))
}

const digits = "0123456789abcdef"

func encode(piece string) string {
	var b strings.Builder
	for i := range len(piece) {
		switch c := piece[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}

// decode is the piece that a name was made of; ok is false for a name that is
// not ours.
func decode(encoded string) (piece string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(encoded); i++ {
		c := encoded[i]
		if c == '%' {
			if i+2 >= len(encoded) {
				return "", false
			}
			pair, err := hex.DecodeString(encoded[i+1 : i+3])
			if err != nil {
				return "", false
			}
			c, i = pair[0], i+2
		}
		b.WriteByte(c)
	}
	return b.String(), encode(b.String()) == encoded
}

// newID is a name that nobody guesses.
func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// checkID refuses what is no id of an upload.
func checkID(id string) error {
	if b, err := hex.DecodeString(id); err != nil || len(b) != 16 || strings.ToLower(id) != id {
		return noUpload()
	}
	return nil
}

func noUpload() error {
	return artifact.Refuse(artifact.NoSuchUpload, "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
}
