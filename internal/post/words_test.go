package post

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
	for _, code := range handCodes {
		keys = append(keys, "hand.code."+code)
	}
	for _, gap := range web.MissingKeys(p, keys...) {
		t.Error(gap)
	}
}

// programKeys are the literal keys that this package hands to t.
func programKeys(t *testing.T) []string {
	t.Helper()
	pkgs, err := parser.ParseDir(token.NewFileSet(), ".", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for name, file := range pkgs["post"].Files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			s, _ := strconv.Unquote(lit.Value)
			head, rest, dotted := strings.Cut(s, ".")
			switch head {
			case "post", "error", "hand", "station":
				if dotted && rest != "" && !strings.HasSuffix(s, ".") && !strings.ContainsAny(s, " /") && !strings.HasSuffix(s, ".js") {
					keys = append(keys, s)
				}
			}
			return true
		})
	}
	if len(keys) < 25 {
		t.Fatalf("only %d keys found", len(keys))
	}
	return keys
}
