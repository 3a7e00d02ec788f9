package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"tims/internal/border"
	"tims/internal/control"
	"tims/internal/forms"
	"tims/internal/record"
	"tims/internal/station"
)

// sheetsFlags are the flags of `tims sheets`.
type sheetsFlags struct {
	dir, out, post, state string
	count, perPage        int
}

func sheetsCommand() *cobra.Command {
	var f sheetsFlags
	c := &cobra.Command{Use: "sheets --dir DIR --count N --out FILE", Short: "Register numbered paper sheets for an outage, and write them for the printer",
		Args: cobra.NoArgs,
		Long: "Registers N new paper sheets in the log of the running post of a directory and writes them as one HTML file that any browser\n" +
			"prints, without a network. Only registered sheets can be typed in after an outage (docs/operations/paper.md), so this is\n" +
			"done while the post works. Should the file be lost, the page Paper of the post prints the same sheets again."}
	c.Flags().StringVar(&f.dir, "dir", "", "directory of the running post")
	c.Flags().IntVar(&f.count, "count", 0, fmt.Sprintf("how many sheets, 1 to %d", maxSheets))
	c.Flags().StringVar(&f.out, "out", "", "file for the printable page, not there yet")
	c.Flags().StringVar(&f.post, "post", "", "the post's name as printed; the node's unless told")
	c.Flags().StringVar(&f.state, "state", "", "the state's name as printed; the country's code unless told")
	c.Flags().IntVar(&f.perPage, "per-page", 2, "sheets on a page, 2 or 4")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := f.check(c); err != nil {
			return err
		}
		out, err := f.run(c)
		if err != nil {
			return err
		}
		return tell(c, *asJSON, out, out.text)
	}
	return c
}

func (f *sheetsFlags) check(c *cobra.Command) error {
	if err := required(c, "dir", "count", "out"); err != nil {
		return err
	}
	if f.count < 1 || f.count > maxSheets {
		return misused("--count %d: 1 to %d sheets at once", f.count, maxSheets)
	}
	if f.perPage != 2 && f.perPage != 4 {
		return misused("--per-page %d: 2 or 4", f.perPage)
	}
	if _, err := os.Stat(f.out); !errors.Is(err, fs.ErrNotExist) { // before anything is registered
		return misused("%s is there already, or cannot be looked at, and nothing is overwritten", f.out)
	}
	return nil
}

// sheetsReport is what `tims sheets` did.
type sheetsReport struct {
	Node  string `json:"node"`
	First string `json:"first"` // number as printed
	Last  string `json:"last"`
	Count int    `json:"count"`
	File  string `json:"file"`
}

func (r sheetsReport) text(w io.Writer) {
	fmt.Fprintf(w, "Registered at %s: %s, %s to %s.\nPrint %s from any browser, at 100 %%, and count the sheets.\n",
		r.Node, many(r.Count, "sheet"), r.First, r.Last, r.File)
}

func (f *sheetsFlags) run(c *cobra.Command) (sheetsReport, error) {
	var act record.Act
	rand.Read(act[:])
	s, err := control.NewClient(f.dir).Sheets(c.Context(), act, f.count)
	if err != nil {
		return sheetsReport{}, err
	}
	out := sheetsReport{Node: s.Node, First: border.SheetNumber(s.Series, s.First), Last: border.SheetNumber(s.Series, s.Last),
		Count: int(s.Last-s.First) + 1, File: f.out}
	o := forms.SheetsOptions{State: f.state, Post: f.post, Series: s.Series, First: s.First, Last: s.Last, PerPage: f.perPage}
	if o.State == "" {
		o.State = strings.ToUpper(s.Country)
	}
	if o.Post == "" {
		o.Post = station.Capital(s.Node)
	}
	var page bytes.Buffer
	if err = forms.WriteSheets(&page, o); err == nil {
		err = writeNew(f.out, page.Bytes(), 0o644)
	}
	if err != nil {
		return out, fmt.Errorf("the sheets %s to %s are registered and not written; the page Paper of the post prints them: %w", out.First, out.Last, err)
	}
	return out, nil
}
