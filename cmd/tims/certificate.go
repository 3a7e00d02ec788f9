package main

import (
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/keyring"
)

// Files of a node's directory that its listener for people takes unless its configuration names others.
const (
	pagesCert = "people.crt"
	pagesKey  = "people.key"
)

func certificateCommand() *cobra.Command {
	c := &cobra.Command{Use: "certificate --root FILE --node NAME --to DIR", Short: "Issue a certificate for the pages of a node", Args: cobra.NoArgs,
		Long: "Makes a certificate and a private key for NAME.PARENT from the country's root and writes them to DIR/people.crt and\n" +
			"DIR/people.key, where `tims serve` looks for them. FILE is root.key of the founding's " + handout + ": use it on a machine\n" +
			"without a network and put it away again. Nothing is overwritten: to renew, write elsewhere and move the files.\n\n" +
			"The root can name nothing outside the country's parent domain. Browsers of the booths trust root.crt; nodes trust the\n" +
			"roster alone, so an expired certificate stops no node."}
	root := c.Flags().String("root", "", "root.key as \"tims found\" made it")
	name := c.Flags().String("node", "", "name of the node in the roster")
	to := c.Flags().String("to", "", "directory for the two files, such as that of the node")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := required(c, "root", "node", "to"); err != nil {
			return err
		}
		if !nodeNames.MatchString(*name) {
			return misused("node name %q: a lower-case letter, then up to 30 lower-case letters, digits and hyphens", *name)
		}
		b, err := readFile(*root, maxRootFile)
		if err != nil {
			return err
		}
		r, err := keyring.ReadRoot(b)
		if err != nil {
			return misused("%s: %w", *root, err)
		}
		if err := writePages(r, *name, *to); err != nil {
			return err
		}
		out := struct {
			Name string `json:"name"`
			Cert string `json:"cert"`
			Key  string `json:"key"`
		}{*name + "." + r.Parent(), filepath.Join(*to, pagesCert), filepath.Join(*to, pagesKey)}
		return tell(c, *asJSON, out, func(w io.Writer) {
			fmt.Fprintf(w, "Issued a certificate for %s: %s and %s.\n", out.Name, out.Cert, out.Key)
		})
	}
	return c
}

// writePages issues a certificate for the pages of a node into a directory.
func writePages(root *keyring.Root, name, dir string) error {
	cert, key, err := root.Issue(name, time.Now())
	if err != nil {
		return err
	}
	if err := writeNew(filepath.Join(dir, pagesKey), key, 0o600); err != nil {
		return err
	}
	return writeNew(filepath.Join(dir, pagesCert), cert, 0o644)
}
