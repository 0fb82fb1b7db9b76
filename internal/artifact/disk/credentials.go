package disk

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// credentialsFile is in the form that AWS tools take from
// AWS_SHARED_CREDENTIALS_FILE.
const credentialsFile = "credentials"

// Credentials are the keys by which URLs into this store are signed. They are
// made when it is opened for the first time; nobody but the owner of the folder
// may read them.
func (s *Store) Credentials() (accessKey, secretKey string, err error) {
	f, err := s.root.Open(credentialsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return s.newCredentials()
	}
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	return readCredentials(f)
}

func readCredentials(from io.Reader) (accessKey, secretKey string, err error) {
	lines := bufio.NewScanner(io.LimitReader(from, 64<<10))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), "=")
		switch strings.TrimSpace(name) {
		case "aws_access_key_id":
			accessKey = strings.TrimSpace(value)
		case "aws_secret_access_key":
			secretKey = strings.TrimSpace(value)
		}
	}
	if err := lines.Err(); err != nil {
		return "", "", err
	}
	if accessKey == "" || secretKey == "" {
		return "", "", fmt.Errorf("the file %s holds no keys: restore it, or remove it to have new ones made", credentialsFile)
	}
	return accessKey, secretKey, nil
}

func (s *Store) newCredentials() (accessKey, secretKey string, err error) {
	accessKey, secretKey = "DROVER"+rand.Text()[:14], rand.Text()+rand.Text()
	f, done, err := s.coming()
	if err != nil {
		return "", "", err
	}
	defer done()
	if _, err := fmt.Fprintf(f, "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", accessKey, secretKey); err != nil {
		return "", "", full(err)
	}
	if err := s.sync(f); err != nil {
		return "", "", full(err)
	}
	return accessKey, secretKey, s.place(f, credentialsFile)
}
