package supervisor

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
	keys := programKeys(t)
	for _, which := range stretches {
		keys = append(keys, "supervisor.stretch."+string(which))
	}
	for _, form := range []string{"regime", "count", "handover", "accept"} {
		keys = append(keys, "supervisor.what."+form)
	}
	for _, gap := range web.MissingKeys(p, append(keys, "supervisor.regime.relaxed", "supervisor.regime.unrecorded")...) {
		t.Error(gap)
	}
}

// programKeys are the literal keys of this package.
func programKeys(t *testing.T) []string {
	t.Helper()
	pkgs, err := parser.ParseDir(token.NewFileSet(), ".", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for name, file := range pkgs["supervisor"].Files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			s, _ := strconv.Unquote(lit.Value)
			switch head, rest, _ := strings.Cut(s, "."); head {
			case "supervisor", "field":
				if rest != "" && !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, ".css") {
					keys = append(keys, s)
				}
			}
			return true
		})
	}
	if len(keys) < 60 {
		t.Fatalf("only %d keys found", len(keys))
	}
	return keys
}
