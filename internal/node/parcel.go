package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"tims/internal/parcel"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// A Say hears how far the work on one log is.
type Say func(origin string, done, total uint64)

func (s Say) of(origin string) func(done, total uint64) {
	return func(done, total uint64) {
		if s != nil {
			s(origin, done, total)
		}
	}
}

// ParcelWritten is the account of a parcel that was written.
type ParcelWritten struct {
	Logs  []ParcelWrittenLog `json:"logs"`
	Files int                `json:"files"` // written now; what was there stays
	Bytes int64              `json:"bytes"`
}

// A ParcelWrittenLog says how far one log stands on the stick.
type ParcelWrittenLog struct {
	Origin string `json:"origin"`
	Node   string `json:"node"`
	Size   uint64 `json:"size"`            // records on the stick now
	Ahead  bool   `json:"ahead,omitempty"` // the stick knew more of it than this node
	Why    string `json:"why,omitempty"`   // why it was not written; empty where it was
}

// Whole says that every log that is held is on the stick.
func (w ParcelWritten) Whole() bool {
	for _, l := range w.Logs {
		if l.Why != "" {
			return false
		}
	}
	return true
}

// WriteParcel brings a stick up to all that this node holds: its own log and its copies, with their parts, chunks of lists and
// cosignatures, epoch statements and the approved changes. A second write adds what is new.
func (n *Node) WriteParcel(ctx context.Context, dir string, say Say) (ParcelWritten, error) {
	s, err := parcel.Create(dir)
	if err != nil {
		return ParcelWritten{}, err
	}
	defer s.Close()
	if n.foreign(s) {
		return ParcelWritten{}, errors.New("the stick holds another country's logs; nothing was written: take an empty one")
	}
	var out ParcelWritten
	if err := s.WriteState(n.stickLabel(), roster.EncodeChanges(n.Changes())); err != nil {
		return out, err
	}
	err = n.writeLog(ctx, s, n.Name(), n.epoch, n.log.Reader, true, say, &out)
	for _, h := range n.mirrors.all() {
		if err == nil {
			err = n.writeLog(ctx, s, h.node, h.epoch, h.Reader, h.full.Load(), say, &out)
		}
	}
	return out, err
}

func (n *Node) writeLog(ctx context.Context, s *parcel.Stick, node string, e roster.SignedEpoch, from *tlog.Reader, all bool,
	say Say, out *ParcelWritten) (err error) {
	if from.Checkpoint() == nil {
		return nil
	}
	l := parcel.Log{Reader: from, Epoch: record.Marshal(e), Set: parcel.Slips, Numbers: partsToPull(all)}
	if all {
		l.Set = parcel.All
	}
	if l.Blobs, err = from.Blobs(); err != nil {
		return err
	}
	done, err := s.Write(ctx, l, say.of(from.Origin()))
	at := ParcelWrittenLog{Origin: from.Origin(), Node: node, Size: done.Size, Ahead: done.Ahead}
	out.Files, out.Bytes = out.Files+done.Files, out.Bytes+done.Bytes
	var proof *tlog.Evidence
	switch {
	case errors.As(err, &proof):
		at.Why, err = proof.What, nil
		if l, held := n.comparable(from.Origin()); held {
			n.freezeOn(l, proof)
			defer n.sayConvictions(ctx)
		}
	case errors.Is(err, parcel.ErrNotPlain):
		at.Why, err = err.Error(), nil // it holds up no other log
	case err != nil:
		return fmt.Errorf("write %s onto the stick: %w", from.Origin(), err)
	}
	out.Logs = append(out.Logs, at)
	return err
}

// WriteParcelBeside does the same from the files of a node's directory, whether the node runs or not.
func WriteParcelBeside(ctx context.Context, dir, to string, say Say) (ParcelWritten, error) {
	n, err := openBeside(dir)
	if err != nil {
		return ParcelWritten{}, fmt.Errorf("write a parcel: %w", err)
	}
	defer n.closeFiles()
	if len(n.early) > 0 {
		return ParcelWritten{}, fmt.Errorf("write a parcel: %v", n.early[0])
	}
	return n.WriteParcel(ctx, to, say)
}

// labelHead begins the label of a stick. It tells a person and the next writer what the stick is; nothing else rests on it.
const labelHead = "tims stick 1\n"

func (n *Node) stickLabel() string {
	return n.stickCountry() + fmt.Sprintf("written by %s at %s\n", n.Name(), n.opt.Now().UTC().Format(time.RFC3339))
}

func (n *Node) stickCountry() string {
	f := n.State().Founding
	return fmt.Sprintf("%scountry %s\nfounding %x\n", labelHead, f.Country, f.Hash())
}

// foreign says whether a stick calls itself another country's.
func (n *Node) foreign(s *parcel.Stick) bool {
	label, err := s.Label()
	return err == nil && strings.HasPrefix(label, labelHead) && !strings.HasPrefix(label, n.stickCountry())
}

// ParcelRead is the account of a parcel that was read.
type ParcelRead struct {
	// Foreign says that the stick calls itself another country's. Each of its logs is judged all the same.
	Foreign bool `json:"foreign,omitempty"`
	// Changes counts approved changes that came into force; ChangesRefused says why the next one did not.
	Changes        int         `json:"changes"`
	ChangesRefused string      `json:"changes_refused,omitempty"`
	Logs           []ParcelLog `json:"logs"`
	// More says that the stick has more names than any country has logs; the rest was not looked at.
	More bool `json:"more,omitempty"`
}

// A ParcelLog says what came of one log on a stick.
type ParcelLog struct {
	Dir    string `json:"dir"` // its name on the stick
	Origin string `json:"origin,omitempty"`
	Node   string `json:"node,omitempty"`
	Own    bool   `json:"own,omitempty"` // this node's own log: only cosignatures are taken
	parcel.Taken
	Blobs    int    `json:"blobs,omitempty"`    // chunks of lists taken
	Evidence string `json:"evidence,omitempty"` // what convicts the log's key; the log is frozen
}

// Whole says that nothing on the stick was refused.
func (r ParcelRead) Whole() bool {
	for _, l := range r.Logs {
		if l.Refused != "" || l.Evidence != "" {
			return false
		}
	}
	return r.ChangesRefused == "" && !r.More
}

// ReadParcel takes in what a stick carries. From whom a log comes does not matter: each is verified as if a peer had sent it. What
// is wrong with the stick stands in the account; an error means that this node could not go on.
func (n *Node) ReadParcel(ctx context.Context, dir string, say Say) (out ParcelRead, err error) {
	s, err := parcel.Open(dir)
	if err != nil {
		return out, err
	}
	defer s.Close()
	out.Foreign = n.foreign(s)
	if err := n.readStickChanges(ctx, s, &out); err != nil {
		return out, err
	}
	names, more, err := s.Logs()
	if err != nil {
		return out, err
	}
	out.More = more
	for _, name := range names {
		l := ParcelLog{Dir: name}
		if err := n.readStickLog(ctx, s, &l, say); err != nil {
			return out, fmt.Errorf("take %s from the stick: %w", l.Origin, err)
		}
		out.Logs = append(out.Logs, l)
		n.fold.nudge()
	}
	n.sayConvictions(ctx)
	if err := n.Fold(ctx); err != nil {
		return out, err
	}
	return out, n.readStickBlobs(ctx, s, out.Logs)
}

// readStickChanges learns the approved changes first: they name the nodes whose logs follow.
func (n *Node) readStickChanges(ctx context.Context, s *parcel.Stick, out *ParcelRead) error {
	f, err := s.Changes()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		out.Changes, err = n.learnAll(ctx, f)
		f.Close()
	}
	switch {
	case errors.Is(err, tlog.ErrNotRecorded), errors.Is(err, tlog.ErrNotKnown), errors.Is(err, tlog.ErrStopped), ctx.Err() != nil:
		return err
	case err != nil:
		out.ChangesRefused = err.Error()
	}
	return nil
}

func (n *Node) readStickLog(ctx context.Context, s *parcel.Stick, l *ParcelLog, say Say) error {
	b, err := s.Epoch(l.Dir)
	var e roster.SignedEpoch
	if err == nil {
		err = record.Unmarshal(b, &e)
	}
	if err == nil && tlog.DirName(e.Epoch.Origin) != l.Dir {
		err = errors.New("its directory has another log's name")
	}
	if err != nil {
		l.Refused = "its epoch statement cannot be read: " + err.Error()
		return nil
	}
	l.Origin = e.Epoch.Origin
	if l.Origin == n.origin {
		l.Own, l.Node = true, n.Name()
		return n.readStickOwn(ctx, s, l)
	}
	if !n.silent() && n.shuns(nodeOfOrigin(l.Origin)) {
		l.Refused = "this node is isolated from the centres on purpose"
		return nil
	}
	h, err := n.Admit(e)
	if err != nil {
		l.Refused = err.Error()
		return nil
	}
	l.Node = h.node
	l.Taken, err = s.Read(ctx, l.Dir, h.Mirror, say.of(l.Origin))
	var proof *tlog.Evidence
	if errors.As(err, &proof) {
		l.Evidence, err = proof.What, nil
		return nil
	}
	for _, note := range s.Notes(l.Dir) {
		if kerr := n.keepLines(l.Origin, note); kerr != nil {
			n.opt.Journal.Debug("a cosignature on a stick is not kept", "node", n.Name(), "log", l.Origin, "error", kerr)
		}
	}
	return err
}

// readStickOwn takes cosignatures of this node's own log, and compares it with what somebody else has of it.
func (n *Node) readStickOwn(ctx context.Context, s *parcel.Stick, l *ParcelLog) error {
	l.Before, l.Records, l.Settled = n.log.Size(), n.log.Size(), n.log.Size()
	for _, note := range s.Notes(l.Dir) {
		e, err := n.log.Compare(note)
		switch cp, operr := tlog.OpenCheckpoint(n.log.Key(), note); {
		case operr != nil:
			l.Refused = "a checkpoint of it is not signed by this node's key"
		case e != nil:
			l.Evidence = e.What
			if err := n.log.Freeze(e); err != nil {
				return err
			}
		case errors.Is(err, tlog.ErrNotHere):
			l.Stick = max(l.Stick, cp.Size)
			l.Refused = "it is longer than this node's own: the node was set back, or somebody else signs with its key"
			n.outgrown(ctx, cp.Size)
		case err != nil:
			return err
		default:
			l.Stick = max(l.Stick, cp.Size)
			if kerr := n.keepLines(n.origin, note); kerr != nil {
				n.opt.Journal.Debug("a cosignature on a stick is not kept", "node", n.Name(), "error", kerr)
			}
		}
	}
	return nil
}

// readStickBlobs takes the chunks of lists that were announced by what has just been folded.
func (n *Node) readStickBlobs(ctx context.Context, s *parcel.Stick, logs []ParcelLog) error {
	for i := range logs {
		h, held := n.mirrors.get(logs[i].Origin)
		if !held || !n.silent() && n.shuns(h.node) {
			continue
		}
		var err error
		if logs[i].Blobs, err = s.ReadBlobs(ctx, logs[i].Dir, h.Mirror, n.missingBlobs(h.Origin())); err != nil {
			return err
		}
		if logs[i].Blobs > 0 {
			n.watch.nudge()
		}
	}
	return nil
}
