package border

// basis asks whether the traveller has the right that he is to be let in on. At exit nobody needs one.
func (a *adviser) basis() {
	if a.c.Direction != Entry || a.citizen {
		return
	}
	t := a.Terms
	nation := Param{"nationality", t.Nation}
	switch {
	case t.Basis == 0, t.Basis == VisaFree && !a.rb.IsVisaFree(t.Nation):
		a.find(Finding{
			Code: VisaRequired, Level: Grave, Asks: Refer, Ground: NoVisa, Field: "basis", Rests: FromRulebook,
			Params: []Param{nation},
		})
	case t.Basis == Citizen:
		a.find(Finding{
			Code: BasisUnfounded, Level: Grave, Asks: Refer, Field: "basis", Rests: FromRulebook,
			Params: []Param{{"basis", t.Basis.String()}, nation},
		})
	}
	basis := Param{"basis", t.Basis.String()}
	switch {
	case t.Until == 0 && a.rb.Bases[t.Basis].NeedsUntil:
		a.find(Finding{
			Code: UntilMissing, Level: Warn, Asks: Refer, Field: "until", Rests: FromRulebook, Params: []Param{basis},
		})
	case t.Until != 0 && t.Until < a.today:
		a.find(Finding{
			Code: PermitExpired, Level: Grave, Asks: Refuse, Ground: NoVisa, Field: "until", Rests: FromOfficer,
			Params: []Param{basis, date("until", t.Until)},
		})
	}
	if t.Basis == Visa && t.Visa.From > a.today {
		a.find(Finding{
			Code: VisaNotYetValid, Level: Grave, Asks: Refuse, Ground: NoVisa, Field: "visa_from", Rests: FromOfficer,
			Params: []Param{date("from", t.Visa.From)},
		})
	}
}

// days says what is unsure about the stay, whatever the direction.
func (a *adviser) days() {
	s := &a.Stay
	if s.Limit.None() {
		return
	}
	if !s.Certain() {
		a.find(Finding{
			Code: StayUncertain, Level: Note, Asks: Admit, Rests: FromHistory, Params: []Param{count("doubts", len(s.Doubts))},
		})
	}
	if p := s.Proposed; p != nil {
		a.find(Finding{
			Code: OtherDocument, Level: Warn, Asks: Admit, Rests: FromHistory,
			Params: []Param{count("used", p.Used), count("left", p.Left), count("over", p.Overstay)},
		})
	}
}

// entryStay asks for days and entries. Only what is proven advises a refusal; what rests on doubt goes to the second line.
func (a *adviser) entryStay() {
	s, l := &a.Stay, a.Stay.Limit
	asks := func(proven bool) Decision {
		if proven {
			return Refuse
		}
		return Refer
	}
	valid := l.Until == 0 || l.Until >= a.today
	if l.None() || !valid || a.Terms.Basis == Visa && a.Terms.Visa.From > a.today {
		return
	}
	switch {
	case s.NoEntry:
		a.find(Finding{
			Code: VisaEntriesSpent, Level: Grave, Asks: asks(s.Proven.NoEntry), Ground: NoVisa, Field: "visa_entries", Rests: FromStay,
			Params: []Param{count("entries", l.Entries), count("used", s.Entries)},
		})
	case s.LastDay == 0:
		days, window := l.Days, l.Window
		if l.VisaDays > 0 {
			days, window = l.VisaDays, 0
		}
		a.find(Finding{
			Code: NoDaysLeft, Level: Grave, Asks: asks(s.Proven.LastDay == 0), Ground: DaysUsedUp, Rests: FromStay,
			Params: []Param{count("used", s.Used), count("days", days), count("window", window)},
		})
	case a.c.Departure > s.LastDay:
		a.find(Finding{
			Code: DepartsTooLate, Level: Warn, Asks: Refer, Ground: NoPurpose, Field: "departure", Rests: FromStay,
			Params: []Param{date("departure", a.c.Departure), date("last", s.LastDay)},
		})
	case s.Left <= a.rb.ExpiringDays:
		a.find(Finding{
			Code: FewDaysLeft, Level: Warn, Asks: Admit, Rests: FromStay,
			Params: []Param{count("left", s.Left), date("last", s.LastDay)},
		})
	}
}

// exitStay states an overstay as a fact: how long, how much of it is proven, since when. It keeps nobody.
func (a *adviser) exitStay() {
	s := &a.Stay
	if s.Overstay > 0 {
		f := Finding{
			Code: StayExceeded, Level: Note, Asks: Admit, Rests: FromStay,
			Params: []Param{
				count("over", s.Overstay), count("proven", s.Proven.Overstay),
				date("since", s.OverSince), date("entered", s.Entered),
			},
		}
		if s.Proven.Overstay > 0 {
			f.Level = Warn
		}
		a.find(f)
	}
	if !s.Inside && !a.citizen && a.c.Direction == Exit {
		a.find(Finding{Code: NoEntryKnown, Level: Note, Asks: Admit, Rests: FromHistory})
	}
}

// passages looks for one document in two places, and for checks and stays left open.
func (a *adviser) passages() {
	last, now := a.Stay.Last, a.c.Now.UnixMilli()
	age := now - last.Happened
	elsewhere := last.Node != a.c.Node
	where := []Param{{"node", last.Node}, {"direction", last.Direction.String()}, instant("at", last.Happened)}
	again := last.Direction == a.c.Direction
	recent := last.Direction != 0 && age < hours(a.rb.DoubleUseHours)
	switch {
	case recent && (again || elsewhere):
		f := Finding{Code: UsedElsewhere, Level: Grave, Asks: Refer, Rests: FromHistory, Params: where}
		if !again || !elsewhere {
			// The same person read twice at this post, or a quick way through the country.
			f.Level, f.Asks = Warn, Admit
		}
		a.find(f)
	case a.Stay.Inside && a.c.Direction == Entry:
		level := Warn
		if a.citizen {
			level = Note
		}
		a.find(Finding{
			Code: AlreadyInside, Level: level, Asks: Admit, Rests: FromHistory,
			Params: []Param{date("entered", a.Stay.Entered), {"node", last.Node}},
		})
	}
	if r := a.c.Refused; r != nil {
		a.find(Finding{
			Code: RefusedBefore, Level: Note, Asks: Admit, Rests: FromHistory,
			Params: []Param{{"node", r.Node}, {"direction", r.Direction.String()}, date("day", r.Day)},
		})
	}
	if o := a.c.Open; o != nil {
		a.find(Finding{
			Code: CheckUndecided, Level: Warn, Asks: Admit, Rests: FromHistory,
			Params: []Param{{"node", o.Node}, {"booth", o.Booth}, instant("at", o.At)},
		})
	}
}
