package watchlist

import (
	"encoding/binary"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"tims/internal/border"
)

// A row is an alert in bytes: first the facts that a score needs, then the texts that are read only for a hit. Texts that
// many alerts share stand once, in the segment's phrases.

// facts are what a score needs of an alert beside its names.
type facts struct {
	kind        border.AlertKind
	action      border.Action
	canary      bool
	births      []border.PartialDate
	nations     []string
	sex         string
	from, until border.Date
}

// phrases are the shared texts of the segment, while it is built.
type phrases struct {
	mu    sync.RWMutex
	ids   map[string]uint32
	texts []string
	faces atomic.Int64 // bytes so far
}

// id numbers a text, in its turn where it is new: then numbers do not depend on who works faster. False where there are too
// many; own is the same text in memory of its own.
func (p *phrases) id(s string, turn func()) (id uint32, own string, ok bool) {
	p.mu.RLock()
	id, ok = p.ids[s]
	full := len(p.texts) == maxPhrases
	if ok {
		own = p.texts[id]
	}
	p.mu.RUnlock()
	if ok || full {
		return id, own, ok
	}
	turn()
	p.mu.Lock()
	defer p.mu.Unlock()
	id, ok = p.ids[s]
	if !ok && len(p.texts) < maxPhrases {
		id, ok = uint32(len(p.texts)), true
		own = strings.Clone(s)
		p.ids[own] = id
		p.texts = append(p.texts, own)
	}
	if ok {
		own = p.texts[id]
	}
	return id, own, ok
}

// A rowWriter appends rows.
type rowWriter struct {
	b       []byte
	phrases *phrases
	turn    func()          // waits until the rows before are written
	recent  [256]recentText // by slotOf
}

// A recentText is a phrase that this worker has just written. It saves most of them the look-up.
type recentText struct {
	text   string
	number uint64 // as it is written; zero where there is none yet
}

// slotOf is a rough hash by length, beginning and end.
func slotOf(s string) uint8 {
	h := uint64(len(s))
	if len(s) >= 8 {
		for i := range 8 {
			h ^= uint64(s[i])<<(8*i) ^ uint64(s[len(s)-8+i])<<(8*i)>>3
		}
	} else {
		for i := range len(s) {
			h ^= uint64(s[i]) << (8*i + 8)
		}
	}
	return uint8(h * 0x9e3779b97f4a7c15 >> 56)
}

const (
	rowCanary = 1 << iota
	rowDated
	rowFemale
	rowMale
	rowSex // of another letter
)

func (w *rowWriter) number(n uint64) { w.b = binary.AppendUvarint(w.b, n) }

func (w *rowWriter) text(s string) {
	w.number(uint64(len(s)))
	w.b = append(w.b, s...)
}

// phrase writes a text that other alerts likely have too.
func (w *rowWriter) phrase(s string) {
	r := &w.recent[slotOf(s)]
	if r.number != 0 && r.text == s {
		w.number(r.number)
		return
	}
	id, own, ok := w.phrases.id(s, w.turn)
	if !ok {
		w.number(0)
		w.text(s)
		return
	}
	*r = recentText{own, uint64(id) + 1}
	w.number(r.number)
}

func (w *rowWriter) alert(a *border.Alert) {
	flags := byte(0)
	if a.Canary {
		flags |= rowCanary
	}
	if a.From != 0 || a.Until != 0 {
		flags |= rowDated
	}
	switch a.Sex {
	case "":
	case "F":
		flags |= rowFemale
	case "M":
		flags |= rowMale
	default:
		flags |= rowSex
	}
	w.b = append(w.b, byte(a.Kind), byte(a.Action), flags)
	if flags&rowSex != 0 {
		w.text(a.Sex)
	}
	if flags&rowDated != 0 {
		w.b = binary.AppendVarint(w.b, int64(a.From))
		w.b = binary.AppendVarint(w.b, int64(a.Until))
	}
	w.number(uint64(len(a.Births)))
	for _, b := range a.Births {
		k := dateKey(b)
		w.b = append(w.b, byte(k), byte(k>>8), byte(k>>16))
	}
	w.number(uint64(len(a.Nations)))
	for _, n := range a.Nations {
		w.phrase(n)
	}
	w.texts(a)
}

func (w *rowWriter) texts(a *border.Alert) {
	w.phrase(a.List)
	if head, number := cutNumber(a.ID); number > 0 {
		w.phrase(head)
		w.number(number)
	} else {
		w.number(0)
		w.text(a.ID)
		w.number(0)
	}
	w.phrase(a.Issuer)
	w.phrase(a.Reason)
	w.number(uint64(len(a.Names)))
	for _, n := range a.Names {
		w.name(n)
	}
	w.number(uint64(len(a.Documents)))
	for _, d := range a.Documents {
		w.phrase(d.Issuer)
		w.text(d.Number)
		w.text(d.To)
		w.phrase(d.Status)
	}
	w.number(uint64(len(a.Vehicles)))
	for _, v := range a.Vehicles {
		w.phrase(v.Country)
		w.text(v.Plate)
		w.text(v.VIN)
	}
	w.phrase(a.Caveats)
	w.number(uint64(len(a.Notify)))
	for _, n := range a.Notify {
		w.phrase(n)
	}
	face := a.Face
	if len(face) > 0 {
		w.turn() // which faces are left out does not depend on who works faster
		if w.phrases.faces.Add(int64(len(face))) > maxFaces {
			face = nil
		}
	}
	w.number(uint64(len(face)))
	w.b = append(w.b, face...)
}

// name writes both identifiers with what the issuer says of them in one number.
func (w *rowWriter) name(n border.AlertName) {
	v := uint64(len(n.Primary)) << 2
	if n.Alias {
		v |= 1
	}
	if n.Weak {
		v |= 2
	}
	w.number(v)
	w.b = append(w.b, n.Primary...)
	w.text(n.Secondary)
}

// cutNumber parts the digits at the end of an id that a number can hold, plus one; zero where there are none.
func cutNumber(id string) (head string, number uint64) {
	at := len(id)
	for at > 0 && len(id)-at < 18 && id[at-1] >= '0' && id[at-1] <= '9' {
		at--
	}
	for at < len(id) && id[at] == '0' {
		at++
	}
	n, err := strconv.ParseUint(id[at:], 10, 64)
	if err != nil {
		return id, 0
	}
	return id[:at], n + 1
}

// dateKey packs a partial date into 23 bits that sort by year, month and day. A date that no list could hold is none.
func dateKey(d border.PartialDate) uint32 {
	if d.Year < 0 || d.Year > 9999 || d.Month < 0 || d.Month > 12 || d.Day < 0 || d.Day > 31 {
		return 0
	}
	return uint32(d.Year)<<9 | uint32(d.Month)<<5 | uint32(d.Day)
}

func dateOf(key uint32) border.PartialDate {
	return border.PartialDate{Year: int(key >> 9), Month: int(key >> 5 & 15), Day: int(key & 31)}
}
