package post

import (
	"context"

	"tims/internal/node"
	"tims/internal/station"
	"tims/internal/web"
)

// flagsPart shows flags.
const flagsPart = "flags"

// flags are how safe a record is, each in words. What is not reached is never red: the officer need not do anything.
type flags struct {
	Local  bool
	ByNode bool // no booth signature
	More   []flag
	Held   []string // who holds it, and which witnesses have signed
}

type flag struct {
	Level web.Level
	Key   string
}

func (f *Face) flags(now node.Flags, byNode bool, w station.Words) flags {
	out := flags{Local: now.Local, ByNode: byNode}
	switch {
	case now.Mirrored:
		out.More = append(out.More, flag{web.OK, "station.flag.mirrored"})
	case now.Short:
		out.More = append(out.More, flag{web.Grey, "station.flag.mirrored.short"})
	default:
		out.More = append(out.More, flag{web.Grey, "station.flag.mirrored.not"})
	}
	switch {
	case now.Witnessed:
		out.More = append(out.More, flag{web.OK, "station.flag.witnessed"})
	case now.ByPolicy:
		out.More = append(out.More, flag{web.Grey, "station.flag.witnessed.not"})
	}
	for _, m := range now.Mirrors {
		out.Held = append(out.Held, w.Label(m))
	}
	out.Held = append(out.Held, now.Witnesses...)
	return out
}

// liveFlags keeps the flags of the receipt true that the officer has before him. It touches nothing else of the page.
func (f *Face) liveFlags(ctx context.Context, s *node.Shift, w station.Words) []web.Event {
	events := f.liveAnswers(ctx, s, w)
	shown := f.booths.of(s).shown
	if shown == 0 {
		return events
	}
	receipt, err := f.Node.ReceiptOf(shown)
	if err != nil {
		return events
	}
	o, err := f.Node.ReadOwn(shown)
	if err != nil {
		return events
	}
	html, err := f.Pages.Text(w.Lang, flagsPart, web.Page{Data: f.flags(receipt.Flags, len(o.Leaf.Booth) == 0, w)})
	if err != nil {
		return events
	}
	return append(events, web.Partial("#flags", "innerMorph", html))
}
