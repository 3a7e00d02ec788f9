package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// documents are the pages that people read: those at the root and below docs.
func documents(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, b := range files(t) {
		if path.Ext(name) == ".md" && (strings.HasPrefix(name, "docs/") || !strings.Contains(name, "/")) {
			out[name] = string(b)
		}
	}
	if out["README.md"] == "" || len(out) < 12 {
		t.Errorf("%d documents and a README of %d bytes", len(out), len(out["README.md"]))
	}
	return out
}

var (
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fenced = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	span   = regexp.MustCompile("`[^`\n]*`")
)

func TestLinksResolve(t *testing.T) {
	docs, found := documents(t), 0
	for name, text := range docs {
		for _, m := range link.FindAllStringSubmatch(span.ReplaceAllString(fenced.ReplaceAllString(text, ""), ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			found++
			to := name
			if target != "" {
				to = path.Join(path.Dir(name), target)
			}
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				t.Errorf("%s: link to %s, which is not there", name, m[1])
			} else if anchor != "" && !slices.Contains(anchors(docs[to]), anchor) {
				t.Errorf("%s: link to %s: there is no such heading", name, m[1])
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d links found", found)
	}
}

// anchors are the names that a page's headings get on the usual sites.
func anchors(text string) []string {
	var out []string
	for _, line := range strings.Split(fenced.ReplaceAllString(text, ""), "\n") {
		heading := strings.TrimLeft(line, "#")
		if heading == line || !strings.HasPrefix(heading, " ") {
			continue
		}
		out = append(out, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(heading)))
	}
	return out
}

// tests gives the names of all tests and fuzz targets as package.Name, such as tlog.TestReopen.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for name := range files(t) {
		if !strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				out[strings.TrimPrefix(path.Dir(name), "internal/")+"."+fn.Name.Name] = true
			}
		}
	}
	return out
}

var citation = regexp.MustCompile("`([a-z/]+\\.(?:Test|Fuzz)[A-Za-z0-9_]+)`")

func TestCitedTestsExist(t *testing.T) {
	living, cited := tests(t), map[string]bool{}
	for name, text := range documents(t) {
		for _, m := range citation.FindAllStringSubmatch(text, -1) {
			if !living[m[1]] {
				t.Errorf("%s cites the test %s, which is not there", name, m[1])
			}
			if name == "docs/threat-model.md" {
				cited[m[1]] = true
			}
		}
	}
	if len(cited) < 40 {
		t.Errorf("the threat model cites only %d tests", len(cited))
	}
}

// Each claim of the threat model names what proves it, or says that nothing does yet.
func TestClaimsNameTheirTest(t *testing.T) {
	claims := 0
	for i, line := range strings.Split(read(t, "docs/threat-model.md"), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || strings.HasPrefix(cells[1], "-") || strings.TrimSpace(cells[2]) == "proved by" {
			continue
		}
		claims++
		if !citation.MatchString(cells[2]) && !strings.Contains(cells[2], "no test yet") {
			t.Errorf("docs/threat-model.md:%d: a claim without a test", i+1)
		}
	}
	if claims < 30 {
		t.Errorf("only %d claims found", claims)
	}
}

// words that the design rules on. Each has one meaning and one home.
var words = []string{"post", "booth", "place", "traveller", "party", "document", "zone", "check", "finding", "decision", "crossing", "entry",
	"exit", "record", "leaf", "refusal", "referral", "stay", "basis", "alert", "hit", "alarm", "checkpoint", "tile", "cosignature",
	"mirror", "follower", "witness", "split view", "verify", "roster", "rulebook", "authority", "approval", "epoch", "parcel", "receipt"}

func TestGlossaryHasEachWordOnce(t *testing.T) {
	packages, seen := table(t), map[string]bool{}
	for i, line := range strings.Split(read(t, "docs/glossary.md"), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "**") {
			continue
		}
		word := strings.Trim(cells[1], " *")
		if seen[word] {
			t.Errorf("docs/glossary.md:%d: %q stands there twice", i+1, word)
		}
		seen[word] = true
		homes := inTicks.FindAllStringSubmatch(cells[3], -1)
		if len(homes) == 0 && strings.TrimSpace(cells[3]) != "later" && strings.TrimSpace(cells[3]) != "the world" {
			t.Errorf("docs/glossary.md:%d: %q has no home", i+1, word)
		}
		for _, h := range homes {
			pkg, _, _ := strings.Cut(h[1], ".")
			if _, ok := packages[pkg]; !ok {
				t.Errorf("docs/glossary.md:%d: %q lives in %s, which is no package", i+1, word, pkg)
			}
		}
	}
	for _, w := range words {
		if !seen[w] {
			t.Errorf("docs/glossary.md lacks %q", w)
		}
	}
}

// Every home that names something, such as border.Check, names something exported that is there.
func TestGlossaryHomesExist(t *testing.T) {
	exported := map[string]bool{}
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				exported[s.pkg+"."+d.Name.Name] = true
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						exported[s.pkg+"."+spec.Name.Name] = true
					case *ast.ValueSpec:
						for _, n := range spec.Names {
							exported[s.pkg+"."+n.Name] = true
						}
					}
				}
			}
		}
	}
	for _, m := range inTicks.FindAllStringSubmatch(read(t, "docs/glossary.md"), -1) {
		pkg, name, qualified := strings.Cut(m[1], ".")
		if qualified && ast.IsExported(name) && !strings.ContainsAny(m[1], " /") && !exported[pkg+"."+name] {
			t.Errorf("docs/glossary.md names %s, which is not there", m[1])
		}
	}
}

var required = regexp.MustCompile(`(?m)^\t([^\s]+) (v[^\s]+)$`)

// go.mod marks what others need as indirect; the rest is ours to answer for.
func TestDependenciesAreExplained(t *testing.T) {
	page := read(t, "docs/dependencies.md")
	direct := required.FindAllStringSubmatch(read(t, "go.mod"), -1)
	if len(direct) == 0 {
		t.Fatal("go.mod has no direct dependency: this test reads it wrongly")
	}
	named := map[string]bool{}
	for _, m := range direct {
		named[m[1]] = true
		if !strings.Contains(page, "| `"+m[1]+"` | "+m[2]+" |") {
			t.Errorf("docs/dependencies.md has no row for %s %s", m[1], m[2])
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+/[^`]+)` \\| v").FindAllStringSubmatch(page, -1) {
		if !named[m[1]] {
			t.Errorf("docs/dependencies.md explains %s, which go.mod does not require directly", m[1])
		}
	}
}
