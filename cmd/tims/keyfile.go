package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"

	"tims/internal/node"
	"tims/internal/roster"
)

// A key file is text that a person can recognise: a header line with what it is, comments behind #, then "name: value" lines.

const (
	authorityHeader = "TIMS authority key 1"
	shareHeader     = "TIMS recovery share 1"
	auditorHeader   = "TIMS auditor's key 1"
)

type field struct{ name, value string }

// keyFile writes the text of a key file.
func keyFile(header, comment string, fields ...field) []byte {
	var b bytes.Buffer
	b.WriteString(header + "\n")
	for line := range strings.Lines(comment) {
		b.WriteString("# " + strings.TrimRight(line, "\n") + "\n")
	}
	for _, f := range fields {
		b.WriteString(f.name + ": " + f.value + "\n")
	}
	return b.Bytes()
}

// readKeyFile reads the fields of a key file with the given header. Its errors name no content.
func readKeyFile(path, header string) (map[string]string, error) {
	b, err := readFile(path, maxKeyFile)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	if !lines.Scan() || strings.TrimSpace(lines.Text()) != header {
		return nil, misused("%s is not a key file: its first line is not %q", path, header)
	}
	fields := map[string]string{}
	for number := 2; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if _, twice := fields[name]; !ok || twice {
			return nil, misused("%s, line %d: not a \"name: value\" line, or a name that stands twice", path, number)
		}
		fields[name] = strings.TrimSpace(value)
	}
	return fields, lines.Err()
}

// An approver is one person's key, read from a file that he brought.
type approver struct {
	name string
	key  ed25519.PrivateKey
}

func readApprover(path, country string) (approver, error) {
	f, err := readKeyFile(path, authorityHeader)
	if err != nil {
		return approver{}, err
	}
	seed, err := base64.StdEncoding.DecodeString(f["private"])
	if err != nil || len(seed) != ed25519.SeedSize || f["approver"] == "" {
		return approver{}, fmt.Errorf("%s is damaged: it lacks the approver's name or a private key of %d bytes", path, ed25519.SeedSize)
	}
	if f["country"] != country {
		return approver{}, misused("%s is a key of the country %q, and the founding is of %q", path, f["country"], country)
	}
	a := approver{f["approver"], ed25519.NewKeyFromSeed(seed)}
	if public := base64.StdEncoding.EncodeToString(a.key.Public().(ed25519.PublicKey)); public != f["public"] {
		return approver{}, fmt.Errorf("%s is damaged: its private key is not that of its public key", path)
	}
	return a, nil
}

// approveWith signs a change with the keys in the files given.
func approveWith(paths []string, country string) (node.Approver, error) {
	var all []approver
	for _, path := range paths {
		a, err := readApprover(path, country)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return func(c roster.Change) ([]roster.Approval, error) {
		var out []roster.Approval
		for _, a := range all {
			out = append(out, roster.Approve(c, a.name, a.key))
		}
		return out, nil
	}, nil
}
