package web

import (
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"
)

// MissingKeys lists, for a face's test, what its catalogues lack: keys that a
// template or the program (used) names and English has not; keys that one
// language has and another has not; texts whose {parameters} differ between
// languages. Keys that a template computes can't be seen: name them in used.
func MissingKeys(p *Pages, used ...string) []string {
	var found []string
	for _, key := range used {
		if _, ok := p.words[fallback][key]; !ok {
			found = append(found, fmt.Sprintf("%s: %s is used by the program", fallback, key))
		}
	}
	found = append(found, p.templateGaps()...)
	for _, lang := range p.words.languages() {
		for other := range p.words {
			for key, m := range p.words[other] {
				mine, ok := p.words[lang][key]
				if !ok {
					found = append(found, fmt.Sprintf("%s: %s is in %s", lang, key, other))
				} else if other < lang && parameters(mine) != parameters(m) {
					found = append(found, fmt.Sprintf("%s: %s has other parameters than in %s", lang, key, other))
				}
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func (p *Pages) templateGaps() []string {
	var found []string
	set := p.sets[fallback]
	each := func(t *template.Template) {
		if t.Tree == nil {
			return
		}
		walk(t.Tree.Root, func(key string) {
			if _, ok := p.words[fallback][key]; !ok {
				found = append(found, fmt.Sprintf("%s: %s is used in %s", fallback, key, t.Name()))
			}
		})
	}
	for _, t := range set.parts.Templates() {
		each(t)
	}
	for _, page := range set.pages {
		for _, t := range page.Templates() {
			each(t)
		}
	}
	return found
}

// walk calls fn with the literal key of each T in the tree.
func walk(node parse.Node, fn func(key string)) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				walk(child, fn)
			}
		}
	case *parse.ActionNode:
		walk(n.Pipe, fn)
	case *parse.TemplateNode:
		if n.Pipe != nil {
			walk(n.Pipe, fn)
		}
	case *parse.IfNode:
		walkBranch(&n.BranchNode, fn)
	case *parse.RangeNode:
		walkBranch(&n.BranchNode, fn)
	case *parse.WithNode:
		walkBranch(&n.BranchNode, fn)
	case *parse.PipeNode:
		for _, command := range n.Cmds {
			walkCommand(command, fn)
		}
	}
}

func walkBranch(n *parse.BranchNode, fn func(string)) {
	walk(n.Pipe, fn)
	walk(n.List, fn)
	walk(n.ElseList, fn)
}

func walkCommand(n *parse.CommandNode, fn func(string)) {
	if name, ok := n.Args[0].(*parse.IdentifierNode); ok && name.Ident == "T" && len(n.Args) > 1 {
		if key, ok := n.Args[1].(*parse.StringNode); ok {
			fn(key.Text)
		}
	}
	for _, arg := range n.Args {
		walk(arg, fn)
	}
}

var parameter = regexp.MustCompile(`\{[a-z]+\}`)

func parameters(m message) string {
	names := parameter.FindAllString(m.One+m.Other, -1)
	slices.Sort(names)
	return strings.Join(slices.Compact(names), "")
}
