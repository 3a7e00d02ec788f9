package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/keyring"
	"tims/internal/node"
	"tims/internal/record"
)

// handout is the directory of what is given to persons and lies outside all nodes; no node can have this name.
const handout = "_handout"

func foundCommand() *cobra.Command {
	c := &cobra.Command{Use: "found --dir DIR --plan FILE", Short: "Make a country: authority, keys, first roster, a directory per node",
		Long: "Makes a country from a plan (deploy/plan.toml is an example): DIR/NAME for each node, to be carried to its machine, and\n" +
			"DIR/" + handout + " with what is handed to persons: a key file per approver, three recovery shares of which any two are\n" +
			"needed, the auditor's key, one-time codes of the officers, the root of the pages' certificates, and the founding. Prints the founding hash, which is given\n" +
			"by hand to whoever runs or joins a node. Nothing is overwritten.", Args: cobra.NoArgs}
	dir := c.Flags().String("dir", "", "directory of the country, not there yet or empty")
	plan := c.Flags().String("plan", "", "the plan, a TOML file")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "dir", "plan"); err != nil {
			return err
		}
		p, err := readPlan(*plan, time.Now())
		if err != nil {
			return err
		}
		var out foundReport
		if err := fresh(*dir, func() error {
			out, err = found(*dir, p)
			return err
		}); err != nil {
			return err
		}
		return tell(c, *asJSON, out, out.text)
	}
	return c
}

// foundReport is what `tims found` made.
type foundReport struct {
	Country  string            `json:"country"`
	Hash     string            `json:"founding_hash"`
	Founding string            `json:"founding"`
	Nodes    map[string]string `json:"nodes"` // directories by name
	Handout  []string          `json:"handout"`
}

func found(dir string, p node.Plan) (foundReport, error) {
	made, err := node.Found(dir, p)
	if err != nil {
		return foundReport{}, err
	}
	hash := made.Founding.Hash()
	out := foundReport{Country: p.Country, Hash: hex.EncodeToString(hash[:]), Founding: filepath.Join(dir, handout, "founding"),
		Nodes: map[string]string{}}
	for _, n := range p.Nodes {
		out.Nodes[n.Name] = filepath.Join(dir, n.Name)
	}
	if err := os.Mkdir(filepath.Join(dir, handout), 0o700); err != nil {
		return out, err
	}
	write := func(name string, b []byte) error {
		path := filepath.Join(dir, handout, name)
		out.Handout = append(out.Handout, path)
		return writeNew(path, b, 0o600)
	}
	return out, errors.Join(
		write("founding", record.Marshal(made.Founding)),
		write("founding.hash", []byte(out.Hash+"\n")),
		writeAuthority(p, made, write),
		writeReaders(p.Country, made, write),
		write("officers.txt", officersText(p, made)),
		writeRoot(dir, p, write),
	)
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9-]+`)

func writeAuthority(p node.Plan, made node.Founded, write func(string, []byte) error) error {
	encode := base64.StdEncoding.EncodeToString
	for i, name := range p.Approvers {
		key := made.Approvers[name]
		text := keyFile(authorityHeader, fmt.Sprintf("For this approver alone: it signs changes of roster, rulebook and authority, of which each needs %d of %d\n"+
			"approvers. Keep it on a medium outside all nodes and away from the network. Whoever has it can approve.",
			p.Threshold, len(p.Approvers)),
			field{"country", p.Country}, field{"approver", name},
			field{"public", encode(key.Public().(ed25519.PublicKey))}, field{"private", encode(key.Seed())})
		file := fmt.Sprintf("authority-%d-%s.key", i+1, strings.Trim(notInNames.ReplaceAllString(name, "-"), "-"))
		if err := write(file, text); err != nil {
			return err
		}
	}
	return nil
}

func writeReaders(country string, made node.Founded, write func(string, []byte) error) error {
	encode := base64.StdEncoding.EncodeToString
	for i, share := range made.Shares {
		text := keyFile(shareHeader, "Any two of the three shares open what every post has sealed, should all centres and their backups be lost.\n"+
			"Give each to another institution.", field{"country", country}, field{"share", fmt.Sprintf("%d of %d", i+1, len(made.Shares))},
			field{"value", encode(share)})
		if err := write(fmt.Sprintf("recovery-share-%d.key", i+1), text); err != nil {
			return err
		}
	}
	text := keyFile(auditorHeader, "For the data-protection auditor alone: it opens the records of searches and exports, and no traveller's data.",
		field{"country", country}, field{"private", encode(made.Auditor)})
	return write("auditor.key", text)
}

// writeRoot makes the country's own certificate authority and a certificate for the pages of each node.
func writeRoot(dir string, p node.Plan, write func(string, []byte) error) error {
	root, err := keyring.NewRoot(p.Country, p.Parent, time.Now())
	if err != nil {
		return err
	}
	cert, key, err := root.PEM()
	if err != nil {
		return err
	}
	for _, n := range p.Nodes {
		if err := writePages(root, n.Name, filepath.Join(dir, n.Name)); err != nil {
			return err
		}
	}
	return errors.Join(write("root.crt", cert), write("root.key", append(cert[:len(cert):len(cert)], key...)))
}

// officersText lists the codes with which each officer makes his first passkey.
func officersText(p node.Plan, made node.Founded) []byte {
	var b bytes.Buffer
	b.WriteString("# One code per officer, to make one passkey with: open https://NODE/enter at any post and type the code. The passkey then\n" +
		"# works at every post. Cut this paper apart. A new code, for a lost passkey, comes from `tims officer`.\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, o := range p.Officers {
		fmt.Fprintf(w, "%s\t%s\n", o.Label, made.Codes[o.Label])
	}
	w.Flush()
	return b.Bytes()
}

func (r foundReport) text(w io.Writer) {
	fmt.Fprintf(w, "Founded %s with %s.\n\nFounding hash, to be given by hand:\n  %s\n\nNodes, each to be carried to its machine:\n",
		r.Country, many(len(r.Nodes), "node"), r.Hash)
	t := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	for _, name := range sorted(r.Nodes) {
		fmt.Fprintf(t, "  %s\t%s\n", name, r.Nodes[name])
	}
	t.Flush()
	fmt.Fprint(w, "\nTo be handed out and then removed from here:\n")
	for _, path := range r.Handout {
		fmt.Fprintf(w, "  %s\n", path)
	}
}
