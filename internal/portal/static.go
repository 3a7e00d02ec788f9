package portal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tims/internal/proof"
	"tims/internal/tlog"
	"tims/internal/web"
)

// writeStaticLoop writes the static files at once and each minute. A disk that is full is said once a time and stops nothing.
func (p *Portal) writeStaticLoop(ctx context.Context) {
	tick := time.NewTicker(staticEvery)
	defer tick.Stop()
	for {
		if err := p.WriteStatic(); err != nil {
			p.opt.Journal.Error("static files not written", "portal", p.Name(), "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// WriteStatic writes into Options.Static what any server of plain files can serve: index.html in English and one page for each
// other language (sq.html), crossings.json, portal.css, proof/ with the newest status record of each crossing, and the evidence against each frozen log.
// Each file is replaced whole; index.html comes last.
func (p *Portal) WriteStatic() error {
	if err := os.MkdirAll(filepath.Join(p.opt.Static, "proof"), 0o755); err != nil {
		return fmt.Errorf("write static files: %w", err)
	}
	write := func(name string, b []byte) error { return writeDurably(filepath.Join(p.opt.Static, name), b, 0o644) }
	list := p.listing()
	keep := map[string]bool{}
	for i, c := range list.Crossings {
		if c.Record == nil {
			continue
		}
		l, ok := p.log(c.Record.Origin)
		if !ok {
			continue
		}
		b, err := p.proofOf(l, c.Record.Index, "")
		if err != nil {
			return fmt.Errorf("write static files: %w", err)
		}
		name := "proof/" + staticProof(c.Record)
		list.Crossings[i].Record.Proof = name
		keep[filepath.Base(name)] = true
		if err := write(name, b); err != nil {
			return err
		}
	}
	for i, c := range list.Contradictions {
		l, ok := p.log(c.Origin)
		if !ok {
			continue
		}
		_, b := l.evidence()
		list.Contradictions[i].Evidence = staticEvidence(c)
		if err := write(staticEvidence(c), b); err != nil {
			return err
		}
	}
	b, err := json.MarshalIndent(list, "", " ")
	if err != nil {
		return fmt.Errorf("write static files: %w", err)
	}
	css, err := files.ReadFile("assets/portal.css")
	if err != nil {
		return fmt.Errorf("write static files: %w", err)
	}
	if err := errors.Join(write("crossings.json", b), write("portal.css", css)); err != nil {
		return err
	}
	if err := p.writePages(write); err != nil {
		return err
	}
	return p.sweep(keep)
}

func staticProof(s *Source) string {
	return tlog.DirName(s.Origin)[:16] + "-" + strconv.FormatUint(s.Index, 10) + proof.Extension
}

func staticEvidence(c Contradiction) string { return "evidence-" + tlog.DirName(c.Origin)[:16] }

// writePages renders the page of each language; English is index.html.
func (p *Portal) writePages(write func(string, []byte) error) error {
	for i := len(p.langs) - 1; i >= 0; i-- { // en sorts before sq
		lang := p.langs[i]
		d := p.view(lang)
		d.Static, d.Other = true, "sq.html"
		name := lang + ".html"
		if lang == "en" {
			name = "index.html"
		} else {
			d.Other = "index.html"
		}
		for j := range d.Rows {
			if s := d.Rows[j].Record; s != nil {
				s.Proof = "proof/" + staticProof(s)
			}
		}
		for j, c := range d.Frozen {
			d.Frozen[j].Evidence = staticEvidence(c)
		}
		html, err := p.pages.Text(lang, "portal-static", web.Page{Data: d, Title: p.pages.T(lang, "portal.now.title")})
		if err != nil {
			return fmt.Errorf("write static files: %w", err)
		}
		if err := write(name, []byte(html)); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes proofs that no page names any more, an hour after they were written: a page read a moment ago may.
func (p *Portal) sweep(keep map[string]bool) error {
	entries, err := os.ReadDir(filepath.Join(p.opt.Static, "proof"))
	if err != nil {
		return fmt.Errorf("write static files: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || keep[e.Name()] || !strings.HasSuffix(e.Name(), proof.Extension) || p.opt.Now().Sub(info.ModTime()) < time.Hour {
			continue
		}
		if err := os.Remove(filepath.Join(p.opt.Static, "proof", e.Name())); err != nil {
			return fmt.Errorf("write static files: %w", err)
		}
	}
	return nil
}
