package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// A test that needs a process of its own starts this test binary with this variable set.
const asProgram = "TIMS_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program is `tims args` as a process of its own.
func program(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), asProgram+"=1")
	return c
}

// tims runs a command and gives its exit code and what it wrote.
func tims(t *testing.T, input string, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(input), &o, &e)
	return code, o.String(), e.String()
}

// must runs a command that has to end with the code given, and gives its standard output.
func must(t *testing.T, code int, args ...string) string {
	t.Helper()
	got, out, errOut := tims(t, "", args...)
	if got != code {
		t.Fatalf("tims %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, out, errOut)
	}
	return out
}

// mustJSON runs a command with --json and decodes the one line that it prints.
func mustJSON[T any](t *testing.T, code int, args ...string) T {
	t.Helper()
	out := must(t, code, append(args, "--json")...)
	if strings.Count(out, "\n") != 1 {
		t.Fatalf("tims %s --json: %d lines, want 1:\n%s", strings.Join(args, " "), strings.Count(out, "\n"), out)
	}
	var v T
	d := json.NewDecoder(strings.NewReader(out))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("tims %s --json: %v\n%s", strings.Join(args, " "), err, out)
	}
	return v
}

func TestMisuse(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := dir + "/" + name
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	hash := strings.Repeat("07", 32)
	junk := write("junk", "this is nothing\n")
	full := dir
	empty := t.TempDir()
	slip := write("slip.toml", "role = \"post\"\ncolour = \"red\"\n[people]\nlisten = \"127.0.0.1:1\"\nlisen = \"x\"\n")
	open := write("open.toml", "role=\"post\"\ndir=\"d\"\nfounding=\""+hash+"\"\n[people]\nlisten=\"0.0.0.0:1\"\n[peers]\nlisten=\":2\"\n")
	portal := write("portal.toml", "role=\"portal\"\n")
	plan := write("plan.toml", "country=\"al\"\ntime_zone=\"Europe/Tirane\"\nparent=\"x\"\napprovers=[\"a\",\"b\"]\nthreshold=1\n")
	for _, c := range []struct {
		args string
		says string
	}{
		{"", "say which command"},
		{"nosuch", "no command"},
		{"help nosuch", "no command"},
		{"help roster nosuch", "no command"},
		{"roster", "say which command"},
		{"roster nosuch", "no command"},
		{"--nosuch", "unknown flag"},
		{"demo --rate -1 --for 1s", "--rate -1"},
		{"demo --for 1s --rate 0", "--rate 0"},
		{"demo --rate", "needs an argument"},
		{"demo --rate x", "invalid argument"},
		{"demo --json", "--json needs --for"},
		{"demo --for 2s --cut 3s", "--cut 3s"},
		{"demo extra", "too much: tims demo"},
		{"found --plan " + plan, "needs --dir"},
		{"found --dir " + empty + "/c", "needs --plan"},
		{"found --dir " + empty + "/c --plan " + dir + "/none", "no file"},
		{"found --dir " + empty + "/c --plan " + junk, "line 1"},
		{"found --dir " + empty + "/c --plan " + plan, "more than half"},
		{"found --dir " + empty + "/c --plan ../../deploy/plan.toml stray", "too much: tims found"},
		{"found --dir " + full + " --plan ../../deploy/plan.toml", "nothing is overwritten"},
		{"join --dir " + empty + "/n --name x", "needs --role"},
		{"join --dir " + empty + "/n --name X! --role post --place P --traffic road --address a:1 --founding " + junk + " --hash " + hash +
			" --authority " + junk, "node name"},
		{"join --dir " + empty + "/n --name x --role king --place P --address a:1 --founding " + junk + " --hash " + hash + " --authority " + junk,
			"role"},
		{"join --dir " + empty + "/n --name x --role centre --place P --address a --founding " + junk + " --hash " + hash + " --authority " + junk,
			"address"},
		{"join --dir " + empty + "/n --name x --role centre --place P --address a:1 --founding " + junk + " --hash 12 --authority " + junk,
			"64 hexadecimal digits"},
		{"rebuild --dir " + empty + "/n --name x --founding " + junk + " --hash " + hash, "needs --authority"},
		{"rebuild --dir " + empty + "/n --name x --founding " + junk + " --hash " + hash + " --authority " + junk + " --wait -1s", "--wait -1s"},
		{"serve", "needs --config"},
		{"serve --config " + dir + "/none", "no file"},
		{"serve --config " + slip, "unknown key colour, people.lisen"},
		{"serve --config " + open, "in clear"},
		{"serve --config " + portal, "dir: the directory"},
		{"verify", "something is missing: tims verify DIR|URL"},
		{"verify a b", "\"b\" is too much: tims verify DIR|URL"},
		{"alerts diff --format csv one.csv", "something is missing: tims alerts diff"},
		{"verify " + dir + "/none", "not a directory"},
		{"verify " + empty, "neither a node nor exported logs"},
		{"verify ftp://host/", "no address"},
		{"verify " + empty + " --key x", "no verifier key"},
		{"verify --key=a+b+c --key=a+b+c " + empty, "two keys"},
		{"export " + empty + " --to x", "not the directory of a node"},
		{"export " + empty, "needs --to"},
		{"alerts import --format ofac-sdn", "something is missing: tims alerts import --format"},
		{"alerts import " + junk, "needs --format"},
		{"alerts import --format nosuch " + junk, "none of"},
		{"alerts import --format ofac-sdn " + junk + " --dry-run", "no file of the format"},
		{"alerts import --format ofac-sdn sdn.csv", "--dry-run"},
		{"alerts import --format ofac-sdn sdn.csv --dir a --config b", "not both"},
		{"alerts import --format ofac-sdn sdn.csv --dry-run --issued yesterday", "--issued"},
		{"alerts import --format ofac-sdn " + dir + "/sdn.csv --dry-run", "no file"},
		{"link", "needs --dir"},
		{"officer --label K-01", "needs --to"},
		{"officer --label K-01 --to " + empty + "/c --founding " + junk + " --hash " + hash + " --authority " + junk + " --duty king", "duty"},
		{"officer --label K-01 --to " + empty + "/c --founding " + junk + " --hash " + hash + " --authority " + junk + " --duty booth --drop",
			"do not go together"},
		{"certificate --node x", "needs --root"},
		{"certificate --root " + junk + " --node x --to " + empty, "root"},
		{"roster show", "needs --dir"},
		{"roster show --dir " + empty, "not the directory of a node"},
		{"roster learn --dir " + empty, "something is missing: tims roster learn FILE"},
		{"mrz file", "too much: tims mrz"},
		{"version x", "\"x\" is too much: tims version"},
	} {
		code, out, errOut := tims(t, "", strings.Fields(c.args)...)
		if code != 2 || out != "" || !strings.Contains(errOut, c.says) {
			t.Errorf("tims %s: exit code %d, want 2 and %q\n%s%s", c.args, code, c.says, out, errOut)
		}
	}
}

// Work that was asked for rightly and cannot be done is no misuse.
func TestFailure(t *testing.T) {
	for _, args := range []string{"link --dir .", "verify http://127.0.0.1:1"} {
		if code, _, errOut := tims(t, "", strings.Fields(args)...); code != 1 {
			t.Errorf("tims %s: exit code %d, want 1\n%s", args, code, errOut)
		}
	}
}

func TestHelpAndVersion(t *testing.T) {
	for _, args := range []string{"help", "--help", "help alerts import", "alerts import --help", "version", "--version", "serve -h"} {
		code, out, errOut := tims(t, "", strings.Fields(args)...)
		if code != 0 || out == "" || errOut != "" {
			t.Errorf("tims %s: exit code %d\n%s%s", args, code, out, errOut)
		}
	}
	v := mustJSON[struct{ Version, Revision, Go string }](t, 0, "version")
	if v.Version != version {
		t.Errorf("version %q, want %q", v.Version, version)
	}
}

// An interrupted command ends.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errOut bytes.Buffer
	if code := run(ctx, []string{"verify", "http://127.0.0.1:1"}, strings.NewReader(""), &out, &errOut); code != 1 {
		t.Errorf("exit code %d, want 1: %s", code, errOut.String())
	}
}

// oneWord is a flag with the name of its value, if it has one, and then its help.
var oneWord = regexp.MustCompile(`^ +(-\w, )?--[a-z-]+( [^ ]+)? {2,}[^ ]`)

// No help text takes words of a sentence for the name of a value: quoted in backticks they would become it.
func TestFlagsNameTheirValues(t *testing.T) {
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		for line := range strings.Lines(c.Flags().FlagUsages()) {
			if strings.Contains(line, "--") && !oneWord.MatchString(line) {
				t.Errorf("%s: %s", c.CommandPath(), line)
			}
		}
		for _, sub := range c.Commands() {
			look(sub)
		}
	}
	look(rootCommand())
}
