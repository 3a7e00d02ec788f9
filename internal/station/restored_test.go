package station

import (
	"testing"

	"tims/internal/node"
	"tims/internal/web"
)

func TestRestoredState(t *testing.T) {
	p, err := web.Open(web.Config{Node: "kakavija"}, Files()...)
	if err != nil {
		t.Fatal(err)
	}
	const now, day = int64(100 * 24 * 3600 * 1000), int64(24 * 3600 * 1000)
	for _, c := range []struct {
		what  string
		r     *node.Restored
		level web.Level
		shown bool
	}{
		{"never", nil, "", false},
		{"whole, of this week", &node.Restored{At: now - 6*day, TakenBack: 9}, web.Amber, true},
		{"whole, of the month before", &node.Restored{At: now - 31*day, TakenBack: 9}, "", false},
		{"something missing, long ago", &node.Restored{At: now - 90*day, TakenBack: 9, Missing: 1}, web.Red, true},
		{"burnt down, nothing missing", &node.Restored{}, "", false},
		{"burnt down, something missing", &node.Restored{Missing: 2}, web.Red, true},
	} {
		s, shown := restoredState(WordsOf(p, "en"), "", c.r, now)
		if shown != c.shown || shown && s.Level != c.level {
			t.Errorf("%s: shown %v, %+v", c.what, shown, s)
		}
	}
}
