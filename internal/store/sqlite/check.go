package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
)

// The header of a database file.
const (
	magic      = "SQLite format 3\x00"
	headerSize = 100
	pageSizeAt = 16 // two bytes
	pagesAt    = 28 // four bytes: how many pages the file has
)

// check refuses a file that is not a good database of Drover's, before anything
// is written. One that does not exist, or is empty, will be one, unless the
// folder held one before.
func check(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return checkNew(path, "missing")
	}
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return checkNew(path, "empty")
	}
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(file, header); err != nil || !bytes.HasPrefix(header, []byte(magic)) {
		return fmt.Errorf("%s is not a database: restore it from a backup", fileName)
	}
	if err := checkSize(header, info.Size(), path+logSuffix); err != nil {
		return err
	}
	return checkContent(path)
}

// checkRegular refuses a folder in which something else stands for a file: to
// open a pipe may take for ever.
func checkRegular(dir string) error {
	for _, name := range []string{fileName, fileName + logSuffix, fileName + "-shm", fileName + "-journal", lockName} {
		info, err := os.Stat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is not a regular file", name)
		}
	}
	return nil
}

// checkNew refuses to begin a new database where an old one should be: what is
// left of it may still be of use.
func checkNew(path, what string) error {
	if size(path+logSuffix) > 0 {
		return fmt.Errorf("%s is %s, but its log is there: restore both from one backup", fileName, what)
	}
	if size(filepath.Join(filepath.Dir(path), lockName)) > 0 {
		return fmt.Errorf("%s is %s, although the folder had one: restore it from a backup, or remove the folder to begin anew", fileName, what)
	}
	return nil
}

// size is how long a file is, 0 if it is not there.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// checkSize compares the size of the file with what its header says. The log
// may hold the pages that the file lacks: the header is written early in a
// checkpoint.
func checkSize(header []byte, size int64, log string) error {
	page := int64(binary.BigEndian.Uint16(header[pageSizeAt:]))
	if page == 1 {
		page = 64 << 10
	}
	pages := int64(binary.BigEndian.Uint32(header[pagesAt:]))
	if page == 0 || size >= page*pages {
		return nil
	}
	logged, err := pagesInLog(log)
	if err != nil {
		return fmt.Errorf("read the log of %s: %w", fileName, err)
	}
	for n := size/page + 1; n <= pages; n++ {
		if !logged[uint32(n)] {
			return fmt.Errorf("%s is cut short: restore it from a backup", fileName)
		}
	}
	return nil
}

// The log: a header, then frames, each with a page.
const (
	logSuffix    = "-wal"
	logHeader    = 32
	frameHeader  = 24
	logPageAt    = 8 // size of a page, four bytes
	logSaltAt    = 16
	frameSaltAt  = 8 // the salt of the header, eight bytes, while the frame is valid
	frameSaltEnd = 16
)

// pagesInLog are the numbers of the pages of which a log has a copy.
func pagesInLog(path string) (map[uint32]bool, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	head := make([]byte, logHeader)
	if n, _ := io.ReadFull(file, head); n < logHeader {
		return nil, nil // one that is shorter than its header is empty
	}
	salt, page := head[logSaltAt:logSaltAt+8], int64(binary.BigEndian.Uint32(head[logPageAt:]))
	pages, frame := map[uint32]bool{}, make([]byte, frameHeader)
	for at := int64(logHeader); ; at += frameHeader + page {
		n, err := file.ReadAt(frame, at)
		if n < frameHeader || !bytes.Equal(frame[frameSaltAt:frameSaltEnd], salt) {
			if err != nil && !errors.Is(err, io.EOF) {
				return nil, err
			}
			return pages, nil
		}
		pages[binary.BigEndian.Uint32(frame)] = true
	}
}

// checkContent asks by a connection that only reads. A database without tables
// is one that was killed at its birth.
func checkContent(path string) error {
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(path)+readOnly(path))
	if err != nil {
		return err
	}
	defer db.Close()
	var id, tables, versions int
	err = db.QueryRow(`SELECT (SELECT * FROM pragma_application_id),
		(SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite%'),
		(SELECT count(*) FROM sqlite_master WHERE name = 'goose_db_version')`).Scan(&id, &tables, &versions)
	switch {
	case err != nil:
		return fmt.Errorf("%s cannot be read, restore it from a backup: %w", fileName, err)
	case id != applicationID && tables > 0:
		return fmt.Errorf("%s is not a database of Drover", fileName)
	case tables == 0 || versions == 0:
		return nil
	}
	version, err := checkVersion(db)
	if err != nil {
		return err
	}
	return errors.Join(checkTables(db, version), checkSmall(db))
}

// readOnly is how a database is opened so that nothing comes of it. Only with a
// log is there more to read than the file: then a reader leaves no trace but an
// index, which the log has anyway.
func readOnly(path string) string {
	if size(path+logSuffix) > 0 {
		return "?mode=ro"
	}
	// Also where a birth that was killed has left a journal, which only a writer
	// can roll back: what is asked stands in the file as it is.
	return "?immutable=1"
}

// checkVersion refuses the schema of a later Drover.
func checkVersion(db *sql.DB) (version int64, err error) {
	if err := db.QueryRow("SELECT coalesce(max(version_id), 0) FROM goose_db_version").Scan(&version); err != nil {
		return 0, fmt.Errorf("%s cannot be read, restore it from a backup: version of the schema: %w", fileName, err)
	}
	knows, err := newestMigration()
	if err == nil && version > knows {
		err = fmt.Errorf("%s is of a newer Drover: its schema is version %d, this one knows %d", fileName, version, knows)
	}
	return version, err
}

// checkTables refuses a schema of a version that has lost a table or an index
// since it was made.
func checkTables(db *sql.DB, version int64) error {
	want, err := madeBy(version)
	if err != nil {
		return err
	}
	has, err := tables(db)
	if err != nil {
		return err
	}
	for _, name := range want {
		if !slices.Contains(has, name) {
			return fmt.Errorf("%s has lost %s: restore it from a backup", fileName, name)
		}
	}
	return nil
}

// madeBy is the tables and indexes that a new database of that version has.
func madeBy(version int64) (names []string, err error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection would be a database of its own
	p, err := migrationsOf(db)
	if err != nil {
		return nil, err
	}
	if _, err := p.UpTo(context.Background(), version); err != nil {
		return nil, fmt.Errorf("make the schema in memory: %w", err)
	}
	return tables(db)
}

// tables are the tables and indexes of a database, as "table jobs".
func tables(db *sql.DB) (names []string, err error) {
	rows, err := db.Query("SELECT type || ' ' || name FROM sqlite_master WHERE type IN ('table', 'index') AND name NOT LIKE 'sqlite%'")
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("read the schema: %w", err)
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// newestMigration is the version of the schema that Drover makes.
func newestMigration() (newest int64, err error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	for _, name := range files {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return 0, err
		}
		newest = max(newest, version)
	}
	return newest, err
}

// checkSmall looks for damage in the tables that a start reads, which are
// small. What is large is not looked at: a start would take as long as reading
// it all.
func checkSmall(db *sql.DB) error {
	for _, table := range []string{"meta", "jobs", "sessions", "subscriptions", "listeners"} {
		var found string
		if err := db.QueryRow("SELECT * FROM pragma_quick_check(?)", table).Scan(&found); err != nil {
			return fmt.Errorf("check table %s: %w", table, err)
		}
		if found != "ok" {
			found = strings.Join(strings.Fields(found), " ")
			return fmt.Errorf("%s is damaged in table %s, restore it from a backup: %s", fileName, table, found)
		}
	}
	return nil
}
