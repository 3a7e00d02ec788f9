package main

import (
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"

	"tims/internal/centre"
	"tims/internal/node"
	"tims/internal/post"
	"tims/internal/roster"
)

// faceOptions say how a node's pages present themselves.
type faceOptions struct {
	label     string // the node's place if empty
	demo      bool
	journal   *slog.Logger
	languages fs.FS // further catalogues, CODE.json; nil for none
	// Of a post alone.
	state, office string            // as on printed forms; the country's code and nothing if empty
	devices       map[string]string // name to the SHA-256 of its token in hex
}

// face puts the pages of its role on a node. A handler with a method Run(context.Context) wants it to run beside its
// listener.
func face(n *node.Node, o faceOptions) (http.Handler, error) {
	if o.label == "" {
		o.label = n.Self().Place
	}
	switch role := n.Self().Role; role {
	case roster.Post:
		return post.New(n, post.Options{Label: o.label, Demo: o.demo, Journal: o.journal, Languages: o.languages,
			State: o.state, Office: o.office, Devices: o.devices})
	case roster.Centre:
		return centre.New(n, centre.Options{Label: o.label, Demo: o.demo, Journal: o.journal, Languages: o.languages})
	default:
		return nil, fmt.Errorf("the role %s has no pages in this version", role)
	}
}
