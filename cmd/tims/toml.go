package main

import (
	"errors"
	"strings"

	"github.com/BurntSushi/toml"
)

// decodeTOML reads a configuration strictly: a key that nothing reads is a slip of the pen, and its name is told.
func decodeTOML(path string, into any) error {
	b, err := readFile(path, maxConfig)
	if err != nil {
		return err
	}
	known, err := toml.Decode(string(b), into)
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return misused("%s, line %d: %s", path, parse.Position.Line, parse.Message)
	}
	if err != nil {
		return misused("%s: %s", path, strings.TrimPrefix(err.Error(), "toml: "))
	}
	var unknown []string
	for _, k := range known.Undecoded() {
		unknown = append(unknown, k.String())
	}
	if len(unknown) > 0 {
		return misused("%s: unknown key %s", path, strings.Join(unknown, ", "))
	}
	return nil
}
