package node

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/tlog"
)

// CrossForBench writes count crossings, each with its check, as a booth's acts leave them in the log: sealed parts, claim and
// references. Nothing is asked before, so that millions can be made. numbers are those of the documents.
func CrossForBench(ctx context.Context, n *Node, first, count int, number func(int) border.Document) error {
	const writers = 256 // one group commit
	var all sync.WaitGroup
	errs := make(chan error, writers)
	for w := range writers {
		all.Go(func() {
			for i := first + w; i < first+count; i += writers {
				if err := n.crossForBench(ctx, i, number(i)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(errs)
	return <-errs
}

// CrossUnfolded is CrossForBench while the folder rests: the next start folds all of it at once.
func CrossUnfolded(ctx context.Context, n *Node, first, count int, number func(int) border.Document) error {
	n.fold.mu.Lock()
	defer n.fold.mu.Unlock()
	defer n.stop() // the folder shall not begin now
	return CrossForBench(ctx, n, first, count, number)
}

// PushForBench is the half of a post's exchange with a centre that brings it what it lacks, again and again until ctx ends. What the
// posts pull from each other through the centre is another measurement.
func PushForBench(ctx context.Context, n *Node, peer string) {
	x := &exchange{n: n, peer: peer}
	defer x.close()
	for ctx.Err() == nil {
		if err := x.meet(ctx); err == nil {
			if err = x.push(ctx, x.replica()); err != nil && ctx.Err() == nil {
				n.opt.Journal.Error("push", "node", n.Name(), "error", err)
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (n *Node) crossForBench(ctx context.Context, i int, d border.Document) error {
	tag := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
	slip := record.SlipPart{Direction: border.Entry, Happened: n.Now(), Day: n.Today(), Basis: border.VisaFree, Nationality: d.Nationality,
		StayKey: 1, DocumentTag: tag, PersonTag: tag[:]}
	person := record.PersonPart{Direction: border.Entry, Happened: n.Now(), Day: n.Today(), Document: record.Document{Code: d.Code,
		Issuer: d.Issuer, Number: d.Number, Nationality: d.Nationality, Primary: d.Primary, Secondary: d.Secondary,
		Birth: dateText(d.Birth), Sex: d.Sex, Expiry: dateText(d.Expiry), Zone: d.Zone}, Booth: "K1"}
	contents := []content{{record.Slip, slip}, {record.Person, person}, {record.Police, record.PolicePart{}}}
	var at tlog.Appended
	var err error
	if at, err = n.append(ctx, draft{kind: record.Check, act: newAct(), contents: contents}); err != nil {
		return err
	}
	person.Decision = border.Admit
	contents[1].value = person
	_, err = n.append(ctx, draft{kind: record.Crossing, act: newAct(), about: []record.Ref{{Origin: n.origin, Index: at.Index}}, contents: contents})
	return err
}
