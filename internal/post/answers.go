package post

import (
	"context"

	"tims/internal/node"
	"tims/internal/secondline"
	"tims/internal/station"
	"tims/internal/web"
)

// answers are what the second line said about travellers of this booth who are not decided yet, for the part second-answers.
type answers struct {
	List []secondline.BoothAnswer
	Key  string
}

// liveBooth names the live part of the booth's pages.
const liveBooth = "booth"

const answersKey = "F5"

func (f *Face) answersNow(ctx context.Context, b booth, w station.Words) answers {
	a := answers{Key: answersKey}
	if b.referred {
		a.List = secondline.Answers(ctx, f.Node, b.shift, w)
	}
	return a
}

// keys is the key of the answers, where one of them can be decided.
func (a answers) keys(w station.Words) []web.Key {
	for _, one := range a.List {
		if one.Ready {
			return []web.Key{{Keys: answersKey, Text: w.T("post.key.answer")}}
		}
	}
	return nil
}

// liveAnswers shows an answer on the booth's open page as soon as it is recorded.
func (f *Face) liveAnswers(ctx context.Context, s *node.Shift, w station.Words) []web.Event {
	html, err := f.Pages.Text(w.Lang, secondline.AnswersPart, web.Page{Data: f.answersNow(ctx, f.booths.of(s), w)})
	if err != nil {
		return nil
	}
	return []web.Event{web.Partial("#answers", "innerMorph", html)}
}

// answered gives the referral by which a check was decided, if the second line has answered it and the booth has not ended it.
func (f *Face) answered(ctx context.Context, b booth, v node.View) uint64 {
	if v.Decided == nil || !b.referred {
		return 0
	}
	list, err := f.Node.Referrals(ctx, b.shift)
	if err != nil {
		return 0
	}
	for _, r := range list {
		answer := r.Answer()
		if r.Check == v.Ref.Index && r.Shift == int64(b.shift.Ref.Index) && !r.Decided && answer != nil && answer.InForce {
			return r.Ref.Index
		}
	}
	return 0
}
