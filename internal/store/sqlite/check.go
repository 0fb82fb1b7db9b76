package sqlite

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
)

// The header of a database file.
const (
	magic      = "SQLite format 3\x00"
	headerSize = 100
	pageSizeAt = 16 // two bytes
	pagesAt    = 28 // four bytes: how many pages the file has
)

// check refuses a file that is not a database of Drover's, before anything is
// written to it. A file that does not exist, or is empty, will be one.
func check(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(file, header); err != nil || !bytes.HasPrefix(header, []byte(magic)) {
		return fmt.Errorf("%s is not a database", fileName)
	}
	if err := checkSize(header, info.Size(), path+"-wal"); err != nil {
		return err
	}
	return checkOwner(path)
}

// checkSize compares the size of the file with what its header says.
func checkSize(header []byte, size int64, log string) error {
	// A log may hold the pages that the file lacks.
	if info, err := os.Stat(log); err == nil && info.Size() > 0 {
		return nil
	}
	page := int64(binary.BigEndian.Uint16(header[pageSizeAt:]))
	if page == 1 {
		page = 64 << 10
	}
	if size < page*int64(binary.BigEndian.Uint32(header[pagesAt:])) {
		return fmt.Errorf("%s is cut short: restore it from a backup", fileName)
	}
	return nil
}

// checkOwner asks by a connection that only reads, since the mark may still be
// in the log. A database without tables is one that was killed at its birth.
func checkOwner(path string) error {
	how := "?mode=ro"
	// A killed birth may leave a journal, which only a writer can roll back; what
	// is asked here stands in the file as it is.
	if _, err := os.Stat(path + "-journal"); err == nil {
		how = "?immutable=1"
	}
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(path)+how)
	if err != nil {
		return err
	}
	defer db.Close()
	var id, tables int
	err = db.QueryRow(`SELECT (SELECT * FROM pragma_application_id),
		(SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite%')`).Scan(&id, &tables)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", fileName, err)
	}
	if id != applicationID && tables > 0 {
		return fmt.Errorf("%s is not a database of Drover", fileName)
	}
	return nil
}
