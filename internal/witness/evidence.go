package witness

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// A Kind says what evidence is of.
type Kind string

const (
	// Fork: the log's key signed two trees of one size. It convicts before anybody, by itself.
	Fork Kind = "fork"
	// Unproven: the log's key signed a tree of which nobody showed that it continues the one cosigned. It asks a question.
	Unproven Kind = "unproven"
	// Epochs: a node's identity key signed two statements for one epoch. It convicts, by itself.
	Epochs Kind = "epochs"
)

// Evidence is what a witness keeps against a log. Notes and statements stand in it as they were signed.
type Evidence struct {
	Kind   Kind      `json:"kind"`
	Origin string    `json:"origin"`
	Found  time.Time `json:"found"`
	Key    string    `json:"key,omitempty"`    // the log's verifier key
	Ours   string    `json:"ours,omitempty"`   // checkpoint as this witness cosigned it
	Theirs string    `json:"theirs,omitempty"` // the refused one
	Proof  []string  `json:"proof,omitempty"`  // that came with it and fails, in base64

	Identity []byte `json:"identity,omitempty"` // of Epochs: the identity key (Ed25519) and both statements (canonical CBOR)
	First    []byte `json:"first,omitempty"`
	Second   []byte `json:"second,omitempty"`
}

// Convicts says that the evidence proves by itself that a key was used for two histories.
func (e Evidence) Convicts() bool { return e.Kind == Fork || e.Kind == Epochs }

// Proves says in words what the evidence shows, and what it does not.
func (e Evidence) Proves() string {
	switch e.Kind {
	case Fork:
		return "Whoever holds the key of this log signed two different trees of one size. At least one of them is a false history. " +
			"Anybody can verify both signatures; nothing else is needed. It does not say which of the two is true, nor who signed."
	case Epochs:
		return "Whoever holds the identity key of this node signed two different statements for one life of its log. " +
			"Anybody can verify both signatures. It does not say which of the two is true, nor who signed."
	}
	return "Whoever holds the key of this log signed this tree, and whoever sent it did not show that it continues the tree that was " +
		"cosigned before. A wrong proof can be sent by anybody: it proves no fork. Ask for the records up to this size: if their tree " +
		"is another one, the log has two histories."
}

// Check verifies the evidence anew, from nothing but what stands in it.
func (e Evidence) Check() error {
	switch e.Kind {
	case Fork, Unproven:
		return e.checkNotes()
	case Epochs:
		return e.checkStatements()
	}
	return fmt.Errorf("evidence of unknown kind %q", e.Kind)
}

func (e Evidence) checkNotes() error {
	ours, err := tlog.OpenCheckpoint(e.Key, []byte(e.Ours))
	if err != nil {
		return fmt.Errorf("the cosigned checkpoint: %w", err)
	}
	theirs, err := tlog.OpenCheckpoint(e.Key, []byte(e.Theirs))
	if err != nil {
		return fmt.Errorf("the refused checkpoint: %w", err)
	}
	if e.Origin != ours.Origin {
		return errors.New("the checkpoints are of another log")
	}
	if e.Kind == Unproven {
		if theirs.Size <= ours.Size {
			return errors.New("the refused checkpoint is not the larger one")
		}
		return nil
	}
	return (&tlog.Evidence{Ours: ours.Note, Theirs: theirs.Note, OurRoot: ours.Root}).Check(e.Key)
}

func (e Evidence) checkStatements() error {
	var first, second roster.SignedEpoch
	if err := errors.Join(record.Unmarshal(e.First, &first), record.Unmarshal(e.Second, &second)); err != nil {
		return err
	}
	if len(e.Identity) != ed25519.PublicKeySize || !first.SignedBy(e.Identity) || !second.SignedBy(e.Identity) {
		return errors.New("a statement is not signed by the identity key")
	}
	if first.Epoch.Origin != e.Origin || second.Epoch.Origin != e.Origin || first.Epoch.Number != second.Epoch.Number {
		return errors.New("the statements are not for one epoch")
	}
	if string(record.Marshal(first.Epoch)) == string(record.Marshal(second.Epoch)) {
		return errors.New("the two statements are one")
	}
	return nil
}

// A kept is what the witness remembers of evidence that lies on the disk.
type kept struct {
	kind  Kind
	size  uint64
	root  tlog.Hash
	found time.Time
	file  string
}

func (e Evidence) kept(file string) kept {
	k := kept{kind: e.Kind, found: e.Found, file: file}
	if cp, err := tlog.OpenCheckpoint(e.Key, []byte(e.Theirs)); err == nil {
		k.size, k.root = cp.Size, cp.Root
	}
	return k
}

// convicted says whether a conviction of the log is kept.
func (l *heldLog) convicted() bool {
	return slices.ContainsFunc(l.kept, func(k kept) bool { return k.kind != Unproven })
}

// keep stores evidence, once per tree, within the bounds of its kind; l.mu is held. A conviction is never dropped. Of unproven ones
// the eight first and the eight newest stay: neither a flood before nor one behind it washes a true fork away. What cannot be
// written is said in the journal: the checkpoint is refused all the same. It reports whether the evidence, or enough of its kind, is
// on the disk.
func (w *Witness) keep(l *heldLog, e Evidence, size uint64, root tlog.Hash) bool {
	most, same := maxForks, 0
	if e.Kind == Unproven {
		most = maxUnproven
	}
	for _, k := range l.kept {
		if k.kind == e.Kind && k.size == size && k.root == root {
			return true
		}
		if k.kind == e.Kind {
			same++
		}
	}
	if same >= most && e.Kind != Unproven {
		return true
	}
	e.Found = time.Now().UTC().Truncate(time.Second)
	k := kept{e.Kind, size, root, e.Found, fmt.Sprintf("%s-%s-%d-%s.json", tlog.DirName(l.origin), e.Kind, size, hex.EncodeToString(root[:8]))}
	b, err := json.MarshalIndent(e, "", "  ")
	if err == nil {
		err = w.store.write(filepath.Join(evidenceDir, k.file), append(b, '\n'))
	}
	if err != nil {
		w.opt.Journal.Error("evidence could not be stored", "log", l.origin, "kind", e.Kind, "size", size, "error", err)
		return false
	}
	if same >= most {
		w.drop(l, w.ninth(l))
	}
	l.kept = append(l.kept, k)
	w.opt.Journal.Error("evidence kept", "log", l.origin, "kind", e.Kind, "size", size, "file", k.file)
	return true
}

// ninth finds the unproven evidence behind the eight first by the time that it was found.
func (w *Witness) ninth(l *heldLog) kept {
	slices.SortStableFunc(l.kept, func(a, b kept) int { return a.found.Compare(b.found) })
	n := 0
	i := slices.IndexFunc(l.kept, func(k kept) bool {
		if k.kind == Unproven {
			n++
		}
		return n > maxUnproven/2
	})
	return l.kept[i]
}

// drop forgets unproven evidence.
func (w *Witness) drop(l *heldLog, k kept) {
	if err := w.store.remove(filepath.Join(evidenceDir, k.file)); err != nil {
		w.opt.Journal.Error("evidence could not be removed", "log", l.origin, "file", k.file, "error", err)
	}
	l.kept = slices.DeleteFunc(l.kept, func(o kept) bool { return o.file == k.file })
}

// settle looks at what was unproven in the light of a newly cosigned checkpoint of that size: the same tree was honest, and
// another one is a fork.
func (w *Witness) settle(l *heldLog) {
	last := l.last.Load()
	for _, k := range slices.Clone(l.kept) {
		if k.kind != Unproven || k.size != last.Size {
			continue
		}
		if k.root != last.Root {
			e, err := w.store.readEvidence(k.file)
			if err != nil {
				w.opt.Journal.Error("evidence cannot be read", "log", l.origin, "file", k.file, "error", err)
				continue
			}
			if !w.keep(l, l.fork(last, e.Theirs), k.size, k.root) {
				continue // until the disk takes it, the checkpoint stays as it lies
			}
		}
		w.drop(l, k)
	}
}

func (l *heldLog) fork(ours *cosigned, theirs string) Evidence {
	return Evidence{Kind: Fork, Origin: l.origin, Key: l.key, Ours: string(ours.note), Theirs: theirs}
}

func (l *heldLog) unproven(ours *cosigned, theirs tlog.Checkpoint, proof []tlog.Hash) Evidence {
	e := Evidence{Kind: Unproven, Origin: l.origin, Key: l.key, Ours: string(ours.note), Theirs: string(theirs.Note)}
	for _, h := range proof {
		e.Proof = append(e.Proof, base64.StdEncoding.EncodeToString(h[:]))
	}
	return e
}
