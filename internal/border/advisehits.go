package border

import "strconv"

// hit turns a match into a finding. Below the score from which on a hit counts in this check it is only shown. A discreet alert leaves no trace in what
// the booth sees, neither in the findings nor in the decision.
func (a *adviser) hit(h *Hit) {
	f := Finding{
		Code: AlertHit, Level: Grave, Asks: Refer, Rests: FromAlert, Field: hitFields[h.Kind],
		Params: []Param{
			{"alert", h.AlertID}, {"list", h.List}, {"kind", h.Kind.String()}, {"action", h.Action.String()},
			{"score", strconv.FormatFloat(h.Score, 'f', 1, 64)},
		},
	}
	weak := h.Score < a.c.Counts(h.Kind, a.rb)
	if weak {
		f.Code, f.Level, f.Asks = AlertHitWeak, Note, Admit
	}
	grey := h.Grey && h.rememberable()
	if grey {
		f.Code, f.Level, f.Asks = AlertHitGrey, Note, Admit
	}
	if h.Action == ActDiscreet {
		f.Asks = Admit
		a.Silent = append(a.Silent, f)
		return
	}
	if !weak && !grey {
		a.strong(&f, h)
	}
	a.find(f)
}

// rememberable: that somebody to be arrested or protected is "another person" is found anew each time.
func (h *Hit) rememberable() bool { return h.Action != ActArrest && h.Action != ActProtect }

var hitFields = map[AlertKind]string{PersonAlert: "name", DocumentAlert: "document_number", VehicleAlert: "plate"}

// strong says what a hit that counts asks for. An action of a later release that this program does not know is referred.
func (a *adviser) strong(f *Finding, h *Hit) {
	switch h.Action {
	case ActRefuse:
		f.Ground = AlertForRefusal
		if a.c.Direction == Exit {
			f.Level, f.Asks, f.Ground = Note, Admit, ""
		}
	case ActInform:
		f.Level, f.Asks = Warn, Admit
	case ActArrest:
		a.hold = true
		f.Ground = a.at("", ExitWanted)
	case ActSeize:
		a.hold = true
		if h.Kind == DocumentAlert {
			f.Ground = a.at(NoDocument, ExitBadDocument)
		}
	case ActProtect:
		a.hold = true
	}
}

// lists says how old the alert lists are. Old lists stop nobody unless the rulebook wants a referral.
func (a *adviser) lists() {
	asks := Admit
	if a.rb.OldListsRefer {
		asks = Refer
	}
	if len(a.c.Lists) == 0 {
		a.find(Finding{Code: NothingOfAlerts, Level: Warn, Asks: asks, Rests: FromList})
	}
	for _, l := range a.c.Lists {
		level := Warn
		if l.KnownTo > 0 {
			level = a.rb.Lists.Level(a.c.Now.UnixMilli() - l.KnownTo)
		}
		if level == 0 {
			continue
		}
		f := Finding{
			Code: ListOld, Level: level, Asks: Admit, Rests: FromList,
			Params: []Param{{"list", l.List}, instant("to", l.KnownTo)},
		}
		if level == Warn {
			f.Asks = asks
		}
		a.find(f)
	}
}

// posts says how many posts are known only up to an older time, and which is known worst: one line, for a cut-off post
// would else fill the page with the same news.
func (a *adviser) posts() {
	if len(a.c.History.Horizons) == 0 {
		a.find(Finding{Code: NothingOfPosts, Level: Warn, Asks: Admit, Rests: FromPosts})
		return
	}
	var old int
	var worst Horizon
	for _, h := range a.c.History.Horizons {
		if h.KnownTo > 0 && a.rb.Posts.Level(a.c.Now.UnixMilli()-h.KnownTo) == 0 {
			continue
		}
		if old++; old == 1 || h.KnownTo < worst.KnownTo {
			worst = h
		}
	}
	if old == 0 {
		return
	}
	level := Warn
	if worst.KnownTo > 0 {
		level = a.rb.Posts.Level(a.c.Now.UnixMilli() - worst.KnownTo)
	}
	a.find(Finding{
		Code: PostsOld, Level: level, Asks: Admit, Rests: FromPosts,
		Params: []Param{count("posts", old), {"node", worst.Node}, instant("to", worst.KnownTo)},
	})
}
