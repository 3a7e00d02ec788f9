package portal

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/proof"
	"tims/internal/roster"
	"tims/internal/seal"
	"tims/internal/web"
)

// Answers to a look-up, as words of keys.
const (
	answerStands  = "stands"  // a record with this number stands in the log
	answerProven  = "proven"  // and it is the one of this receipt
	answerOther   = "other"   // another record stands there than the log promised
	answerForged  = "forged"  // the log's key has not signed this receipt
	answerAhead   = "ahead"   // the copy here does not reach so far yet
	answerNoLog   = "nolog"   // no such log is held here
	answerLimited = "limited" // too many look-ups
)

// receiptPage is the form and, after a look-up, its answer.
type receiptPage struct {
	Text, Number       string // as typed; a receipt's text stands in no address and no journal line
	Fault              string // key of what is wrong with the form
	Answer             string
	Level              web.Level
	Origin, Hash, Path string
	Index, Size        uint64
	Codes              []string // of a proven receipt, in groups of five
	After, Before      int64    // UTC ms
	DayFrom, DayTo     string
	Mirrors            []string
	Frozen             string // code, "" where the log is sound
	Since              int64
	Heard              int64
}

// asked is what somebody wants to know of.
type asked struct {
	origin  string
	index   uint64
	receipt *seal.Receipt
}

func (p *Portal) serveReceipt(w http.ResponseWriter, r *http.Request) {
	p.renderReceipt(w, r, 0, receiptPage{})
}

func (p *Portal) lookUp(w http.ResponseWriter, r *http.Request) {
	if !p.pages.ReadForm(w, r) {
		return
	}
	d := receiptPage{Text: r.PostFormValue("text"), Number: r.PostFormValue("number")}
	if !p.limit.Allow(r.RemoteAddr, p.opt.Now()) {
		d.Answer, d.Level = answerLimited, web.Amber
		p.renderReceipt(w, r, http.StatusTooManyRequests, d)
		return
	}
	q, fault := p.read(d)
	if fault != "" {
		d.Fault = fault
		p.renderReceipt(w, r, http.StatusUnprocessableEntity, d)
		return
	}
	p.answer(&d, q)
	p.renderReceipt(w, r, 0, d)
}

func (p *Portal) renderReceipt(w http.ResponseWriter, r *http.Request, status int, d receiptPage) {
	page := p.page(r, "portal.receipt.title")
	page.Status, page.Data = status, d
	p.pages.Render(w, r, "receipt", page)
}

// recordNumber is how a receipt prints it: node, epoch, index, with slashes, blanks or hyphens between.
var recordNumber = regexp.MustCompile(`^([a-z][a-z0-9-]{0,30})[ /]+([0-9]{1,10})[ /]+([0-9]{1,17})$`)

// read takes the form; the receipt's text goes before the number. A code is not asked for: nothing is kept here that it could be
// checked against, and whoever types it would believe that it was.
func (p *Portal) read(d receiptPage) (q asked, fault string) {
	if strings.TrimSpace(d.Text) != "" {
		receipt, err := seal.ParseReceipt(d.Text)
		if err != nil {
			return q, "portal.receipt.fault.text"
		}
		return asked{receipt.Origin, receipt.Index, &receipt}, ""
	}
	m := recordNumber.FindStringSubmatch(strings.ToLower(strings.Join(strings.Fields(d.Number), " ")))
	if m == nil {
		return q, "portal.receipt.fault.number"
	}
	epoch, err := strconv.ParseUint(m[2], 10, 32)
	index, err2 := strconv.ParseUint(m[3], 10, 55)
	if err != nil || err2 != nil {
		return q, "portal.receipt.fault.number"
	}
	return asked{origin: roster.Origin(p.ring.Country(), m[1], uint32(epoch)), index: index}, ""
}

// answer says what is known here of a record.
func (p *Portal) answer(d *receiptPage, q asked) {
	d.Origin, d.Index = q.origin, q.index
	l, ok := p.log(q.origin)
	if !ok {
		d.Answer, d.Level = answerNoLog, web.Amber
		return
	}
	d.Size, d.Frozen, d.Since, d.Heard = l.Size(), l.code(), l.since.Load(), l.news.Load()
	if key, err := note.NewVerifier(l.Key()); q.receipt != nil && (err != nil || !key.Verify(q.receipt.Promise(), q.receipt.Signature[:])) {
		d.Answer, d.Level = answerForged, web.Red
		return
	}
	hash, err := l.LeafHash(q.index)
	if err != nil {
		d.Answer, d.Level = answerAhead, web.Amber
		return
	}
	d.Hash, d.Path = fmt.Sprintf("%x", hash[:]), proofPath(l.Origin(), q.index)
	d.Answer, d.Level = answerStands, web.OK
	if q.receipt != nil {
		if q.receipt.LeafHash() != hash {
			d.Answer, d.Level = answerOther, web.Red
			return
		}
		d.Answer, d.Codes = answerProven, groups(q.receipt.Opening.Code())
	}
	p.date(d, l)
	for _, c := range l.Cosigned() {
		if c.Size > q.index {
			d.Mirrors = append(d.Mirrors, p.mirrorLabel(c.Name))
		}
	}
}

// date encloses the record between signed times, by the very proof that is handed out.
func (p *Portal) date(d *receiptPage, l *heldLog) {
	b, err := p.proofOf(l, d.Index, "")
	if err != nil {
		return
	}
	report, err := proof.Verify(b, proof.Trust{State: p.State()})
	if err != nil {
		return
	}
	d.After, d.Before = report.After, report.Before
	d.DayFrom, d.DayTo = report.Days(p.zone)
}

// mirrorLabel turns the name of a mirror's key, origin/mirror, into its node and place.
func (p *Portal) mirrorLabel(name string) string {
	_, node, _, err := roster.ParseOrigin(strings.TrimSuffix(name, roster.MirrorSuffix))
	if err != nil {
		return name
	}
	n, ok := p.State().Roster.Node(node)
	if !ok || n.Place == "" {
		return node
	}
	return node + " (" + n.Place + ")"
}

// serveReceiptProof gives the proof of a receipt, which holds the receipt itself: whoever has the file can show it as his.
func (p *Portal) serveReceiptProof(w http.ResponseWriter, r *http.Request) {
	if !p.pages.ReadForm(w, r) {
		return
	}
	if !p.limit.Allow(r.RemoteAddr, p.opt.Now()) {
		p.pages.Fail(w, r, http.StatusTooManyRequests)
		return
	}
	receipt, err := seal.ParseReceipt(r.PostFormValue("text"))
	l, ok := p.log(receipt.Origin)
	if err != nil || !ok {
		p.pages.Fail(w, r, http.StatusNotFound)
		return
	}
	hash, err := l.LeafHash(receipt.Index)
	if err != nil || hash != receipt.LeafHash() {
		p.pages.Fail(w, r, http.StatusNotFound)
		return
	}
	b, err := p.proofOf(l, receipt.Index, receipt.Text())
	if err != nil {
		p.pages.Fail(w, r, http.StatusServiceUnavailable)
		return
	}
	sendProof(w, l, receipt.Index, b)
}

// groups parts a code into fives, as people read it out.
func groups(code string) []string {
	return []string{code[:seal.CodeLength/2], code[seal.CodeLength/2:]}
}
