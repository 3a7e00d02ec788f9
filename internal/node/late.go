package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
)

var (
	// ErrSheet: the number is of no registered range of this post.
	ErrSheet = errors.New("no sheet with this number was registered at this post; look at the number again")
	// ErrSheetUsed: it was typed in or voided.
	ErrSheetUsed = errors.New("this sheet was typed in already")
	// ErrKeyings: the two keyings differ. The fields stand in the DifferError.
	ErrKeyings = errors.New("the second keying differs from the first")
	// ErrMoment: a late passage lies before now, and not before the sheet was registered.
	ErrMoment = errors.New("the time of a passage on paper lies between the printing of its sheet and now")
)

// A DifferError names the fields in which the second keying differs from the first.
type DifferError struct{ Fields []string }

func (e *DifferError) Error() string { return ErrKeyings.Error() }
func (e *DifferError) Unwrap() error { return ErrKeyings }

// Late is one keying of a paper sheet. The first is recorded and counts nowhere. The second, by another officer, is compared
// with it; where they differ the fields are named and keyed again, and what the second officer keyed twice is in force.
type Late struct {
	Act     record.Act
	Shift   *Shift
	Series  string // of the sheet's number
	Number  uint32
	Sheet   string // as printed
	Officer string // who filled it in
	Booth   string
	Void    bool // spoilt: nothing else is taken

	Direction border.Direction
	Happened  int64 // UTC ms, as written on the sheet
	Document  border.Document
	Decision  border.Decision // admit or refuse
	Ground    border.Ground
	Terms     border.Terms
	Vehicle   Vehicle
	Notes     string
	// Again are the fields that were named as differing and keyed once more.
	Again []string
}

func (d Late) head() head { return head{d.Act, d.Shift, roster.TypePaper} }

func (d Late) is(n *Node, o *Opened) bool {
	d.settle()
	b, err := bodyOf[record.LateBody](projection.Deed{Kind: o.Leaf.Kind, Body: o.Deed})
	if err != nil || o.Leaf.Kind != record.Late || b.Sheet != d.Sheet || b.Officer != d.Officer || b.Void != d.Void {
		return false
	}
	if d.Void {
		return true
	}
	return o.Person != nil && said(d.Terms, *o.Person) && o.Person.Happened == d.Happened && intent(*o.Person) == intent(d.keyed(n)) &&
		(o.Police == nil || o.Police.Notes == d.Notes)
}

// settle gives what was typed the form in which it is recorded.
func (d *Late) settle() {
	d.Officer, d.Booth = strings.TrimSpace(d.Officer), boothName(d.Booth)
}

func (d Late) prepare(ctx context.Context, n *Node) (prepared, error) {
	d.settle()
	if err := d.valid(n); err != nil {
		return prepared{}, err
	}
	state, err := n.sheet(ctx, d)
	if err != nil {
		return prepared{}, err
	}
	if !d.Void && d.Happened < state.printed {
		return prepared{}, ErrMoment
	}
	if state.done || d.Void && state.first != nil {
		return prepared{}, ErrSheetUsed
	}
	body := record.LateBody{Sheet: d.Sheet, Officer: d.Officer, Void: d.Void}
	if d.Void {
		return n.simply(ctx, record.Late, d.head(), nil, content{record.Body, body})
	}
	tags, err := n.tags(d.Document)
	if err != nil {
		return prepared{}, err
	}
	keyed := d.keyed(n)
	if state.first == nil {
		return n.late(ctx, d, nil, body, content{record.Person, keyed})
	}
	if officer, err := n.officerOf(state.first); err != nil || officer == d.Shift.Officer.ID {
		return prepared{}, errors.Join(err, ErrSameOfficer)
	}
	body.Differed = differing(*state.first.Person, keyed)
	if body.Officer != state.body.Officer {
		body.Differed = append(body.Differed, "officer")
	}
	if fresh := slices.DeleteFunc(slices.Clone(body.Differed), func(f string) bool { return slices.Contains(d.Again, f) }); len(fresh) > 0 {
		return prepared{}, &DifferError{body.Differed}
	}
	v, err := d.view(ctx, n, tags)
	if err != nil {
		return prepared{}, err
	}
	person := n.person(v, d.Booth)
	person.Decision, person.Ground = d.Decision, d.Ground
	about := []record.Ref{{Origin: state.first.Origin, Index: state.first.Index}}
	contents := []content{{record.Person, person}, {record.Police, policePart(v, d.Notes)}}
	if d.Decision == border.Admit {
		contents = append([]content{{record.Slip, n.slip(v, tags[len(tags)-1])}}, contents...)
	}
	return n.late(ctx, d, about, body, contents...)
}

// keyed is the sheet as this clerk typed it, with nothing of what the node would make of it: that changes between two keyings.
func (d Late) keyed(n *Node) record.PersonPart {
	v := View{At: d.Happened, Check: border.Check{Direction: d.Direction, Document: d.Document}, Vehicle: d.Vehicle}
	v.Advice.Terms = d.Terms
	p := n.person(v, d.Booth)
	p.Decision, p.Ground = d.Decision, d.Ground
	return p
}

func (n *Node) late(ctx context.Context, d Late, about []record.Ref, body record.LateBody, contents ...content) (prepared, error) {
	return n.simply(ctx, record.Late, d.head(), about, append(contents, content{record.Body, body})...)
}

func (d *Late) valid(n *Node) error {
	switch {
	case d.Sheet == "" || d.Sheet != border.SheetNumber(d.Series, d.Number):
		return ErrSheet // it would be counted under another number
	case !text(maxWith, d.Officer) || !text(maxPlate, d.Booth) || !text(maxNotes, d.Notes):
		return errors.New("officer, booth or notes too long")
	case d.Void:
		return nil
	case d.Direction != border.Entry && d.Direction != border.Exit:
		return errors.New("the direction is entry or exit")
	case d.Happened > n.Now():
		return ErrMoment
	case d.Decision != border.Admit && d.Decision != border.Refuse:
		return errors.New("the decision on paper is admit or refuse")
	case (d.Decision == border.Refuse) != (d.Ground != "") || d.Ground != "" && !d.Ground.Fits(d.Direction):
		return ErrGround
	}
	return errors.Join(d.Vehicle.valid(), validTerms(d.Terms))
}

// view matches the traveller now, for on paper nobody could, and counts the day at the time that the sheet tells.
func (d Late) view(ctx context.Context, n *Node, tags []tagged) (View, error) {
	v, err := n.gather(ctx, d.Document, d.Direction, d.Terms, d.Vehicle, tags, nil)
	v.At = d.Happened
	v.Horizons, v.Lists = nil, nil // nothing was known on paper
	return v, err
}

// differing names the fields in which two keyings of a sheet differ, in the order of the form.
func differing(a, b record.PersonPart) []string {
	var out []string
	add := func(name string, same bool) {
		if !same {
			out = append(out, name)
		}
	}
	add("direction", a.Direction == b.Direction)
	add("happened", a.Happened == b.Happened)
	add("booth", a.Booth == b.Booth)
	x, y := a.Document, b.Document
	add("code", x.Code == y.Code)
	add("issuer", x.Issuer == y.Issuer)
	add("number", x.Number == y.Number)
	add("nationality", x.Nationality == y.Nationality)
	add("primary", x.Primary == y.Primary)
	add("secondary", x.Secondary == y.Secondary)
	add("birth", x.Birth == y.Birth)
	add("sex", x.Sex == y.Sex)
	add("expiry", x.Expiry == y.Expiry)
	add("basis", a.Basis == b.Basis)
	add("until", a.Until == b.Until)
	add("paper", a.Paper == b.Paper && deref(a.Visa) == deref(b.Visa))
	add("plate", a.Plate == b.Plate && a.PlateCountry == b.PlateCountry && a.Vehicle == b.Vehicle)
	add("decision", a.Decision == b.Decision && a.Ground == b.Ground)
	return out
}

// sheetState is what the log says of one sheet.
type sheetState struct {
	printed int64 // UTC ms
	first   *Opened
	body    record.LateBody
	done    bool
}

func (n *Node) sheet(ctx context.Context, d Late) (s sheetState, err error) {
	if err := n.caughtUp(ctx); err != nil {
		return s, err
	}
	p := Paper{sheets: map[uint32][]Keyed{}}
	ranges, err := n.shadow.Deeds(ctx, n.Name(), 0, n.Now()+1, record.Sheets)
	if err != nil {
		return s, err
	}
	keyings, err := n.shadow.Keyings(ctx, n.Name(), d.Sheet)
	if err != nil {
		return s, err
	}
	for _, x := range append(ranges, keyings...) {
		if err := p.add(n, x); err != nil {
			return s, err
		}
	}
	i := slices.IndexFunc(p.Ranges, func(r SheetRange) bool { return r.Series == d.Series && d.Number >= r.First && d.Number <= r.Last })
	if i < 0 {
		return s, ErrSheet
	}
	s.printed = p.Ranges[i].At
	for _, l := range p.sheets[d.Number] {
		if l.Void || l.Second {
			s.done = true
			continue
		}
		o, err := n.Read(l.Ref)
		if err == nil && o.Person == nil {
			err = errUnread
		}
		if err != nil {
			return s, fmt.Errorf("read the first keying of a sheet: %w", err)
		}
		s.first, s.body = &o, l.body
	}
	return s, nil
}

// Paper is the account of a post's paper forms.
type Paper struct {
	Ranges []SheetRange
	Once   []Keyed // typed once, waiting for the second officer, oldest first
	Issued int     // registered
	Used   int     // typed twice
	Void   int     // spoilt
	Left   int     // neither used, void nor typed once: blank, or missing
	sheets map[uint32][]Keyed
}

// A SheetRange is a registered range of numbers.
type SheetRange struct {
	record.SheetsBody
	At int64 // UTC ms of the registration
}

// Keyed is one keying of a sheet.
type Keyed struct {
	Ref     record.Ref
	Sheet   string
	Number  uint32
	At      int64 // UTC ms of the keying
	Officer string
	Second  bool
	Void    bool
	body    record.LateBody
}

// Paper counts sheets issued, used, void and left, from this node's own log.
func (n *Node) Paper(ctx context.Context) (Paper, error) {
	p := Paper{sheets: map[uint32][]Keyed{}}
	if err := n.caughtUp(ctx); err != nil {
		return p, err
	}
	deeds, err := n.shadow.Deeds(ctx, n.Name(), 0, n.Now()+1, record.Sheets, record.Late)
	if err != nil {
		return p, err
	}
	for _, d := range deeds {
		if err := p.add(n, d); err != nil {
			return p, err
		}
	}
	for _, of := range p.sheets {
		last := of[len(of)-1]
		switch {
		case last.Void:
			p.Void++
		case last.Second:
			p.Used++
		default:
			p.Once = append(p.Once, last)
		}
	}
	slices.SortFunc(p.Once, func(a, b Keyed) int { return int(a.Number) - int(b.Number) })
	p.Left = p.Issued - p.Used - p.Void - len(p.Once)
	return p, nil
}

func (p *Paper) add(n *Node, d projection.Deed) error {
	if d.Kind == record.Sheets {
		b, err := bodyOf[record.SheetsBody](d)
		if err == nil && b.Last >= b.First && b.Last-b.First < maxSheets {
			p.Ranges = append(p.Ranges, SheetRange{b, d.Written})
			p.Issued += int(b.Last-b.First) + 1
		}
		return err
	}
	b, err := bodyOf[record.LateBody](d)
	if errors.Is(err, errUnread) {
		return nil // of an earlier epoch; its sheet counts as left until the key comes
	}
	if err != nil {
		return err
	}
	_, number, err := border.ParseSheetNumber(b.Sheet)
	if err != nil {
		return nil
	}
	p.sheets[number] = append(p.sheets[number], Keyed{Ref: d.Ref, Sheet: b.Sheet, Number: number, At: d.Written,
		Officer: n.labelOf(d), Second: d.About != nil, Void: b.Void, body: b})
	return nil
}
