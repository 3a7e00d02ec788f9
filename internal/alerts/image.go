package alerts

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	_ "image/jpeg" // the two forms of an alert's face
	_ "image/png"
	"io"
	"net/http"
	"sync"
	"time"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
)

var (
	errFaceLarge = errors.New("the image is too large")
	errFaceForm  = errors.New("the image is no JPEG and no PNG")
)

// checkFace says whether bytes are an image that a booth's browser shows.
func checkFace(b []byte) error {
	if len(b) > maxFace {
		return errFaceLarge
	}
	c, form, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || form != "jpeg" && form != "png" {
		return errFaceForm
	}
	if c.Width > maxPoints || c.Height > maxPoints {
		return errFaceLarge
	}
	return nil
}

// readFace gives the image of a form: a fresh upload, else the one that the form carries along; none where it was struck out.
func readFace(r *http.Request) ([]byte, error) {
	if r.PostFormValue("faceaway") != "" {
		return nil, nil
	}
	if r.MultipartForm != nil {
		if file, _, err := r.FormFile("photo"); err == nil {
			defer file.Close()
			b, err := io.ReadAll(io.LimitReader(file, maxFace+1))
			if err != nil {
				return nil, errFaceForm
			}
			if len(b) > 0 {
				return b, checkFace(b)
			}
		}
	}
	return carriedFace(r.PostFormValue("face"))
}

// A form carries its image along as text from page to page, so that nothing of a draft is kept at the node.
func carriedFace(text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, errFaceForm
	}
	return b, checkFace(b)
}

func carryFace(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// shown keeps the faces of open pages: the security policy allows images with an address of this node only, and an address that
// named the alert would show a person without a search. It forgets them within minutes and at a restart.
type shown struct {
	mu    sync.Mutex
	faces []shownFace
}

type shownFace struct {
	key   string
	shift record.Ref
	at    time.Time
	image []byte
}

// show gives the key under which an officer's page may ask for an image; none for none.
func (c *shown) show(s *node.Shift, image []byte, now time.Time) string {
	if len(image) == 0 {
		return ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.faces) >= maxShown || len(c.faces) > 0 && now.Sub(c.faces[0].at) > shownFor {
		c.faces = c.faces[1:]
	}
	key := station.ActText(station.NewAct())
	c.faces = append(c.faces, shownFace{key, s.Ref, now, image})
	return key
}

func (c *shown) of(s *node.Shift, key string, now time.Time) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.faces {
		if f.key == key && f.shift == s.Ref && now.Sub(f.at) <= shownFor {
			return f.image
		}
	}
	return nil
}

func (f *face) showFace(s *node.Shift, image []byte) string {
	return f.shown.show(s, image, time.UnixMilli(f.Node.Now()))
}

func (f *face) serveFace(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	b := f.shown.of(s, r.PathValue("key"), time.UnixMilli(f.Node.Now()))
	if b == nil {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	kind := "image/jpeg"
	if bytes.HasPrefix(b, []byte("\x89PNG")) {
		kind = "image/png"
	}
	w.Header().Set("Content-Type", kind)
	w.Write(b) // an error here is a browser that went away
}
