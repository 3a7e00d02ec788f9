package messages

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf8"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/web"
)

// A strip is what stands above every page: one message and how many more wait. Trouble says that they could not be asked for.
type strip struct {
	First   *notice
	More    int
	Trouble string
}

// A notice is one message as the strip has it.
type notice struct {
	ID       string // of the element: a flash is heard once for it
	Act      string
	Origin   string
	Index    uint64
	Level    web.Level
	Priority string
	Flash    bool
	From, At string
	Text     string
	Begin    string // of a text that two lines do not hold
	ByNode   bool
}

var levels = map[record.Priority]web.Level{record.Flash: web.Red, record.Urgent: web.Amber, record.Routine: web.Grey}

var priorityNames = map[record.Priority]string{record.Flash: "flash", record.Urgent: "urgent", record.Routine: "routine"}

// strip is made for every officer at every round, also while nothing waits: the part brings the script by which a later
// message is acknowledged without leaving the traveller.
func (f *face) strip(ctx context.Context, s *node.Shift, w station.Words) any {
	all, err := f.news.of(ctx, f.Node, s)
	if err != nil {
		return strip{Trouble: w.T("messages.trouble")}
	}
	waiting := unread(all, f.Node.Name(), s.Officer.Label)
	if len(waiting) == 0 {
		return strip{}
	}
	first := f.notice(waiting[0], s, w)
	return strip{First: &first, More: len(waiting) - 1}
}

func (f *face) notice(p node.Posted, s *node.Shift, w station.Words) notice {
	n := notice{ID: "message-" + strings.ReplaceAll(p.Ref.Origin, "/", "-") + "-" + strconv.FormatUint(p.Ref.Index, 10),
		Act: station.ActText(actOf(p.Ref, s.Ref)), Origin: p.Ref.Origin, Index: p.Ref.Index, Level: levels[p.Priority],
		Priority: w.T("messages." + priorityNames[p.Priority]), Flash: p.Priority == record.Flash,
		From: w.T("messages.from", "node", w.Label(p.From), "officer", p.By), At: w.At(p.At), Text: p.Text, ByNode: p.ByNode}
	if utf8.RuneCountInString(p.Text) > stripText || strings.Count(p.Text, "\n") > 1 {
		n.Begin = begin(p.Text)
	}
	return n
}

// begin cuts a text between two words.
func begin(text string) string {
	chars := []rune(strings.Join(strings.Fields(text), " "))
	if len(chars) <= stripText {
		return string(chars) + " …"
	}
	cut := string(chars[:stripText])
	if at := strings.LastIndexByte(cut, ' '); at > stripText/2 {
		cut = cut[:at]
	}
	return cut + " …"
}

// actOf is the act by which a shift acknowledges a message: two pages that do it at once make one record, and the strip is the
// same bytes at each round.
func actOf(message, shift record.Ref) (act record.Act) {
	b := []byte("tims/message-receipt/1\n")
	for _, r := range []record.Ref{message, shift} {
		b = append(b, r.Origin...)
		b = binary.BigEndian.AppendUint64(append(b, '\n'), r.Index)
	}
	h := sha256.Sum256(b)
	copy(act[:], h[:])
	return act
}
