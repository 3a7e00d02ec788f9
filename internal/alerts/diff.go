package alerts

import (
	"bytes"
	"slices"

	"tims/internal/border"
	"tims/internal/station"
)

// A change is what a new version says otherwise in one field.
type change struct {
	Name string
	Gone []string
	New  []string
	Weak bool // by this field alone somebody is matched less, later, shorter, or with less done
	Mono bool
}

// changes compares two versions, field by field. Without an old one all is new.
func changes(w station.Words, old, now *border.Alert) (out []change) {
	for _, f := range fields {
		c := change{Name: w.T("alerts.field." + f.name), New: f.texts(w, now), Mono: f.mono}
		if old != nil {
			was := f.texts(w, old)
			c.Gone, c.New = without(was, c.New), without(c.New, was)
			c.Weak = weakens(f, old, now)
			if f.name == "face" && !bytes.Equal(old.Face, now.Face) {
				c.Gone, c.New = was, f.texts(w, now)
			}
		}
		if len(c.Gone)+len(c.New) > 0 || c.Weak {
			out = append(out, c)
		}
	}
	return out
}

// weakens asks the domain about one field: the old version with the new field in place of its own.
func weakens(f field, old, now *border.Alert) bool {
	mixed := *old
	f.carry(&mixed, now)
	return mixed.Weakens(old)
}

// weaker names the fields in which a version matches less than the one before.
func weaker(w station.Words, old, now *border.Alert) (out []string) {
	for _, f := range fields {
		if weakens(f, old, now) {
			out = append(out, w.T("alerts.field."+f.name))
		}
	}
	return out
}

func without(all, those []string) (out []string) {
	for _, s := range all {
		if !slices.Contains(those, s) {
			out = append(out, s)
		}
	}
	return out
}
