package node

import (
	"context"
	"fmt"

	"tims/internal/projection"
)

// refoldUnread offers records again that this node could not read when they came, for a reason that may be gone. With an origin those of
// one log, after it was mended. With none, at each start, those of all logs: the program may be another one, which knows their kind
// or their form. What is as it was stays aside. Crash story: each batch is one transaction, and the next start offers the rest.
func (n *Node) refoldUnread(ctx context.Context, origin string, reasons ...string) error {
	n.fold.mu.Lock()
	defer n.fold.mu.Unlock()
	for _, why := range reasons {
		waiting, err := n.shadow.Waiting(ctx, why)
		if err != nil {
			return err
		}
		var batch []Opened
		for i, ref := range waiting {
			o, err := n.Read(ref)
			if err == nil && o.Why != why && (origin == "" || ref.Origin == origin) {
				n.effect(&o, false)
				batch = append(batch, o)
			}
			if len(batch) < maxBatch && i < len(waiting)-1 {
				continue
			}
			if err := n.shadow.Fold(ctx, records(batch), 0); err != nil {
				return fmt.Errorf("fold again what could not be read: %w", err)
			}
			batch = batch[:0]
		}
	}
	return nil
}

// unreadAtStart are the reasons that another version of this program may end.
var unreadAtStart = []string{projection.WhyKind, projection.WhyBad}

// unreadAfterMending are the reasons that a mended log may end.
var unreadAfterMending = []string{projection.WhyBad, projection.WhyPart}
