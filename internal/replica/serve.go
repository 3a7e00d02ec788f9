package replica

import (
	"compress/gzip"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"tims/internal/tlog"
)

// A Server answers peers, whom the caller has authenticated: each living node may read every log held, parts sealed.
type Server struct {
	// Mirror finds the copy that an upload is for.
	Mirror func(origin string) (*tlog.Mirror, bool)
	// Source finds a log to be pulled.
	Source func(origin string) (Source, bool)
	// Comparable finds a log with which checkpoints of another copy are compared.
	Comparable func(origin string) (Comparable, bool)
	// Grown is called after a copy was extended; from is the request.
	Grown func(origin string, from *http.Request)
}

// Handler serves pushes (tlog-mirror), pulls and comparisons.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+pathCheckpoint, s.addCheckpoint)
	mux.HandleFunc("POST "+pathEntries, s.addEntries)
	mux.HandleFunc("POST "+pathRecords, s.addRecords)
	mux.HandleFunc("POST "+pathParts, s.addParts)
	mux.HandleFunc("POST "+PathCompare, s.compare)
	mux.HandleFunc("GET "+pathPull+"checkpoint", s.pullCheckpoint)
	mux.HandleFunc("GET "+pathPull+"entries", s.pullEntries)
	mux.HandleFunc("GET "+pathPull+"parts", s.pullParts)
	mux.HandleFunc("GET "+pathPull+"blob", s.pullBlob)
	return mux
}

func (s *Server) addCheckpoint(w http.ResponseWriter, r *http.Request) {
	a, err := tlog.DecodeAddCheckpoint(http.MaxBytesReader(w, r.Body, maxSmall))
	if err != nil {
		refuse(w, err)
		return
	}
	origin, _, _ := strings.Cut(string(a.Checkpoint), "\n")
	m, ok := s.Mirror(origin)
	if !ok {
		refuse(w, tlog.ErrUnknownOrigin)
		return
	}
	err = m.AddCheckpoint(a)
	var conflict *tlog.ConflictError
	if errors.As(err, &conflict) { // tlog-witness has a type of its own for this answer
		w.Header().Set("Content-Type", tlog.SizeType)
		w.WriteHeader(http.StatusConflict)
		w.Write(tlog.EncodeSize(conflict.Size))
		return
	}
	if err != nil {
		refuse(w, err)
	}
}

func (s *Server) addEntries(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Accept-Encoding", "gzip, identity")
	body, err := plain(w, r)
	if err != nil {
		refuse(w, err)
		return
	}
	d, err := tlog.DecodeEntries(body)
	if err != nil {
		refuse(w, err)
		return
	}
	m, ok := s.Mirror(d.Header.Origin)
	if !ok {
		refuse(w, tlog.ErrUnknownOrigin)
		return
	}
	lines, err := m.AddEntries(d)
	s.Grown(d.Header.Origin, r)
	answerEntries(w, lines, err)
}

func answerEntries(w http.ResponseWriter, lines []byte, err error) {
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(lines)
}

// addParts takes parts of leaves that were pushed before. The answer is the first index of which a wanted part is missing,
// in the form of mirror-info, so that an interrupted upload goes on where it ended.
func (s *Server) addParts(w http.ResponseWriter, r *http.Request) {
	m, ok := s.Mirror(r.URL.Query().Get("origin"))
	if !ok {
		refuse(w, tlog.ErrUnknownOrigin)
		return
	}
	body, err := plain(w, r)
	if err != nil {
		refuse(w, err)
		return
	}
	if err := takeParts(m, body); err != nil {
		refuse(w, err)
		return
	}
	s.Grown(m.Origin(), r)
	w.Header().Set("Content-Type", tlog.MirrorInfoType)
	w.Write(tlog.MirrorInfo{Size: m.Next(), Next: m.Cursor()}.Encode())
}

// takeParts offers a stream of parts to a copy, a batch at a time.
func takeParts(m *tlog.Mirror, body io.Reader) error {
	d := tlog.DecodeParts(body)
	var batch []tlog.IndexedPart
	size := 0
	flush := func() error {
		_, err := m.AddParts(batch)
		batch, size = batch[:0], 0
		return err
	}
	for {
		p, err := d.Next()
		if err == io.EOF {
			return flush()
		}
		if err != nil {
			return errors.Join(err, flush()) // what came whole is kept
		}
		batch, size = append(batch, p), size+len(p.Body)
		if len(batch) == partsPerPush || size >= pushBytes {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// plain gives the body of a request, unpacked where it is packed, and bounded either way.
func plain(w http.ResponseWriter, r *http.Request) (io.Reader, error) {
	body := http.MaxBytesReader(w, r.Body, maxBody)
	switch r.Header.Get("Content-Encoding") {
	case "", "identity":
		return body, nil
	case "gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, tlog.ErrMalformed
		}
		return io.LimitReader(z, maxBody), nil
	}
	return nil, tlog.ErrMalformed
}

// refuse answers with the status that tlog-witness and tlog-mirror give each refusal.
func refuse(w http.ResponseWriter, err error) {
	var conflict *tlog.ConflictError
	var partial *tlog.PartialError
	var missing *tlog.MissingPartsError
	var part *tlog.PartError
	var evidence *tlog.Evidence
	info := func(status int, size, next uint64) {
		w.Header().Set("Content-Type", tlog.MirrorInfoType)
		w.WriteHeader(status)
		w.Write(tlog.MirrorInfo{Size: size, Next: next}.Encode())
	}
	switch {
	case errors.As(err, &conflict):
		info(http.StatusConflict, conflict.Size, conflict.Next)
	case errors.As(err, &partial):
		info(http.StatusAccepted, partial.Size, partial.Next)
	case errors.As(err, &missing):
		// All entries are here and parts are not: nothing is cosigned yet. The client sees an upload that is not complete.
		w.Header().Set(headerCursor, strconv.FormatUint(missing.Cursor, 10))
		info(http.StatusAccepted, 0, missing.Cursor)
	case errors.As(err, &evidence), errors.As(err, &part), errors.Is(err, tlog.ErrProof), errors.Is(err, tlog.ErrHalted):
		w.WriteHeader(http.StatusUnprocessableEntity)
	case errors.Is(err, tlog.ErrUnknownOrigin), errors.Is(err, tlog.ErrNotHere):
		w.WriteHeader(http.StatusNotFound)
	case errors.Is(err, tlog.ErrSignature):
		w.WriteHeader(http.StatusForbidden)
	case errors.Is(err, tlog.ErrMalformed):
		w.WriteHeader(http.StatusBadRequest)
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// headerCursor tells an uploader from which index on parts are missing.
const headerCursor = "Tims-Parts-From"

// pullCheckpoint answers with what the source would push to a mirror of size `old`.
func (s *Server) pullCheckpoint(w http.ResponseWriter, r *http.Request) {
	src, ok := s.Source(r.URL.Query().Get("origin"))
	old, err := strconv.ParseUint(r.URL.Query().Get("old"), 10, 63)
	if !ok || err != nil {
		refuse(w, tlog.ErrUnknownOrigin)
		return
	}
	a, err := addCheckpoint(src, old)
	if err != nil {
		refuse(w, err)
		return
	}
	w.Write(a.Encode())
}

// addCheckpoint makes the body of add-checkpoint for a mirror whose pending size is old. A source that is behind offers
// nothing. The size is the note's: a living log may have grown since.
func addCheckpoint(src Source, old uint64) (tlog.AddCheckpoint, error) {
	note := src.Checkpoint()
	size := noteSize(note)
	if note == nil || size < old {
		return tlog.AddCheckpoint{}, tlog.ErrNotHere
	}
	a := tlog.AddCheckpoint{Old: old, Checkpoint: note}
	if old > 0 && old < size {
		var err error
		if a.Proof, err = src.ConsistencyProof(old, size); err != nil {
			return a, err
		}
	}
	return a, nil
}

// noteSize reads the tree size of a checkpoint that this node holds.
func noteSize(note []byte) uint64 {
	if lines := strings.SplitN(string(note), "\n", 3); len(lines) == 3 {
		if size, err := strconv.ParseUint(lines[1], 10, 63); err == nil {
			return size
		}
	}
	return 0
}

func (s *Server) pullEntries(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	src, ok := s.Source(q.Get("origin"))
	start, err1 := strconv.ParseUint(q.Get("start"), 10, 63)
	end, err2 := strconv.ParseUint(q.Get("end"), 10, 63)
	if !ok || errors.Join(err1, err2) != nil || start > end || end > src.Size() {
		refuse(w, tlog.ErrNotHere)
		return
	}
	if err := writeEntries(w, src, start, end); err != nil {
		panic(http.ErrAbortHandler) // the answer has begun: the reader sees that it breaks off
	}
}

// writeEntries writes the body of add-entries: as many packages as one request may hold.
func writeEntries(w io.Writer, src Source, start, end uint64) error {
	if _, err := w.Write((tlog.EntriesHeader{Origin: src.Origin(), Start: start, End: end}).AppendTo(nil)); err != nil {
		return err
	}
	for range tlog.MaxPackages {
		if start == end {
			return nil
		}
		o, err := src.Offer(start, end)
		if err != nil {
			return err
		}
		if _, err := w.Write(o.AppendTo(nil)); err != nil {
			return err
		}
		start += uint64(o.Len())
	}
	return nil
}

func (s *Server) pullParts(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	src, ok := s.Source(q.Get("origin"))
	from, err1 := strconv.ParseUint(q.Get("from"), 10, 63)
	to, err2 := strconv.ParseUint(q.Get("to"), 10, 63)
	numbers, err3 := hex.DecodeString(q.Get("numbers"))
	if !ok || errors.Join(err1, err2, err3) != nil || from > to || len(numbers) > 16 {
		refuse(w, tlog.ErrNotHere)
		return
	}
	parts, _, err := src.Parts(from, min(to, from+partsPerPush/tlog.MaxParts), numbers...)
	if err != nil {
		refuse(w, err)
		return
	}
	for _, p := range parts {
		if _, err := w.Write(p.AppendTo(nil)); err != nil {
			return
		}
	}
}

func (s *Server) pullBlob(w http.ResponseWriter, r *http.Request) {
	src, ok := s.Source(r.URL.Query().Get("origin"))
	hash, err := hex.DecodeString(r.URL.Query().Get("hash"))
	if !ok || err != nil || len(hash) != 32 {
		refuse(w, tlog.ErrNotHere)
		return
	}
	b, err := src.Blob([32]byte(hash))
	if err != nil {
		refuse(w, err)
		return
	}
	w.Write(b)
}

// Tiles serves logs as plain tlog-tiles under /<hex of the origin's hash>/: checkpoint and hash tiles to anybody, entry
// bundles only where entries is set. It is the public listener, and the reading half of C2SP tlog-mirror for peers.
func Tiles(source func(hex string) (Source, bool), entries bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hexOrigin, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		src, ok := source(hexOrigin)
		if !ok || r.Method != http.MethodGet {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if path == "checkpoint" {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			if note := src.Checkpoint(); note != nil {
				w.Write(note)
				return
			}
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if !strings.HasPrefix(path, "tile/") || strings.HasPrefix(path, "tile/entries/") && !entries {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		b, err := src.Tile(path)
		if err != nil {
			refuse(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Write(b)
	})
}
