package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"github.com/drover-iot/drover/internal/server"
)

// This file makes the configuration of a node of a file, the environment and
// flags, and knows of each setting where it comes from.

// sources is where settings come from, by their names: a flag, a variable, or
// a line of a file. One that is not there is a default.
type sources map[string]string

// settle is the configuration that f comes to, and where its settings come from.
func (f serve) settle(k *kong.Context) (server.Config, sources, error) {
	cfg, from := server.Defaults(), sources{}
	from.flags(k)
	inFile := sources{}
	if from["config"] != "" {
		if err := inFile.file(f.Config, &cfg); err != nil {
			return cfg, from, err
		}
	}
	f.over(&cfg)
	maps.Copy(inFile, from)
	cfg.Version = Version
	return cfg, inFile, cfg.Check()
}

// mostConfig bounds a configuration file: all settings there are take less.
const mostConfig = 1 << 20

// file reads the configuration file over cfg.
func (from sources) file(path string, cfg *server.Config) error {
	text, err := readRegular(path, mostConfig)
	if err != nil {
		return &server.SettingError{Setting: "config", Err: fmt.Errorf("read the configuration file: %w", err)}
	}
	var given map[string]any
	if _, err := toml.Decode(text, &given); err != nil {
		return atLine(path, err)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		from[name] = path
		if n := lineOf(text, name); n > 0 {
			from[name] = fmt.Sprintf("%s:%d", path, n)
		}
		if err := setField(cfg, name, given[name]); err != nil {
			return &server.SettingError{Setting: from[name], Err: err}
		}
		from[name] += ": " + name
	}
	return nil
}

// readRegular reads a file that is one, of no more than most bytes: to open a
// pipe may take for ever, and a device may have no end.
func readRegular(path string, most int64) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a regular file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s has more than %d bytes", path, most)
	}
	return string(text), err
}

// atLine is an error of the parser as one about a line of the file.
func atLine(path string, err error) error {
	if wrong := (toml.ParseError{}); errors.As(err, &wrong) {
		return &server.SettingError{Setting: fmt.Sprintf("%s:%d", path, wrong.Position.Line), Err: errors.New(wrong.Message)}
	}
	return &server.SettingError{Setting: path, Err: err}
}

// lineOf is the number of the line that sets a name, 0 if none is seen to.
func lineOf(text, name string) int {
	n := 0
	for line := range strings.Lines(text) {
		n++
		key, _, _ := strings.Cut(line, "=")
		if strings.Trim(key, " \t\r\n[]\"'") == name {
			return n
		}
	}
	return 0
}

// setField sets the setting of cfg that a file calls name.
func setField(cfg *server.Config, name string, value any) error {
	to := reflect.ValueOf(cfg).Elem()
	var known []string
	for _, field := range reflect.VisibleFields(to.Type()) {
		tag := field.Tag.Get("toml")
		if tag == name && tag != "-" {
			return setValue(to.FieldByIndex(field.Index), name, value)
		}
		known = append(known, tag)
	}
	if meant := strings.ReplaceAll(strings.ToLower(name), "_", "-"); slices.Contains(known, meant) && meant != "-" {
		return fmt.Errorf("unknown setting %q, did you mean %q?", name, meant)
	}
	return fmt.Errorf("unknown setting %q", name)
}

// setValue sets a setting, which holds its default, to a value of its type.
func setValue(to reflect.Value, name string, value any) error {
	switch v := value.(type) {
	case string:
		if to.Kind() == reflect.String {
			to.SetString(v)
			return nil
		}
	case int64:
		if to.Kind() == reflect.Int {
			to.SetInt(v)
			return nil
		}
	case bool:
		if to.Kind() == reflect.Bool {
			to.SetBool(v)
			return nil
		}
	}
	return fmt.Errorf("%s must be %s", name, wanted(to))
}

// wanted is what the value of a setting looks like.
func wanted(setting reflect.Value) string {
	switch {
	case setting.Kind() == reflect.Bool:
		return "true or false"
	case setting.Kind() == reflect.Int:
		return fmt.Sprintf("a whole number such as %d", setting.Int())
	case setting.String() == "":
		return "a string in quotes"
	default:
		return fmt.Sprintf("a string such as %q", setting.String())
	}
}

// flags notes which settings flags and variables give.
func (from sources) flags(k *kong.Context) {
	for _, flag := range k.Flags() {
		for _, env := range flag.Tag.Envs {
			if os.Getenv(env) != "" {
				from[flag.Name] = env
			}
		}
	}
	for _, p := range k.Path {
		if p.Flag != nil {
			from[p.Flag.Name] = "--" + p.Flag.Name
		}
	}
}

// named is err with the source of the setting that it is about.
func (from sources) named(err error) error {
	wrong := (*server.SettingError)(nil)
	if !errors.As(err, &wrong) || from[wrong.Setting] == "" {
		return err
	}
	return &server.SettingError{Setting: from[wrong.Setting], Err: wrong.Err}
}

// over puts what flags and variables say over cfg.
func (f serve) over(cfg *server.Config) {
	given(&cfg.Data, f.Data)
	given(&cfg.HTTP, f.HTTP)
	given(&cfg.MQTT, f.MQTT)
	given(&cfg.Account, f.Account)
	given(&cfg.Region, f.Region)
	given(&cfg.Clock, f.Clock)
	given(&cfg.LogFormat, f.LogFormat)
	given(&cfg.LogLevel, f.LogLevel)
	given(&cfg.Pprof, f.Pprof)
	given(&cfg.MaxRolloutRate, f.MaxRate)
	given(&cfg.AWSLimits, f.AWSLimits)
	given(&cfg.S3Endpoint, f.S3Endpoint)
	given(&cfg.S3Region, f.S3Region)
	given(&cfg.S3AccessKey, f.S3AccessKey)
	given(&cfg.S3SecretKey, f.S3SecretKey)
	given(&cfg.S3URL, f.S3URL)
	given(&cfg.S3Document, f.S3Document)
	given(&cfg.Insecure, f.Insecure)
}

func given[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// forgetEmpty takes variables of ours that are empty out of the environment:
// that is how a shell script or a compose file leaves one out, and the parser
// would take it for a value.
func forgetEmpty() error {
	for _, v := range os.Environ() {
		name, value, _ := strings.Cut(v, "=")
		if value == "" && strings.HasPrefix(name, "DROVER_") {
			if err := os.Unsetenv(name); err != nil {
				return fmt.Errorf("leave out %s: %w", name, err)
			}
		}
	}
	return nil
}
