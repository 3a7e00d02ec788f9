package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// templates are those of one language: the frame and the parts, and a copy of
// them per page, so that two pages may define the same inner name.
type templates struct {
	parts *template.Template
	pages map[string]*template.Template
}

func loadTemplates(all []fs.FS, funcs template.FuncMap) (*templates, error) {
	base := template.New("").Funcs(funcs).Option("missingkey=error")
	pages := map[string]string{}
	for _, fsys := range all {
		if err := eachFile(fsys, "parts", ".html", func(name, text string) error { return define(base, name, text) }); err != nil {
			return nil, err
		}
		err := eachFile(fsys, "pages", ".html", func(name, text string) error {
			if _, twice := pages[name]; twice {
				return fmt.Errorf("page %s is there twice", name)
			}
			pages[name] = text
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	set := &templates{parts: base, pages: map[string]*template.Template{}}
	for name, text := range pages {
		t, err := base.Clone()
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
		if t, err = t.New("page/" + name).Parse(text); err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
		set.pages[name] = t
	}
	return set, nil
}

func define(t *template.Template, name, text string) error {
	if t.Lookup(name) != nil {
		return fmt.Errorf("part %s is there twice", name)
	}
	_, err := t.New(name).Parse(text)
	return err
}

// eachFile calls fn with the base name and text of each file of dir that ends
// in ext; a folder that is not there is empty.
func eachFile(fsys fs.FS, dir, ext string, fn func(name, text string) error) error {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ext {
			continue
		}
		text, err := fs.ReadFile(fsys, path.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		if err := fn(strings.TrimSuffix(e.Name(), ext), string(text)); err != nil {
			return fmt.Errorf("%s: %w", path.Join(dir, e.Name()), err)
		}
	}
	return nil
}

// Render answers with the page pages/NAME.html inside the frame. Nothing is
// written before the whole page is made: an error yields an error page and
// never half of this one.
func (p *Pages) Render(w http.ResponseWriter, r *http.Request, name string, page Page) {
	v := p.view(w, r, page)
	set := p.sets[v.Lang]
	t := set.pages[name]
	var err error
	if t == nil {
		err = fmt.Errorf("no page %q", name)
	} else if v.content, err = execute(t, "page/"+name, v); err == nil {
		err = p.frame(w, v)
	}
	if err != nil {
		p.broken(w, r, "page "+name, err)
	}
}

// Fragment answers with parts/NAME.html alone, for an htmx swap.
func (p *Pages) Fragment(w http.ResponseWriter, r *http.Request, name string, page Page) {
	v := p.view(w, r, page)
	html, err := execute(p.sets[v.Lang].parts, name, v)
	if err != nil {
		p.broken(w, r, "part "+name, err)
		return
	}
	write(w, page.Status, string(html))
}

// Text renders parts/NAME.html in a language, for a server-sent event.
func (p *Pages) Text(lang, name string, page Page) (template.HTML, error) {
	set := p.sets[lang]
	if set == nil {
		return "", fmt.Errorf("web: render part %s: no language %q", name, lang)
	}
	html, err := execute(set.parts, name, p.facts(lang, page))
	if err != nil {
		return "", fmt.Errorf("web: render part %s: %w", name, err)
	}
	return html, nil
}

// Fail answers with an error page in clear words for the status: 400, 401,
// 403, 404, 405, 413, 429, 503, else the words of 500. An htmx request gets
// the banner alone.
func (p *Pages) Fail(w http.ResponseWriter, r *http.Request, status int) {
	v := p.view(w, r, Page{Status: status})
	v.Title = p.T(v.Lang, failureKey(status)+".title")
	v.Data = failure{Status: status, Key: failureKey(status)}
	html, err := execute(p.sets[v.Lang].parts, "failure", v)
	if err == nil && r.Header.Get("HX-Request") != "" {
		write(w, status, string(html))
		return
	}
	v.content = html
	if err == nil {
		err = p.frame(w, v)
	}
	if err != nil {
		p.cfg.Log.Error("web: the error page itself failed", "at", where(err))
		http.Error(w, strconv.Itoa(status)+" "+http.StatusText(status), status)
	}
}

type failure struct {
	Status int
	Key    string
}

func failureKey(status int) string {
	switch status {
	case 400, 401, 403, 404, 405, 413, 429, 503:
		return "frame.fail." + strconv.Itoa(status)
	}
	return "frame.fail.500"
}

// ReadForm parses the form within the body's bound. If it can't, it answers
// itself and returns false.
func (p *Pages) ReadForm(w http.ResponseWriter, r *http.Request) bool {
	err := r.ParseForm()
	var long *http.MaxBytesError
	switch {
	case err == nil:
		return true
	case errors.As(err, &long):
		p.Fail(w, r, http.StatusRequestEntityTooLarge)
	default:
		p.Fail(w, r, http.StatusBadRequest)
	}
	return false
}

// view gathers the frame's facts and keeps a language asked for by ?lang=.
func (p *Pages) view(w http.ResponseWriter, r *http.Request, page Page) View {
	lang := p.Lang(r)
	if r.Method == http.MethodGet && r.URL.Query().Get("lang") == lang {
		setPreference(w, r, langCookie, lang)
	}
	v := p.facts(lang, page)
	v.Theme, v.Volume, v.Path = theme(r), volume(r), r.URL.Path
	return v
}

func (p *Pages) facts(lang string, page Page) View {
	return View{Page: page, Node: p.cfg.Node, Label: p.cfg.Label, Role: p.cfg.Role, Demo: p.cfg.Demo,
		Lang: lang, Languages: p.words.languages(), At: p.cfg.Now()}
}

func (p *Pages) frame(w http.ResponseWriter, v View) error {
	html, err := execute(p.sets[v.Lang].parts, "base", v)
	if err != nil {
		return err
	}
	write(w, v.Status, string(html))
	return nil
}

func (p *Pages) broken(w http.ResponseWriter, r *http.Request, what string, err error) {
	p.cfg.Log.Error("web: render failed", "what", what, "at", where(err))
	p.Fail(w, r, http.StatusInternalServerError)
}

var errTooLarge = errors.New("page larger than its bound")

// limited refuses what would grow over maxPage, so that one endless list does
// not take the node's memory.
type limited struct{ bytes.Buffer }

func (l *limited) Write(b []byte) (int, error) {
	if l.Len()+len(b) > maxPage {
		return 0, errTooLarge
	}
	return l.Buffer.Write(b)
}

func execute(t *template.Template, name string, v View) (template.HTML, error) {
	var buf limited
	if err := t.ExecuteTemplate(&buf, name, v); err != nil {
		return "", err
	}
	return template.HTML(buf.String()), nil
}

func write(w http.ResponseWriter, status int, html string) {
	if status == 0 {
		status = http.StatusOK
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(html)))
	w.WriteHeader(status)
	w.Write([]byte(html)) // an error here is a browser that went away
}

// where keeps of a template error the file and line only: the rest may quote
// the value that failed, and values are travellers.
func where(err error) string {
	text := err.Error()
	if at, _, found := strings.Cut(text, ": executing"); found {
		return at
	}
	return fmt.Sprintf("%T", err)
}
