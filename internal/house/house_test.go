// Package house holds the rules of the house as tests: who may import whom (the table of docs/packages.md), what the pure
// packages do without, and what stands in no file. docs_test.go does the same for the documents.
package house

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root     = "../.." // of the module, from this directory
	ours     = "tims/internal/"
	maxLines = 500 // a file that is longer does more than one thing
)

// A row is one line of the table of packages.
type row struct {
	pure bool
	any  bool     // may import every package but cmd
	may  []string // packages below internal
}

var inTicks = regexp.MustCompile("`([^`]+)`")

// table reads docs/packages.md: | `name` | purpose | may import |. "Pure." in the purpose makes a package pure.
func table(t *testing.T) map[string]row {
	t.Helper()
	out := map[string]row{}
	for _, line := range strings.Split(read(t, "docs/packages.md"), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			continue
		}
		name := inTicks.FindStringSubmatch(cells[1])
		if name == nil {
			continue
		}
		if _, twice := out[name[1]]; twice {
			t.Errorf("docs/packages.md: %s stands in the table twice", name[1])
		}
		r := row{pure: strings.Contains(cells[2], "Pure."), any: strings.HasPrefix(strings.TrimSpace(cells[3]), "any")}
		for _, m := range inTicks.FindAllStringSubmatch(cells[3], -1) {
			r.may = append(r.may, m[1])
		}
		if !r.any && len(r.may) == 0 && strings.TrimSpace(cells[3]) != "–" {
			t.Errorf("docs/packages.md: the row of %s names no package; nothing is written –", name[1])
		}
		out[name[1]] = r
	}
	return out
}

// A source is one Go file that is not a test.
type source struct {
	path string // from the module's root, with slashes
	pkg  string // below internal, or cmd/…
	set  *token.FileSet
	file *ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	for name := range files(t) {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/testdata/") {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, filepath.Join(root, name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source{name, strings.TrimPrefix(path.Dir(name), "internal/"), set, f})
	}
	if len(out) < 100 {
		t.Fatalf("only %d source files found: this test looks in the wrong place", len(out))
	}
	return out
}

func (s source) imports() []string {
	var out []string
	for _, spec := range s.file.Imports {
		p, _ := strconv.Unquote(spec.Path.Value) // the parser has read it already
		out = append(out, p)
	}
	return out
}

// files gives every text file of the module by its path, with slashes. What stands in .gitignore is nobody's text.
func files(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(filepath.ToSlash(p), root+"/")
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == ".git" || name == "dist"):
			return fs.SkipDir
		case d.IsDir() || name == "tims" || strings.HasSuffix(name, ".test") || strings.HasSuffix(name, ".prof"):
			return nil
		}
		b, err := os.ReadFile(p)
		if err == nil && !bytes.Contains(b[:min(len(b), 8000)], []byte{0}) {
			out[name] = b
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestImportsFollowTheTable(t *testing.T) {
	rows := table(t)
	living := map[string]bool{}
	for _, s := range sources(t) {
		living[s.pkg] = true
		r, ok := rows[s.pkg]
		if !ok {
			t.Errorf("%s: package %s has no row in docs/packages.md", s.path, s.pkg)
			continue
		}
		for _, imported := range s.imports() {
			dep, isOurs := strings.CutPrefix(imported, ours)
			switch {
			case !isOurs:
			case r.any, slices.Contains(r.may, dep):
			default:
				t.Errorf("%s imports %s, which docs/packages.md does not allow %s", s.path, dep, s.pkg)
			}
		}
	}
	for name := range rows {
		if !living[name] {
			t.Errorf("docs/packages.md has a row for %s, of which there is no package", name)
		}
	}
}

// An entry of the table that nobody uses is a door left open.
func TestTableAllowsOnlyWhatIsUsed(t *testing.T) {
	used := map[string]bool{}
	for _, s := range sources(t) {
		for _, imported := range s.imports() {
			if dep, isOurs := strings.CutPrefix(imported, ours); isOurs {
				used[s.pkg+" "+dep] = true
			}
		}
	}
	for name, r := range table(t) {
		for _, dep := range r.may {
			if !used[name+" "+dep] {
				t.Errorf("docs/packages.md allows %s to import %s, which it does not", name, dep)
			}
		}
	}
}

// impure are imports that reach files, network, clock, context or chance. Packages below them count too.
var impure = []string{"bufio", "context", "crypto/rand", "database/sql", "io/ioutil", "log", "math/rand", "net", "os", "path/filepath",
	"syscall", "testing"}

// clockCalls are the ways in which package time reads the clock or waits for it.
var clockCalls = []string{"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until"}

func TestPurePackagesComputeOnly(t *testing.T) {
	pure := map[string]bool{}
	for name, r := range table(t) {
		pure[name] = r.pure
	}
	for _, name := range []string{"mrz", "border", "watchlist", "record", "seal", "roster"} {
		if !pure[name] {
			t.Errorf("docs/packages.md does not call %s pure", name)
		}
	}
	for _, s := range sources(t) {
		if !pure[s.pkg] {
			continue
		}
		for _, imported := range s.imports() {
			for _, bad := range impure {
				if imported == bad || strings.HasPrefix(imported, bad+"/") {
					t.Errorf("%s is of a pure package and imports %s", s.path, imported)
				}
			}
			if dep, isOurs := strings.CutPrefix(imported, ours); isOurs && !pure[dep] {
				t.Errorf("%s is of a pure package and imports %s, which is none", s.path, dep)
			}
		}
		s.eachCall(func(pkg, name string, at token.Position) {
			if pkg == "time" && slices.Contains(clockCalls, name) {
				t.Errorf("%s:%d: a pure package calls time.%s", s.path, at.Line, name)
			}
		})
	}
}

// eachCall hears of every mention of a function by import path and name, such as time.Now, also where it is not called at
// once.
func (s source) eachCall(hear func(pkg, name string, at token.Position)) {
	paths := map[string]string{}
	for i, imported := range s.imports() {
		name := path.Base(imported)
		if alias := s.file.Imports[i].Name; alias != nil {
			name = alias.Name
		}
		paths[name] = imported
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Obj == nil && paths[x.Name] != "" { // an object would be a variable's
				hear(paths[x.Name], sel.Sel.Name, s.set.Position(sel.Pos()))
			}
		}
		return true
	})
}

// Crossings are asked of one package; the log keeps its own file. Two files of demo, and one of drill, are the director with an SQL
// shell and the administrator who undoes him, by design.
func TestSQLHasTwoHomes(t *testing.T) {
	homes, exceptions := []string{"projection", "tlog"}, []string{"internal/demo/attack.go", "internal/demo/live.go", "internal/drill/tamper.go", "internal/drill/exhaust.go"}
	seen := map[string]bool{}
	for _, s := range sources(t) {
		for _, imported := range s.imports() {
			if imported != "database/sql" && !strings.HasPrefix(imported, "github.com/ncruces/go-sqlite3") {
				continue
			}
			seen[s.pkg] = true
			if !slices.Contains(homes, s.pkg) && !slices.Contains(exceptions, s.path) {
				t.Errorf("%s imports %s; SQL is for %v", s.path, imported, homes)
			}
		}
	}
	for _, home := range homes {
		if !seen[home] {
			t.Errorf("%s has no SQL: this test looks in the wrong place", home)
		}
	}
}

// What a node has to say goes to its journal or to its caller; only cmd prints.
func TestNothingPrints(t *testing.T) {
	for _, s := range sources(t) {
		if !strings.HasPrefix(s.path, "internal/") {
			continue
		}
		s.eachCall(func(pkg, name string, at token.Position) {
			if pkg == "fmt" && strings.HasPrefix(name, "Print") || pkg == "log" && name != "New" ||
				pkg == "os" && (name == "Stdout" || name == "Stderr" || name == "Exit") {
				t.Errorf("%s:%d: %s.%s", s.path, at.Line, pkg, name)
			}
		})
	}
}

func TestPackagesSayWhatTheyAre(t *testing.T) {
	said, name := map[string]string{}, map[string]string{}
	for _, s := range sources(t) {
		name[s.pkg] = s.file.Name.Name
		if s.file.Doc == nil {
			continue
		}
		if said[s.pkg] != "" {
			t.Errorf("package %s has a package comment in two files", s.pkg)
		}
		said[s.pkg] = s.file.Doc.Text()
	}
	for pkg, short := range name {
		begin := "Package " + short + " "
		if short == "main" {
			begin = "Command " + path.Base(pkg) + " "
		}
		if !strings.HasPrefix(said[pkg], begin) {
			t.Errorf("the package comment of %s begins with %q, not with %q", pkg, said[pkg][:min(len(said[pkg]), 30)], begin)
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	for name, b := range files(t) {
		if !strings.HasPrefix(name, "internal/") && !strings.HasPrefix(name, "cmd/") || strings.Contains(name, "/testdata/") {
			continue
		}
		if slices.Contains([]string{".go", ".js", ".css", ".html", ".sql"}, path.Ext(name)) {
			if n := bytes.Count(b, []byte("\n")); n >= maxLines {
				t.Errorf("%s has %d lines; under %d are allowed", name, n, maxLines)
			}
		}
	}
}

// forbidden stand in no text file. They are put together here so that this file does not find itself.
var forbidden = map[string]*regexp.Regexp{
	"a mark of unfinished work":      regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|HA` + `CK)\b`),
	"a skipped test":                 regexp.MustCompile(`\bt\.Skip` + `(f|Now)?\(`),
	"a path of somebody's machine":   regexp.MustCompile(`(^|[\s"'=(:` + "`" + `])/(wor` + `k|roo` + `t|hom` + `e|User` + `s)/[A-Za-z0-9._-]`),
	"where modules are fetched from": regexp.MustCompile(`\bGO` + `(PROXY|NOPROXY|NOSUMDB|PRIVATE|INSECURE)\b|\b(pip|npm)_(config|index)`),
	"the address of a registry":      regexp.MustCompile(`(?i)https?://[^\s/]*(artifact` + `ory|nex` + `us|proxy\.golang|registry\.npm|pypi)`),
	"a private network's host":       regexp.MustCompile(`https?://[A-Za-z0-9-]+\.(intern` + `al|corp|lan)\b`),
}

// dataFiles are other people's texts and tables, which stand as they came.
var dataFiles = regexp.MustCompile(`/testdata/|/names/|\.(tsv|csv|jsonl|hex|svg)$|\.min\.(js|css)$|/licences/|^LICENSE$|^go\.sum$`)

func TestNothingForbidden(t *testing.T) {
	looked := 0
	for name, b := range files(t) {
		if dataFiles.MatchString(name) {
			continue
		}
		looked++
		for what, pattern := range forbidden {
			for i, line := range strings.Split(string(b), "\n") {
				if found := pattern.FindString(line); found != "" {
					t.Errorf("%s:%d: %s: %q", name, i+1, what, found)
				}
			}
		}
	}
	if looked < 200 {
		t.Errorf("only %d files looked at", looked)
	}
}
