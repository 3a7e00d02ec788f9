package station

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// The way from a form to signed records. The form is marked data-deed, posts to its own address and carries an act in the
// field "act" (NewAct). With script (assets/deed.js):
//
//  1. The form is posted under the header "Tims-Sign: prepare". The deeds are sealed by the node, nothing is recorded, and the
//     answer is {"shift":index,"acts":[{"act":hex,"message":base64url}]}, in the order of the deeds; a deed that is recorded
//     already has no message. Any other answer is a page that says what to mend, and is shown.
//  2. The browser signs each message with the booth key and posts the same fields under "Tims-Sign: commit", with
//     signature=<act hex>:<base64url> once for each act, in the same order; nothing after the colon where nothing was asked.
//  3. The answer is the page. Where none comes the page says "not known" and keeps the form; asking again sends it whole, under
//     the same acts, with again=1, until it is certain.
//
// Without script the one post does the deeds unsigned, and screens say "by the node".
//
// Crash story: deeds are recorded one after another in the order of Read, and the first trouble ends the row. Whoever asks again
// gets the receipts of those that stand and does the others: an act is recorded once. A form's acts are worked on by one
// request at a time, and the row goes on when its browser has gone.

// A Deed says how a form becomes records.
type Deed struct {
	// Read makes the deeds of a form in the order in which they are to be recorded. It is asked again at each step, so their
	// acts must follow from the form's act: itself, or DeriveAct for several. An error goes to Mend.
	Read func(r *http.Request, s *node.Shift) ([]node.Deed, error)
	// Ask is asked when all deeds are prepared, before anything is signed or recorded, and not of deeds that are recorded
	// already: its error goes to Mend. It is for what the officer must be asked back. May be nil.
	Ask func(r *http.Request, s *node.Shift, deeds []node.Deed) error
	// Done answers when all is recorded: it should redirect (303) to a page with an address. Receipts are in the order of Read.
	Done func(w http.ResponseWriter, r *http.Request, s *node.Shift, receipts []node.Receipt)
	// Mend answers when the officer can put it right in the form, which it shows again with what was typed and Words.Error(err).
	// The first len(receipts) deeds stand; nothing of the others does.
	Mend func(w http.ResponseWriter, r *http.Request, s *node.Shift, receipts []node.Receipt, err error)
	// What names the deed for the page that says that it is not recorded, or not known: "Admit". May be nil.
	What func(r *http.Request, w Words) string
	// Back is where the officer goes who gives it up; "/" if nil.
	Back func(r *http.Request) string
}

// Deed registers the address of a form with its deeds.
func (st *Station) Deed(pattern string, p roster.Power, d Deed) {
	st.Handle(pattern, p, func(w http.ResponseWriter, r *http.Request, s *node.Shift) {
		if !st.Pages.ReadForm(w, r) {
			return
		}
		deeds, err := d.Read(r, s)
		if err == nil && (len(deeds) == 0 || len(deeds) > maxDeeds) {
			err = ErrDeeds
		}
		if err != nil {
			d.Mend(w, r, s, nil, err)
			return
		}
		done := st.inFlight.begin(r.PostFormValue("act"))
		defer done()
		st.serveDeeds(w, r, s, d, deeds)
	})
}

// ErrDeeds: a form that makes no deed, or too many.
var ErrDeeds = errors.New("a form makes 1 to 128 deeds")

func (st *Station) serveDeeds(w http.ResponseWriter, r *http.Request, s *node.Shift, d Deed, deeds []node.Deed) {
	step := r.Header.Get("Tims-Sign")
	row := row{node: st.Node, deeds: deeds}
	var err error
	if step != "commit" {
		if err = row.prepare(r.Context()); err == nil && d.Ask != nil && row.fresh() {
			if err = d.Ask(r, s, deeds); err != nil {
				d.Mend(w, r, s, nil, err)
				return
			}
		}
		if err == nil && step == "prepare" {
			row.answer(w, s)
			return
		}
	}
	if err == nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), commitFor)
		defer cancel()
		if step == "commit" {
			err = row.commitSigned(ctx, r.PostForm["signature"])
		} else {
			err = row.commit(ctx)
		}
	}
	if err != nil {
		st.failed(w, r, s, d, row, err)
		return
	}
	d.Done(w, r, s, row.receipts)
}

// A row is the deeds of one form on their way into the log.
type row struct {
	node     *node.Node
	deeds    []node.Deed
	prepared []node.Prepared
	looked   bool // each deed has been looked for in the log: what has no receipt is not there, unless this row put it there
	receipts []node.Receipt
}

func (w *row) prepare(ctx context.Context) error {
	for _, d := range w.deeds {
		p, err := w.node.Prepare(ctx, d)
		if err != nil {
			return err
		}
		w.prepared = append(w.prepared, p)
	}
	w.looked = true
	return nil
}

// absent looks for each deed that could not even be prepared, such as the decision of a check that a node lost with its disk:
// without a look it would stay not known for ever.
func (w *row) absent() bool {
	for _, d := range w.deeds {
		if gone, err := w.node.Absent(d); err != nil || !gone {
			return false
		}
	}
	return len(w.receipts) == 0
}

// fresh says whether one of the deeds is not recorded yet.
func (w *row) fresh() bool {
	for _, p := range w.prepared {
		if p.Receipt == nil {
			return true
		}
	}
	return false
}

func (w *row) answer(to http.ResponseWriter, s *node.Shift) {
	type act struct {
		Act     string `json:"act"`
		Message string `json:"message,omitempty"`
	}
	acts := []act{}
	for _, p := range w.prepared {
		a := act{Act: hex.EncodeToString(p.Act[:])}
		if p.Receipt == nil {
			a.Message = base64.RawURLEncoding.EncodeToString(p.Message)
		}
		acts = append(acts, a)
	}
	to.Header().Set("Content-Type", "application/json")
	json.NewEncoder(to).Encode(map[string]any{"shift": strconv.FormatUint(s.Ref.Index, 10), "acts": acts}) // an error here is a browser that went away
}

// commit records without signatures.
func (w *row) commit(ctx context.Context) error {
	for _, p := range w.prepared {
		if p.Receipt != nil {
			w.receipts = append(w.receipts, *p.Receipt)
			continue
		}
		if err := w.take(ctx, p.Act, nil); err != nil {
			return err
		}
	}
	return nil
}

// commitSigned records what was prepared in an earlier request. A deed without a signature must be recorded already: it is
// never recorded unsigned because a signature got lost.
func (w *row) commitSigned(ctx context.Context, signatures []string) error {
	w.looked = true
	if len(signatures) != len(w.deeds) {
		return node.ErrBoothSignature
	}
	for i, text := range signatures {
		act, signature, err := readSignature(text)
		if err != nil {
			return err
		}
		if len(signature) > 0 {
			if err := w.take(ctx, act, signature); err != nil {
				return err
			}
			continue
		}
		p, err := w.node.Prepare(ctx, w.deeds[i])
		if err != nil {
			w.looked = false
			return err
		}
		if p.Receipt == nil {
			return node.ErrBoothSignature
		}
		w.receipts = append(w.receipts, *p.Receipt)
	}
	return nil
}

func (w *row) take(ctx context.Context, act record.Act, signature []byte) error {
	receipt, err := w.node.Commit(ctx, act, signature)
	if err == nil {
		w.receipts = append(w.receipts, receipt)
	}
	return err
}

func readSignature(text string) (act record.Act, signature []byte, err error) {
	name, value, _ := strings.Cut(text, ":")
	if len(text) > maxSignature || len(name) != 2*len(act) {
		return act, nil, node.ErrBoothSignature
	}
	if _, err := hex.Decode(act[:], []byte(name)); err != nil {
		return act, nil, node.ErrBoothSignature
	}
	if signature, err = base64.RawURLEncoding.DecodeString(value); err != nil {
		return act, nil, node.ErrBoothSignature
	}
	return act, signature, nil
}

// DeriveAct gives the act of one deed of several in a form, such as the decision on one check of a party: the first 16 bytes of
// SHA-256("tims/party/1\n" ‖ act ‖ index, 8 bytes, big endian). Index is what the deed is about and does not change between
// two tries: the index of the check.
func DeriveAct(act record.Act, index uint64) (derived record.Act) {
	b := append([]byte("tims/party/1\n"), act[:]...)
	h := sha256.Sum256(binary.BigEndian.AppendUint64(b, index))
	copy(derived[:], h[:])
	return derived
}

// inFlight lets one request at a time work on the act of a form.
type inFlight struct {
	mu   sync.Mutex
	acts map[string]*turn
}

type turn struct {
	mu      sync.Mutex
	waiting int
}

func (i *inFlight) begin(act string) (done func()) {
	i.mu.Lock()
	if i.acts == nil {
		i.acts = map[string]*turn{}
	}
	t := i.acts[act]
	if t == nil {
		t = new(turn)
		i.acts[act] = t
	}
	t.waiting++
	i.mu.Unlock()
	t.mu.Lock()
	return func() {
		t.mu.Unlock()
		i.mu.Lock()
		defer i.mu.Unlock()
		if t.waiting--; t.waiting == 0 {
			delete(i.acts, act)
		}
	}
}
