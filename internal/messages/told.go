package messages

import (
	"context"
	"errors"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/web"
)

// A told is a hit of which another node told this one, with what came of it.
type told struct {
	Level                           web.Level
	At, From, Alert, List, Name, Do string
	Outcome                         string
}

// outcomeWords are the keys of outcomes that a hit may have.
var outcomeWords = map[record.Outcome]string{record.SamePerson: "messages.outcome.same", record.OtherPerson: "messages.outcome.other",
	record.Unsure: "messages.outcome.unsure", record.Cleared: "messages.outcome.cleared", record.Refused: "messages.outcome.refused",
	record.HandedOver: "messages.outcome.handed"}

// told gives the hits that the officer may see, newest first. may is false where his duties do not cover them: then they stand nowhere
// on his pages.
func (f *face) told(ctx context.Context, s *node.Shift, w station.Words) (rows []told, may bool, err error) {
	all, err := f.Node.Notices(ctx, s)
	if errors.Is(err, node.ErrDuty) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	for _, n := range all {
		one := told{Level: web.Red, At: w.At(n.At), From: f.Label(n.From), Alert: n.Alert, List: n.List, Name: n.Name,
			Do: w.T("action." + border.Action(n.Action).String())}
		if a := border.Action(n.Action); a == border.ActInform || a == border.ActDiscreet {
			one.Level = web.Amber
		}
		if key := outcomeWords[n.Outcome]; key != "" {
			one.Outcome = w.T(key)
		}
		if n.Outcome == record.OtherPerson || n.Outcome == record.Cleared {
			one.Level = web.Grey
		}
		rows = append(rows, one)
	}
	return rows, true, nil
}
