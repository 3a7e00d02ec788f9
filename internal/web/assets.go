package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"time"
)

// assets are all files of all faces, in memory. Their common hash stands in
// every address, so that style sheets name fonts relatively and a browser may
// keep each file for ever: another binary has other addresses.
type assets struct {
	hash  string
	files map[string][]byte
}

func loadAssets(all []fs.FS) (*assets, error) {
	a := &assets{files: map[string][]byte{}}
	for _, fsys := range all {
		err := fs.WalkDir(fsys, "assets", func(name string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && name == "assets" {
				return nil
			}
			if err != nil || e.IsDir() {
				return err
			}
			short := name[len("assets/"):]
			if _, twice := a.files[short]; twice {
				return fmt.Errorf("asset %s is there twice", short)
			}
			a.files[short], err = fs.ReadFile(fsys, name)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(a.files)) {
		sum := sha256.Sum256(a.files[name])
		fmt.Fprintf(h, "%x %s\n", sum, name)
	}
	a.hash = hex.EncodeToString(h.Sum(nil))[:16]
	return a, nil
}

// url is an asset's address; a name that is not there is a mistake in a
// template and fails the page in its first test.
func (a *assets) url(name string) (string, error) {
	if _, ok := a.files[name]; !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return "/assets/" + a.hash + "/" + name, nil
}

// types are fixed: the operating system's table differs from machine to machine,
// and nosniff makes a browser refuse a wrong one.
var types = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".woff2": "font/woff2", ".png": "image/png", ".json": "application/json",
	".txt": "text/plain; charset=utf-8", ".md": "text/plain; charset=utf-8",
}

func (p *Pages) serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	body, ok := p.assets.files[name]
	if !ok || r.PathValue("hash") != p.assets.hash {
		p.Fail(w, r, http.StatusNotFound)
		return
	}
	kind := types[path.Ext(name)]
	if kind == "" {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}
