package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
)

// MessageFor is how long a message is shown at a booth that has not acknowledged it, and how long its sender sees who has.
const MessageFor = 7 * 24 * time.Hour

var (
	// ErrLetter: there is nothing to send.
	ErrLetter = fmt.Errorf("a message has 1 to %d bytes of text and a priority", maxLetter)
	// ErrAddressee: a named node is not in the roster, or reads nothing.
	ErrAddressee = errors.New("a message goes to other posts and centres of the roster")
	// ErrNotAddressed: only who was written to acknowledges.
	ErrNotAddressed = errors.New("no such message was sent to this node")
)

// A Message is sent to some nodes by name, or to all posts and centres where To is empty.
type Message struct {
	Act      record.Act
	Shift    *Shift
	Priority record.Priority
	To       []string
	Text     string
}

func (d Message) head() head { return head{d.Act, d.Shift, roster.SendMessages} }

func (d Message) is(n *Node, o *Opened) bool {
	var was record.MessageBody
	d.settle()
	if o.Leaf.Kind != record.Message || record.Unmarshal(o.Deed, &was) != nil || was.Priority != d.Priority || !slices.Equal(was.To, d.To) {
		return false
	}
	l := n.openLetter(was, o.Leaf.Act)
	return l != nil && *l == record.Letter{From: d.Shift.Officer.Label, Text: d.Text}
}

// settle gives a message the form in which it is recorded.
func (d *Message) settle() {
	d.Text, d.To = strings.TrimSpace(d.Text), slices.Compact(slices.Sorted(slices.Values(d.To)))
}

func (d Message) prepare(ctx context.Context, n *Node) (prepared, error) {
	d.settle()
	if d.Text == "" || !text(maxLetter, d.Text) || d.Priority < record.Flash || d.Priority > record.Routine {
		return prepared{}, ErrLetter
	}
	letter := record.Letter{From: d.Shift.Officer.Label, Text: d.Text}
	body := record.MessageBody{Priority: d.Priority, To: d.To}
	if len(d.To) == 0 {
		body.Letter = &letter
	} else if err := n.sealLetter(&body, d.Act, letter); err != nil {
		return prepared{}, err
	}
	return n.simply(ctx, record.Message, d.head(), nil, content{record.Body, body})
}

// sealLetter seals a letter as a list of one chunk is sealed, bound to the act of its message, and wraps its key to the
// addressees and to this node. Nobody else reads it, the other posts and centres neither.
func (n *Node) sealLetter(body *record.MessageBody, act record.Act, letter record.Letter) error {
	key, err := seal.NewKey(rand.Reader)
	if err != nil {
		return err
	}
	if body.Sealed, err = seal.SealChunk(rand.Reader, key, seal.ChunkAt{List: act, Total: 1}, record.Marshal(letter)); err != nil {
		return err
	}
	if slices.Contains(body.To, n.Name()) {
		return ErrAddressee // whoever is here is told without a log
	}
	var readers []roster.ReaderKey
	for _, name := range append(slices.Clone(body.To), n.Name()) {
		to, ok := n.State().Roster.Node(name)
		if !ok || to.Dropped || len(to.Reader) == 0 || to.Role != roster.Post && to.Role != roster.Centre {
			return ErrAddressee
		}
		readers = append(readers, roster.ReaderKey{Name: name, Key: to.Reader})
	}
	wrapped, err := wrapTo(seal.ListName(act), key, readers)
	body.Wraps = wrapped.Wraps
	return err
}

// openLetter gives what people read of a message, nil where it is not for this node.
func (n *Node) openLetter(b record.MessageBody, act record.Act) *record.Letter {
	if b.Letter != nil {
		return b.Letter
	}
	for _, w := range b.Wraps {
		key, err := seal.OpenWrap(seal.ListName(act), w, n.ring.Reader())
		if err != nil {
			continue
		}
		plain, err := seal.OpenChunk(key, seal.ChunkAt{List: act, Total: 1}, b.Sealed)
		l := new(record.Letter)
		if err == nil && record.Unmarshal(plain, l) == nil {
			return l
		}
	}
	return nil
}

// Acknowledge says that the officer has read a message.
type Acknowledge struct {
	Act   record.Act
	Shift *Shift
	Of    record.Ref // the message, in whatever log
}

func (d Acknowledge) head() head { return head{d.Act, d.Shift, roster.ReadMessages} }

func (d Acknowledge) is(_ *Node, o *Opened) bool {
	return o.Leaf.Kind == record.MessageReceipt && len(o.Leaf.About) > 0 && o.Leaf.About[0] == d.Of
}

func (d Acknowledge) prepare(ctx context.Context, n *Node) (prepared, error) {
	m, err := n.shadow.Deed(ctx, d.Of)
	if err != nil || m == nil || m.Kind != record.Message {
		return prepared{}, errors.Join(err, ErrNotAddressed)
	}
	if b, err := bodyOf[record.MessageBody](*m); err != nil || !n.addressed(m.Node, b) {
		return prepared{}, ErrNotAddressed
	}
	return n.simply(ctx, record.MessageReceipt, d.head(), []record.Ref{d.Of})
}

// Posted is a message as this node knows it.
type Posted struct {
	Ref      record.Ref
	Priority record.Priority
	From     string // the node that sent it
	By       string // the officer's label
	At       int64  // UTC ms, by the sender's clock
	To       []string
	Text     string
	ByNode   bool // no booth signature stands behind it
	Read     []ReadBy
	Unread   []string // addressed nodes at which nobody has acknowledged it
	Mine     bool     // addressed to this node
	Done     bool     // acknowledged by the asking officer
}

// ReadBy says where and when a message was acknowledged; the officer is known at his own post and at the centres.
type ReadBy struct {
	Node, Officer string
	At            int64 // UTC ms
}

// Messages lists, newest first, the messages of the last MessageFor that this node was sent or has sent. One that came on two
// roads is one: a record has one number.
func (n *Node) Messages(ctx context.Context, s *Shift) ([]Posted, error) {
	if err := n.may(s, roster.ReadMessages); err != nil {
		return nil, err
	}
	if err := n.caughtUp(ctx); err != nil {
		return nil, err
	}
	deeds, err := n.shadow.Newest(ctx, record.Message, n.Now()-MessageFor.Milliseconds(), n.Now()+clockTolerance.Milliseconds(), maxLetters+maxNotices)
	if err != nil {
		return nil, err
	}
	var out []Posted
	of := map[string]int{}
	for _, d := range slices.Backward(deeds) {
		b, err := bodyOf[record.MessageBody](d)
		if err != nil || b.Priority < record.Flash || b.Priority > record.Routine || len(b.To) > maxMirrors {
			continue // a later version's, or none that a node of this version makes: nothing of it can be shown
		}
		p := Posted{Ref: d.Ref, Priority: b.Priority, From: d.Node, At: d.Written, To: b.To, ByNode: d.ByNode,
			Mine: n.addressed(d.Node, b)}
		if !p.Mine && d.Node != n.Name() {
			continue
		}
		l := n.letterOf(d.Ref, b)
		if l == nil || l.Hit != nil {
			continue // sealed to the keys that this node had before it was rebuilt, or a notice of a hit, which is not for everybody
		}
		if of[d.Node]++; of[d.Node] > maxLetters {
			continue
		}
		p.By, p.Text = l.From, l.Text
		if err := n.readers(ctx, &p, s); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// addressed reports whether a message of another node is for this one.
func (n *Node) addressed(from string, b record.MessageBody) bool {
	return from != n.Name() && (len(b.To) == 0 || slices.Contains(b.To, n.Name()))
}

func (n *Node) readers(ctx context.Context, p *Posted, s *Shift) error {
	receipts, err := n.shadow.DeedsAbout(ctx, p.Ref)
	if err != nil {
		return err
	}
	read, by := map[string]bool{}, map[string]int{}
	for _, d := range receipts {
		if by[d.Node]++; d.Kind != record.MessageReceipt || by[d.Node] > maxReadBy {
			continue
		}
		label := n.labelOf(d)
		read[d.Node] = true
		if !slices.ContainsFunc(p.Read, func(r ReadBy) bool { return r.Node == d.Node && r.Officer == label }) {
			p.Read = append(p.Read, ReadBy{d.Node, label, d.Written})
		}
		p.Done = p.Done || d.Node == n.Name() && label == s.Officer.Label
	}
	for _, node := range n.State().Roster.Nodes {
		to := len(p.To) == 0 && node.Role != roster.Portal || slices.Contains(p.To, node.Name)
		if to && !node.Dropped && node.Name != p.From && !read[node.Name] {
			p.Unread = append(p.Unread, node.Name)
		}
	}
	return nil
}
