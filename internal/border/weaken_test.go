package border

import (
	"fmt"
	"testing"
)

func full() Alert {
	return Alert{ID: "a:1", List: "a", Kind: PersonAlert, Action: ActRefuse, Names: []AlertName{{Primary: "KOROBOV", Secondary: "IGOR"},
		{Primary: "KOROBOW", Alias: true}}, Births: []PartialDate{{Year: 1956, Month: 8, Day: 3}}, Nations: []string{"RUS"}, Sex: "M",
		Documents: []AlertDocument{{Issuer: "RUS", Number: "123"}}, From: 10, Until: 20, Notify: []string{"center"}}
}

func TestWeakens(t *testing.T) {
	for _, c := range []struct {
		what   string
		change func(*Alert)
		weaker bool
	}{
		{"nothing", func(*Alert) {}, false},
		{"other reason, issuer, caveats", func(a *Alert) { a.Reason, a.Issuer, a.Caveats = "x", "y", "z" }, false},
		{"arrest instead of refuse", func(a *Alert) { a.Action = ActArrest }, false},
		{"discreet instead of refuse", func(a *Alert) { a.Action = ActDiscreet }, true},
		{"longer", func(a *Alert) { a.From, a.Until = 9, 0 }, false},
		{"begins later", func(a *Alert) { a.From = 11 }, true},
		{"ends earlier", func(a *Alert) { a.Until = 19 }, true},
		{"one name more", func(a *Alert) { a.Names = append(a.Names, AlertName{Primary: "X"}) }, false},
		{"an alias less", func(a *Alert) { a.Names = a.Names[:1] }, true},
		{"an alias become weak", func(a *Alert) { a.Names = []AlertName{a.Names[0], {Primary: "KOROBOW", Alias: true, Weak: true}} }, true},
		{"an alias become a name", func(a *Alert) { a.Names = []AlertName{a.Names[0], {Primary: "KOROBOW"}} }, false},
		{"a second birth date", func(a *Alert) { a.Births = append(a.Births, PartialDate{Year: 1957}) }, false},
		{"another birth date", func(a *Alert) { a.Births = []PartialDate{{Year: 1957}} }, true},
		{"no birth date", func(a *Alert) { a.Births = nil }, true},
		{"another sex", func(a *Alert) { a.Sex = "F" }, true},
		{"no document", func(a *Alert) { a.Documents = nil }, true},
		{"nobody told", func(a *Alert) { a.Notify = nil }, true},
		{"become a canary", func(a *Alert) { a.Canary = true }, true},
		{"a warning and an image more", func(a *Alert) { a.Caveats, a.Face = "armed", []byte{1} }, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			old, now := full(), full()
			c.change(&now)
			if got := now.Weakens(&old); got != c.weaker {
				t.Errorf("weakens: %v, want %v", got, c.weaker)
			}
		})
	}
	blank, dated := full(), full()
	blank.Births = nil
	if !dated.Weakens(&blank) {
		t.Error("a birth date where none stood lowers the score of whoever has another")
	}
}

// What an officer is warned of and by what he knows the person stays, and so does who is told of a discreet hit.
func TestWeakensBesideTheScore(t *testing.T) {
	for _, c := range []struct {
		what   string
		old    func(*Alert)
		now    func(*Alert)
		weaker bool
	}{
		{"another warning", func(a *Alert) { a.Caveats = "armed" }, func(a *Alert) { a.Caveats = "let pass" }, true},
		{"no warning", func(a *Alert) { a.Caveats = "armed" }, func(a *Alert) { a.Caveats = "" }, true},
		{"another image", func(a *Alert) { a.Face = []byte{1} }, func(a *Alert) { a.Face = []byte{2} }, true},
		{"no image", func(a *Alert) { a.Face = []byte{1} }, func(a *Alert) { a.Face = nil }, true},
		{"a node told in place of the centres", func(a *Alert) { a.Action, a.Notify = ActDiscreet, nil }, func(a *Alert) { a.Notify = []string{"durres"} }, true},
		{"one more node told", func(a *Alert) { a.Action = ActDiscreet }, func(a *Alert) { a.Notify = append(a.Notify, "durres") }, false},
		{"a node told beside the centres", func(a *Alert) { a.Action, a.Notify = ActInform, nil }, func(a *Alert) { a.Notify = []string{"durres"} }, false},
		{"discreet no more", func(a *Alert) { a.Action = ActDiscreet }, func(a *Alert) { a.Action = ActArrest }, true},
	} {
		t.Run(c.what, func(t *testing.T) {
			old := full()
			c.old(&old)
			now := old
			c.now(&now)
			if got := now.Weakens(&old); got != c.weaker {
				t.Errorf("weakens: %v, want %v", got, c.weaker)
			}
		})
	}
}

// Each name of a valid alert is one that a watchlist looks at: nobody hides a name behind others.
func TestNamesOfAnAlertAreBounded(t *testing.T) {
	a := full()
	for len(a.Names) < MaxAlertNames {
		a.Names = append(a.Names, AlertName{Primary: fmt.Sprint("X", len(a.Names))})
	}
	if err := a.Validate(); err != nil {
		t.Error(err)
	}
	a.Names = append(a.Names, AlertName{Primary: "KOROBOV"})
	if a.Validate() == nil {
		t.Error("an alert with a name that nobody looks at is valid")
	}
}

func TestRange(t *testing.T) {
	for _, c := range []struct {
		from, to string
		n        uint64
		ok       bool
	}{
		{"AB0001", "", 1, true},
		{"AB0001", "AB0100", 100, true},
		{"AB0099", "AB0100", 2, true},
		{"1", "9", 9, true},
		{"AB0100", "AB0001", 0, false},
		{"AB0001", "AC0002", 0, false},
		{"AB001", "AB0002", 0, false},
		{"0", fmt.Sprintf("%019d", 1), 0, false},
		{fmt.Sprintf("%019d", 0), fmt.Sprintf("%019d", 1), 0, false},
	} {
		n, ok := AlertDocument{Number: c.from, To: c.to}.Range()
		if n != c.n || ok != c.ok {
			t.Errorf("%s to %s: %d, %v; want %d, %v", c.from, c.to, n, ok, c.n, c.ok)
		}
	}
}

// What an officer reads otherwise is named, whether it needs an approval or not.
func TestRetold(t *testing.T) {
	was := Alert{ID: "l:1", Issuer: "court", Reason: "theft", Names: []AlertName{{Primary: "DOE"}}}
	for _, row := range []struct {
		change func(*Alert)
		want   string
	}{
		{func(*Alert) {}, "[]"},
		{func(a *Alert) { a.Reason = "mistaken identity" }, "[reason]"},
		{func(a *Alert) { a.Issuer, a.Caveats = "nobody", "armed" }, "[issuer caveats]"},
		{func(a *Alert) { a.Names = append(a.Names[:1:1], AlertName{Primary: "ROE"}); a.Face = []byte{1} }, "[names face]"},
		{func(a *Alert) { a.Action, a.Births = ActArrest, []PartialDate{{Year: 1970}} }, "[]"},
	} {
		now := was
		row.change(&now)
		if got := fmt.Sprint(now.Retold(&was)); got != row.want {
			t.Errorf("%s, want %s", got, row.want)
		}
	}
}
