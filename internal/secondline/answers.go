package secondline

import (
	"context"

	"tims/internal/node"
	"tims/internal/station"
)

// AnswersPart is the part that shows Answers at a booth. Its data is {List: Answers, Key: a key as in data-key, or ""}; the key
// goes to the first that can be decided. In a page: {{template "second-answers" (dict "Data" (dict "List" .Data.Answers "Key"
// "F12"))}}; in an event: Pages.Text with the inner map as Page.Data.
const AnswersPart = "second-answers"

// A BoothAnswer is what the second line said about a traveller of the booth, as long as the booth has not decided.
type BoothAnswer struct {
	Referral, Check uint64 // indices in this node's log
	Name            string
	Said            answer
	Ready           bool // the booth can decide: no second officer is waited for
}

// Answers are those for the referrals of a shift that the booth has not ended yet, the newest first. Nil on an error: the
// states of the page tell what is wrong with the node.
func Answers(ctx context.Context, n *node.Node, s *node.Shift, w station.Words) (out []BoothAnswer) {
	list, err := n.Referrals(ctx, s)
	if err != nil {
		return nil
	}
	for i := len(list) - 1; i >= 0; i-- {
		r := list[i]
		a := r.Answer()
		if a == nil || r.Decided || r.Shift != int64(s.Ref.Index) {
			continue
		}
		out = append(out, BoothAnswer{Referral: r.Ref.Index, Check: r.Check, Name: station.FullName(r.Document.Primary, r.Document.Secondary),
			Said: answerOf(w, *a), Ready: a.InForce})
	}
	return out
}
