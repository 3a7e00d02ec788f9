package alerts

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	_ "image/jpeg" // the two forms of an alert's face
	_ "image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
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

var errFields = errors.New("a form with too many fields, or too long ones")

// readUpload reads the editor's form into r.PostForm and gives the image that came with it, if any. Of the image no more is held than
// says that it is too large; the rest goes by, so that the fields behind it are read: whatever was chosen, what was typed comes back.
func readUpload(r *http.Request) (photo []byte, err error) {
	in, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		r.Body = http.MaxBytesReader(nil, r.Body, maxFields)
		return nil, r.ParseForm()
	}
	if err != nil {
		return nil, err
	}
	values := url.Values{}
	for left := maxFields; ; {
		part, err := in.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			r.Form, r.PostForm = values, values
			return photo, nil
		case err != nil:
			return nil, err
		case part.FormName() == "photo":
			if photo, err = io.ReadAll(io.LimitReader(part, maxFace+1)); err != nil {
				return nil, err
			}
			continue
		}
		text, err := readField(part, left)
		if err != nil {
			return nil, err
		}
		values.Add(part.FormName(), text)
		left -= len(part.FormName()) + len(text) + 1
	}
}

func readField(part *multipart.Part, most int) (string, error) {
	b, err := io.ReadAll(io.LimitReader(part, int64(max(most, 0))+1))
	if err == nil && len(part.FormName())+len(b) >= most {
		err = errFields
	}
	return string(b), err
}

// readFace gives the image of a form: a fresh upload, else the one that the form carries along; none where it was struck out.
func readFace(r *http.Request, photo []byte) ([]byte, error) {
	switch {
	case r.PostFormValue("faceaway") != "":
		return nil, nil
	case len(photo) > 0:
		return photo, checkFace(photo)
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
