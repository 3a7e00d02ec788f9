package paper

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"tims/internal/station"
	"tims/internal/web"
)

func TestLanguagesComplete(t *testing.T) {
	p, err := web.Open(web.Config{Node: "kakavija"}, append(station.Files(), files)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, gap := range web.MissingKeys(p, programKeys(t)...) {
		t.Error(gap)
	}
}

// programKeys are the literal keys of this package's program.
func programKeys(t *testing.T) (keys []string) {
	t.Helper()
	pkgs, err := parser.ParseDir(token.NewFileSet(), ".", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range pkgs["paper"].Files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				s, _ := strconv.Unquote(lit.Value)
				if rest, ours := strings.CutPrefix(s, "paper."); ours && rest != "js" && !strings.ContainsAny(s, " /") {
					keys = append(keys, s)
				}
			}
			return true
		})
	}
	if len(keys) < 30 {
		t.Fatalf("only %d keys found", len(keys))
	}
	return keys
}
