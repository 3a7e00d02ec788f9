package node_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
)

// Words of scripts about alert lists and what they lose. WHO is a comma-separated list of travellers and stretches, such as 1-5,8,
// each with :arrest where the alert is one of arrest.
//
//	release-of CENTRE LIST WHO        a list whose alerts name these travellers
//	alerts NAME LIST                  who is matched at a node, and who of them only because nobody approved the loss
//	draft NAME LIST all|WHO           a node drafts the loss of what waits
//	judge NAME                        what an approver's own node says of the draft
//	approve director|stranger         a signature upon it
//	withdraw NAME [again]             the approved loss, or the one before, is given to a node
//	forge-release CENTRE LIST WHAT    a captured centre releases what its program would not: empty, count, other-key, replayed, far,
//	                                  declares, canaries, kept-back
//	retell CENTRE LIST WHO            the list once more, one alert of it with another reason
//	list-room NAME KIB                how much memory a node gives to lists from its next start on
//	lose CENTRE LIST, give CENTRE     the last chunk of a list is not at the centre, or is there again
//	stored NAME CENTRE                what lies at a node beside the log of a centre
func init() {
	teach("release-of", (*drill).releaseOf)
	teach("alerts", func(d *drill, a []string) ([]string, error) { return d.alerts(a[0], a[1]), nil })
	teach("draft", (*drill).draftLoss)
	teach("judge", func(d *drill, a []string) ([]string, error) { return d.judge(a[0]) })
	teach("approve", func(d *drill, a []string) ([]string, error) { return nil, d.signLoss(a[0]) })
	teach("withdraw", func(d *drill, a []string) ([]string, error) { return d.withdraw(a[0], a[1]) })
	teach("forge-release", (*drill).forgeRelease)
	teach("lose", func(d *drill, a []string) ([]string, error) {
		n := d.nodes[a[0]].Node
		_, chunks, _ := node.BodyForTest(n, a[1])
		d.loss.lacking = chunks[len(chunks)-1]
		return []string{fmt.Sprintf("1 of %d chunks", len(chunks))}, node.BlobForTest(n, d.loss.lacking, false)
	})
	teach("give", func(d *drill, a []string) ([]string, error) {
		return nil, node.BlobForTest(d.nodes[a[0]].Node, d.loss.lacking, true)
	})
	teach("list-room", func(d *drill, a []string) ([]string, error) {
		before, kib := d.country.seams, 0
		_, err := fmt.Sscan(a[1], &kib)
		d.country.seams = func(of string, opt *node.Options) {
			if before != nil {
				before(of, opt)
			}
			if of == a[0] {
				opt.ListRoom = int64(kib) << 10
			}
		}
		return nil, err
	})
	teach("retell", (*drill).retell)
	teach("stored", func(d *drill, a []string) ([]string, error) { return d.stored(a[0], a[1]) })
}

// lossDrill is what a script remembers of losses.
type lossDrill struct {
	draft, before node.LossDraft
	lacking       []byte    // a chunk that was lost
	first         *replayed // the first release of a list, as it was recorded
	size          int       // bytes stored at the last look
}

type replayed struct {
	body   record.ListBody
	chunks [][]byte
}

// who reads a list of travellers.
func who(text string) (out []int, arrest map[int]bool, err error) {
	arrest = map[int]bool{}
	for part := range strings.SplitSeq(text, ",") {
		part, action, _ := strings.Cut(part, ":")
		first, last, several := strings.Cut(part, "-")
		from, err := strconv.Atoi(first)
		to := from
		if several && err == nil {
			to, err = strconv.Atoi(last)
		}
		if err != nil {
			return nil, nil, err
		}
		for i := from; i <= to; i++ {
			out, arrest[i] = append(out, i), action == "arrest"
		}
	}
	return out, arrest, nil
}

func (d *drill) releaseOf(a []string) ([]string, error) {
	of, arrest, err := who(a[2])
	if err != nil {
		return nil, err
	}
	var alerts []border.Alert
	for _, i := range of {
		alert := border.Alert{ID: fmt.Sprintf("%s:%d", a[1], i), List: a[1], Kind: border.DocumentAlert, Action: border.ActInform,
			Reason: fmt.Sprintf("%x", sha256.Sum256([]byte{byte(i), byte(i >> 8)})), Documents: []border.AlertDocument{{Issuer: "ITA", Number: number(i)}}}
		if arrest[i] {
			alert.Action = border.ActArrest
		}
		alerts = append(alerts, alert)
	}
	n := d.nodes[a[0]].Node
	l, err := n.Release(context.Background(), a[1], 0, alerts)
	if err == nil && d.loss.first == nil {
		d.loss.first = new(replayed)
		d.loss.first.body, d.loss.first.chunks, _ = node.BodyForTest(n, a[1])
	}
	return []string{fmt.Sprintf("release %d, %d wait", l.Release, l.Waiting)}, err
}

// travellers writes a list of travellers as short as scripts have it.
func travellers(alerts []border.Alert) string {
	var arrest, inform []int
	for _, a := range alerts {
		_, serial, _ := strings.Cut(a.ID, ":")
		i, _ := strconv.Atoi(serial)
		if a.Action == border.ActArrest {
			arrest = append(arrest, i)
		} else {
			inform = append(inform, i)
		}
	}
	out := append(stretches(inform, ""), stretches(arrest, ":arrest")...)
	if len(out) == 0 {
		return "nobody"
	}
	return strings.Join(out, ",")
}

func stretches(of []int, action string) (out []string) {
	slices.Sort(of)
	for i := 0; i < len(of); {
		j := i
		for j+1 < len(of) && of[j+1] == of[j]+1 {
			j++
		}
		text := strconv.Itoa(of[i])
		if j > i {
			text += "-" + strconv.Itoa(of[j])
		}
		out, i = append(out, text+action), j+1
	}
	return out
}

func (d *drill) alerts(name, list string) []string {
	n := d.nodes[name]
	for _, l := range n.Lists() {
		if l.List == list {
			var waiting []border.Alert
			for _, w := range n.Waiting(list) {
				waiting = append(waiting, w.Alert)
			}
			text := fmt.Sprintf("release %d of %d alerts; %d wait: %s", l.Release, l.Count, l.Waiting, travellers(waiting))
			if l.Newer != 0 {
				text += fmt.Sprintf("; release %d is announced", l.Newer)
			}
			if l.Refused != 0 {
				text += fmt.Sprintf("; release %d is refused: %s", l.Refused, l.Why)
			}
			if l.Missing != 0 {
				text += fmt.Sprintf("; %d earlier missing, from release %d", l.Missing, l.Oldest)
			}
			return []string{text, "matched: " + travellers(n.Alerts(list))}
		}
	}
	if h, err := n.Health(context.Background()); err == nil {
		for _, l := range h.ListsOut {
			if l.List == list {
				return []string{fmt.Sprintf("none; release %d is refused: %s", l.Refused, l.Why)}
			}
		}
	}
	return []string{"none"}
}

func (d *drill) draftLoss(a []string) (out []string, err error) {
	var ids []string
	if a[2] != "all" {
		of, _, err := who(a[2])
		if err != nil {
			return nil, err
		}
		for _, i := range of {
			ids = append(ids, fmt.Sprintf("%s:%d", a[1], i))
		}
	}
	d.loss.before = d.loss.draft
	d.loss.draft, err = d.nodes[a[0]].DraftLoss(a[1], ids, time.Now())
	if errors.Is(err, node.ErrNothingWaits) {
		return []string{"nothing waits"}, nil
	}
	return nil, err
}

func (d *drill) judge(name string) ([]string, error) {
	v, err := d.nodes[name].JudgeLoss(d.loss.draft)
	if err != nil {
		return []string{"refused: " + err.Error()}, nil
	}
	var of []border.Alert
	for _, w := range v.Alerts {
		of = append(of, w.Alert)
	}
	out := fmt.Sprintf("list %s, release %d: lets go %s; %d unknown", v.Loss.List, v.Loss.Release, travellers(of), v.Unknown)
	if v.Loss.Settled {
		out += fmt.Sprintf("; settles the list, %d left", v.Left)
	}
	return []string{fmt.Sprintf("%s; %d of %d approvals", out, len(v.Approvals), v.Needed)}, nil
}

func (d *drill) signLoss(by string) error {
	if by == "stranger" {
		_, key, err := ed25519.GenerateKey(nil)
		d.loss.draft.Approvals = append(d.loss.draft.Approvals, roster.Approve(d.loss.draft.Change, "director", key))
		return err
	}
	signed, err := d.approve(d.loss.draft.Change)
	d.loss.draft.Approvals = append(d.loss.draft.Approvals, signed...)
	return err
}

func (d *drill) withdraw(name, again string) ([]string, error) {
	l := d.loss.draft
	if again != "" {
		l = d.loss.before
	}
	if err := d.nodes[name].Withdraw(context.Background(), l); err != nil {
		return []string{"refused: " + err.Error()}, nil
	}
	return nil, nil
}

// forgeRelease lets a centre write what only a captured one would.
func (d *drill) forgeRelease(a []string) ([]string, error) {
	n := d.nodes[a[0]].Node
	body, chunks, top := node.BodyForTest(n, a[1])
	body.Release = top + 1
	switch a[2] {
	case "empty":
		body.Chunks, body.Count = nil, 0
	case "replayed": // the first release under a new number
		body, chunks = d.loss.first.body, d.loss.first.chunks
		body.Release = top + 1
	case "far":
		body.Release = 1<<63 - 1
	case "other-key":
		body.Key[0] ^= 1
	case "count":
		body.Count++
	case "declares": // more than any node has memory for, and gives none of it
		body.Chunks, body.Count, chunks = [][32]byte{{1}, {2}}, 1<<40, nil
	case "canaries":
		body, chunks = d.manyCanaries(a[1], body)
	case "kept-back": // one alert more, whose chunk nobody is given
		sealed := d.sealed(a[1], body, border.Alert{ID: a[1] + ":999", List: a[1], Kind: border.DocumentAlert, Action: border.ActInform,
			Documents: []border.AlertDocument{{Issuer: "ITA", Number: number(999)}}})
		body.Chunks, body.Count, d.loss.lacking = append(slices.Clone(body.Chunks), sha256.Sum256(sealed)), body.Count+1, sealed
	default:
		return nil, errors.New("no such forgery")
	}
	return []string{fmt.Sprintf("release %d", body.Release)}, node.ReleaseForTest(context.Background(), n, body, chunks...)
}

func (d *drill) retell(a []string) ([]string, error) {
	n := d.nodes[a[0]].Node
	alerts, _ := n.Released(a[1])
	for i := range alerts {
		if alerts[i].ID == a[1]+":"+a[2] {
			alerts[i].Reason += ", let pass"
		}
	}
	l, err := n.Release(context.Background(), a[1], 0, alerts)
	return []string{fmt.Sprintf("release %d, %d wait", l.Release, l.Waiting)}, err
}

// sealed is a chunk as a centre seals it.
func (d *drill) sealed(list string, body record.ListBody, alerts ...border.Alert) []byte {
	next, err := lists.Rework(list, nil, alerts)
	d.must(err)
	b, err := seal.SealKept(body.Key, list, next[0].Packed)
	d.must(err)
	return b
}

// manyCanaries is a release of one canary more than nodes look for.
func (d *drill) manyCanaries(list string, body record.ListBody) (record.ListBody, [][]byte) {
	var alerts []border.Alert
	for i := range 257 {
		alerts = append(alerts, border.Alert{ID: fmt.Sprintf("%s:c%d", list, i), List: list, Kind: border.DocumentAlert, Action: border.ActInform, Canary: true,
			Documents: []border.AlertDocument{{Issuer: "ITA", Number: number(5000 + i)}}})
	}
	chunk := d.sealed(list, body, alerts...)
	body.Chunks, body.Count = [][32]byte{sha256.Sum256(chunk)}, len(alerts)
	return body, [][]byte{chunk}
}

func (d *drill) stored(name, centre string) ([]string, error) {
	count, size, err := node.BlobsForTest(d.nodes[name].Node, d.nodes[centre].Origin())
	grown := size - d.loss.size
	d.loss.size = size
	return []string{fmt.Sprintf("%d blobs, %d KiB more", count, grown>>10)}, err
}
