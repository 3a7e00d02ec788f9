package post

import (
	"net/http"
	"time"

	"tims/internal/border"
	"tims/internal/record"
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
	Mirrors      []string
	ByNode       bool
}

func (f *Face) serveReceipt(w http.ResponseWriter, r *http.Request, b booth) {
	index, ok := indexOf(r)
	if !ok {
		f.pages.Fail(w, r, http.StatusNotFound)
		return
	}
	if own, err := f.own(index, b.shift); !own {
		f.refuse(w, r, b, err)
		return
	}
	receipt, err := f.n.ReceiptOf(index)
	if err != nil {
		f.trouble(w, r, b, err)
		return
	}
	o, err := f.n.ReadOwn(index)
	if err != nil || o.Person == nil || o.Person.Decision == 0 {
		f.pages.Fail(w, r, http.StatusNotFound)
		return
	}
	words := f.words(r)
	d := receiptPage{Index: index, Shift: b.shift.Ref.Index, Level: verdictLevel[o.Person.Decision],
		Done: words.t("done." + o.Person.Decision.String()), Direction: o.Person.Direction,
		Way: words.t("post.way." + o.Person.Direction.String()), Name: holder(o.Person.Document), Number: o.Person.Document.Number,
		Nation: state(o.Person.Document.Nationality), Record: number(receipt.Node, receipt.Epoch, receipt.Ref),
		Code: groups(receipt.Code), At: time.UnixMilli(receipt.Written), ByNode: len(o.Leaf.Booth) == 0}
	if g := o.Person.Ground; g != "" {
		d.Ground = string(g) + " " + words.t("ground."+string(g))
	}
	for _, m := range receipt.Flags.Mirrors {
		d.Mirrors = append(d.Mirrors, capital(m))
	}
	p := f.page(r, b, "post.receipt.title", web.Key{Keys: "Enter", Text: words.t("post.key.next")})
	p.Data = d
	f.pages.Render(w, r, "receipt", p)
}

func holder(d record.Document) string {
	return fullName(border.Document{Primary: d.Primary, Secondary: d.Secondary})
}

// groups parts a code into fives, as people read it out.
func groups(code string) (out []string) {
	for len(code) > 5 {
		out, code = append(out, code[:5]), code[5:]
	}
	return append(out, code)
}
