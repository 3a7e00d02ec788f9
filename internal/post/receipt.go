package post

import (
	"context"
	"html/template"
	"net/http"
	"slices"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/web"
)

type receiptPage struct {
	Index, Shift uint64
	Level        web.Level
	Done, Way    string
	Direction    border.Direction
	Ground       string
	Name, Number string // of holder and document, so that the officer sees whom it is about
	Nation       string
	Record       string
	Code         []string // groups of five
	At           time.Time
	Flags        flags
	QR           template.HTML // of the text by which anybody finds the record, and how to say it
	Text         string
	Void         bool // within the time in which the officer takes it back himself
	Print        bool // a form is handed to who was refused
	Next         string
	NextNo       int  // of the next undecided member of the party; 0 where all are decided
	InParty      bool // of more than one
	Check        uint64
	Tally        string
	Answers      answers
	Report       []station.Hit // alerts in spite of which he was let pass: what is still to be done
}

func (f *Face) serveReceipt(w http.ResponseWriter, r *http.Request, b booth) {
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	if own, err := f.own(index, b.shift); !own {
		f.refuse(w, r, b, err)
		return
	}
	receipt, err := f.Node.ReceiptOf(index)
	if err != nil {
		f.Trouble(w, r, b.shift, err)
		return
	}
	o, err := f.Node.ReadOwn(index)
	if err != nil || o.Person == nil || o.Person.Decision == 0 {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	words := f.Words(r)
	d := receiptPage{Index: index, Shift: b.shift.Ref.Index, Level: station.DecisionLevel[o.Person.Decision],
		Done: words.T("done." + o.Person.Decision.String()), Direction: o.Person.Direction,
		Way: words.T("way." + o.Person.Direction.String()), Name: holder(o.Person.Document), Number: o.Person.Document.Number,
		Nation: words.State(o.Person.Document.Nationality), Record: number(receipt.Node, receipt.Epoch, receipt.Ref),
		Code: groups(receipt.Code), At: time.UnixMilli(receipt.Written), Flags: f.flags(receipt.Flags, len(o.Leaf.Booth) == 0, words)}
	if g := o.Person.Ground; g != "" {
		d.Ground = string(g) + " " + words.T("ground."+string(g))
	}
	d.Void = f.Node.Now()-receipt.Written < node.VoidWithin.Milliseconds()
	d.Print = o.Person.Decision == border.Refuse
	d.Check, d.Tally, d.Answers = receipt.Check, f.tallyLine(r.Context(), b, words), f.answersNow(r.Context(), b, words)
	d.Report = f.report(r.Context(), o, receipt.Check, words)
	f.proof(words, &d)
	if err := f.nextMember(r, b, o.Person.Party, &d); err != nil {
		f.Trouble(w, r, b.shift, err)
		return
	}
	p := f.page(r, b, "post.receipt.title", f.receiptKeys(words, d)...)
	p.Data = d
	f.booths.update(b.shift, func(b *booth) { b.shown = index })
	f.Render(w, r, "receipt", p)
}

// report gives the alerts that fit somebody who was let pass, as far as a booth may see them: passing is half of what they ask.
func (f *Face) report(ctx context.Context, o node.Opened, check uint64, w station.Words) []station.Hit {
	if o.Person.Decision != border.Admit || o.Police == nil || !slices.Contains(o.Police.Findings, string(border.AlertHit)) {
		return nil
	}
	v, err := f.Node.View(ctx, check, border.Terms{}, nil)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(w.Hits(v.Hits, v.Check.Least), func(h station.Hit) bool { return h.Weak })
}

// proof is the text of the receipt, and its picture. A record that gives none shows none.
func (f *Face) proof(w station.Words, d *receiptPage) {
	text, err := f.Node.ReceiptText(d.Index)
	if err != nil {
		return
	}
	if d.QR, err = web.QR(w.T("post.receipt.qr"), text); err == nil {
		d.Text = text
	}
}

// nextMember says where the key for the next traveller leads: to who of the party is left, else to the booth.
func (f *Face) nextMember(r *http.Request, b booth, party []byte, d *receiptPage) error {
	d.Next = "/"
	if len(party) != len(b.party) || b.party != record.Act(party) {
		return nil
	}
	members, err := f.members(r.Context(), b)
	if err != nil {
		return err
	}
	d.InParty = len(members) > 1
	for i, m := range members {
		if m.Open() {
			d.Next, d.NextNo = checkAddress(m.Ref.Index), i+1
			return nil
		}
	}
	return nil
}

// receiptKeys are the keys that the page has, no other.
func (f *Face) receiptKeys(w station.Words, d receiptPage) []web.Key {
	keys := []web.Key{{Keys: "Enter", Text: w.T("post.key.next")}}
	if d.NextNo > 0 {
		keys[0].Text = w.T("post.party.next", "no", d.NextNo)
	} else {
		keys = append(keys, web.Key{Keys: "F6", Text: w.T("post.party.more")})
	}
	if d.Void {
		keys = append(keys, web.Key{Keys: "F7", Text: w.T("post.key.void")})
	}
	keys = append(keys, web.Key{Keys: "F8", Text: w.T("post.key.correct")})
	if d.Print {
		keys = append(keys, web.Key{Keys: "F10", Text: w.T("post.key.print")})
	}
	return append(keys, d.Answers.keys(w)...)
}

func holder(d record.Document) string {
	return station.FullName(d.Primary, d.Secondary)
}

// groups parts a code into fives, as people read it out.
func groups(code string) (out []string) {
	for len(code) > 5 {
		out, code = append(out, code[:5]), code[5:]
	}
	return append(out, code)
}
