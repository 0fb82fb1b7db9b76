package arch

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// house is the plan: a room imports only rooms of lower floors.
var house = plan{
	floors: `
fault, clock, goruntime, tcp                      # 0
job, fleet, policy, mqtt, quota                   # 1, pure
store, broker, mqttclient, awsapi, artifact, pki  # 2
engine                                            # 3
announce, control, device, console, s3            # 4
server                                            # 5
cli                                               # 6
cmd/drover                                        # 7`,
	// Within a room, who may import whom.
	within: `
job/managed      job
awsapi/iot       awsapi
awsapi/jobsdata  awsapi
awsapi/iotdata   awsapi
store/sqlstore   store, store/querysql
store/sqlite     store, store/sqlstore
store/postgres   store, store/sqlstore
store/storetest  store
artifact/disk    artifact
cli              cli/demo, cli/bench
cli/bench        cli/bench/crowd`,
	// Rooms of tests: they may import anything, only tests import them.
	tests: `arch, drovertest, drovertest/promise, store/storetest, fleet/query/querytest`,
	// The public client: it has wire structs of its own.
	public: `jobs`,
	// What floor 1 may use of the standard library.
	pure: `
bytes, cmp, embed, encoding/base64, encoding/binary, encoding/hex, encoding/json, errors, fmt, hash/fnv, io, iter,
maps, math, math/big, math/bits, regexp, slices, sort, strconv, strings, time, unicode, unicode/utf8`,
	// Other people's modules, and the rooms that may import them.
	vendors: `
github.com/mochi-mqtt/server/v2/packets  mqtt
github.com/coder/websocket               broker, mqttclient
modernc.org/sqlite                       store/sqlite
github.com/jackc/pgx/v5                  store/postgres
github.com/pressly/goose/v3              store/sqlstore, store/sqlite, store/postgres
github.com/google/uuid                   announce, awsapi, broker, device, engine, s3
github.com/aws/aws-sdk-go-v2             awsapi, artifact
github.com/prometheus/client_golang      server
golang.org/x/sync                        store/postgres, broker, device, server, cli/demo, cli/bench
golang.org/x/term                        cli, cli/demo
golang.org/x/time                        broker, control, device
github.com/alecthomas/kong               cli
github.com/BurntSushi/toml               cli
github.com/jedib0t/go-pretty/v6          cli/demo, cli/bench
github.com/lmittmann/tint                cli
github.com/mattn/go-isatty               cli
github.com/dustin/go-humanize            cli/demo, cli/bench
pgregory.net/rapid                       tests
github.com/google/go-cmp                 tests
go.uber.org/goleak                       tests
github.com/rogpeppe/go-internal          tests
github.com/eclipse/paho.golang           tests
github.com/eclipse/paho.mqtt.golang      tests
github.com/gorilla/websocket             tests`,
}

// plan is the architecture as text.
type plan struct{ floors, within, tests, public, pure, vendors string }

// words splits a list at commas and white space.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
}

// table reads lines of a name and the names that belong to it.
func table(text string) map[string][]string {
	rows := map[string][]string{}
	for line := range strings.Lines(text) {
		if w := words(line); len(w) > 0 {
			rows[w[0]] = w[1:]
		}
	}
	return rows
}

// floor is the floor of a room, by its folder; ok is false if it has none.
func (p plan) floor(dir string) (floor int, ok bool) {
	for line := range strings.Lines(strings.TrimSpace(p.floors)) {
		rooms, _, _ := strings.Cut(line, "#")
		if slices.Contains(words(rooms), p.room(dir)) {
			return floor, true
		}
		floor++
	}
	return 0, false
}

// room is the room that a folder belongs to.
func (p plan) room(dir string) string {
	if strings.HasPrefix(dir, "cmd/") {
		return dir
	}
	room, _, _ := strings.Cut(dir, "/")
	return room
}

func (p plan) forTests(dir string) bool { return slices.Contains(words(p.tests), dir) }

// imports finds what goes sideways or up. Tests may look anywhere.
func (p plan) imports(files []source) []string {
	var found []string
	for _, s := range files {
		if s.test() || p.forTests(s.dir()) {
			continue
		}
		for _, i := range s.imports() {
			if to, ours := strings.CutPrefix(i, module); ours {
				if why := p.mayImport(s.dir(), strings.TrimPrefix(to, "internal/")); why != "" {
					found = append(found, fmt.Sprintf("%s imports %s: %s", s.path, to, why))
				}
			}
		}
		if _, ok := p.floor(s.dir()); !ok && s.dir() != p.public {
			found = append(found, fmt.Sprintf("%s: %s has no floor", s.path, s.dir()))
		}
	}
	return found
}

// mayImport is why one room may not import another, or "".
func (p plan) mayImport(from, to string) string {
	lower, _ := p.floor(to)
	upper, _ := p.floor(from)
	switch {
	case p.forTests(to):
		return "only tests may"
	case from == p.public:
		return "the public client stands alone"
	case p.room(from) == p.room(to):
		if !slices.Contains(table(p.within)[from], to) {
			return "not within its room"
		}
	case lower >= upper:
		return fmt.Sprintf("floor %d on floor %d", upper, lower)
	}
	return ""
}

// purity finds what floor 1 may not use: anything but fault and what is listed.
func (p plan) purity(files []source) []string {
	allowed := append(words(p.pure), module+"internal/fault")
	var found []string
	for _, s := range files {
		if floor, ok := p.floor(s.dir()); s.test() || p.forTests(s.dir()) || !ok || floor != 1 {
			continue
		}
		room := table(p.within)[s.dir()]
		for _, i := range s.imports() {
			if !slices.Contains(allowed, i) && !slices.Contains(room, strings.TrimPrefix(i, module+"internal/")) && !foreign(i) {
				found = append(found, fmt.Sprintf("%s imports %s: floor 1 is pure", s.path, i))
			}
		}
		found = append(found, goroutines(s)...)
	}
	return found
}

// foreign tells an import of somebody else's module from the standard library
// and from our own.
func foreign(imported string) bool {
	host, _, _ := strings.Cut(imported, "/")
	return strings.Contains(host, ".") && !strings.HasPrefix(imported, module)
}

// modules finds other people's modules in rooms that they do not belong to.
func (p plan) modules(files []source) []string {
	vendors := table(p.vendors)
	var found []string
	for _, s := range files {
		for _, i := range s.imports() {
			if foreign(i) && !p.mayUse(s, vendorOf(i, vendors)) {
				found = append(found, fmt.Sprintf("%s imports %s: it has no business there", s.path, i))
			}
		}
	}
	return found
}

// mayUse tells whether a module that is listed for rooms may be in this file.
// What a test imports need only be listed.
func (p plan) mayUse(s source, rooms []string) bool {
	if s.test() || p.forTests(s.dir()) {
		return len(rooms) > 0
	}
	return slices.Contains(rooms, s.dir())
}

// vendorOf is the rooms of the module that holds the import.
func vendorOf(imported string, vendors map[string][]string) []string {
	for name, rooms := range vendors {
		if imported == name || strings.HasPrefix(imported, name+"/") {
			return rooms
		}
	}
	return nil
}

func TestImportsThatBreakTheFloors(t *testing.T) {
	for _, c := range []struct {
		name, path, imports string
		want                []string
	}{
		{"down", "internal/engine/a.go", "internal/job", nil},
		{"down by many floors", "internal/cli/a.go", "internal/fault", nil},
		{"up", "internal/job/a.go", "internal/engine", []string{"imports internal/engine: floor 1 on floor 3"}},
		{"sideways", "internal/control/a.go", "internal/device", []string{"floor 4 on floor 4"}},
		{"sideways from a sub-package", "internal/store/sqlite/a.go", "internal/broker", []string{"floor 2 on floor 2"}},
		{"within a room, listed", "internal/store/sqlite/a.go", "internal/store/sqlstore", nil},
		{"within a room, not listed", "internal/store/a.go", "internal/store/sqlite", []string{"not within its room"}},
		{"within a room, the other way round", "internal/awsapi/a.go", "internal/awsapi/iot", []string{"not within its room"}},
		{"a room without a floor", "internal/util/a.go", "internal/fault", []string{"util has no floor", "floor 0 on floor 0"}},
		{"a room for tests", "internal/server/a.go", "internal/drovertest", []string{"only tests may"}},
		{"the public client", "jobs/a.go", "internal/fault", []string{"stands alone"}},
		{"main", "cmd/drover/a.go", "internal/cli", nil},
		{"a test may look up", "internal/job/a_test.go", "internal/engine", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := parse(t, c.path, "package a\nimport _ \""+module+c.imports+"\"\n")
			wantViolations(t, house.imports([]source{s}), c.want)
		})
	}
}

func TestWhatFloorOneMayNotUse(t *testing.T) {
	for _, c := range []struct {
		name, path, imports string
		want                []string
	}{
		{"strings", "internal/job/a.go", "strings", nil},
		{"fault", "internal/fleet/a.go", module + "internal/fault", nil},
		{"the clock", "internal/job/a.go", module + "internal/clock", []string{"internal/clock: floor 1 is pure"}},
		{"its own room", "internal/job/managed/a.go", module + "internal/job", nil},
		{"files", "internal/job/a.go", "os", []string{"imports os"}},
		{"a context", "internal/policy/a.go", "context", []string{"imports context"}},
		{"a lock", "internal/mqtt/a.go", "sync", []string{"imports sync"}},
		{"files in a test", "internal/job/a_test.go", "os", nil},
		{"files upstairs", "internal/engine/a.go", "os", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := parse(t, c.path, "package a\nimport _ \""+c.imports+"\"\n")
			wantViolations(t, house.purity([]source{s}), c.want)
		})
	}
	s := parse(t, "internal/job/a.go", "package job\nfunc f() { go f() }\n")
	wantViolations(t, house.purity([]source{s}), []string{"internal/job/a.go:2 starts a goroutine"})
}

func TestModulesInTheWrongRoom(t *testing.T) {
	for _, c := range []struct {
		name, path, imports string
		want                []string
	}{
		{"the codec in mqtt", "internal/mqtt/a.go", "github.com/mochi-mqtt/server/v2/packets", nil},
		{"the codec elsewhere", "internal/broker/a.go", "github.com/mochi-mqtt/server/v2/packets", []string{"no business"}},
		{"the codec's server", "internal/mqtt/a.go", "github.com/mochi-mqtt/server/v2", []string{"no business"}},
		{"a package of a module", "internal/store/postgres/a.go", "github.com/jackc/pgx/v5/pgconn", nil},
		{"a database in the engine", "internal/engine/a.go", "modernc.org/sqlite", []string{"no business"}},
		{"a test's module in a test", "internal/job/a_test.go", "pgregory.net/rapid", nil},
		{"a test's module in the product", "internal/job/a.go", "pgregory.net/rapid", []string{"no business"}},
		{"a module that nobody knows", "internal/job/a_test.go", "github.com/stretchr/testify/assert", []string{"no business"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := parse(t, c.path, "package a\nimport _ \""+c.imports+"\"\n")
			wantViolations(t, house.modules([]source{s}), c.want)
		})
	}
}
