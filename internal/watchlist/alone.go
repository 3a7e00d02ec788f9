package watchlist

import "tims/internal/border"

// Alone is an index of one alert, whose words are as rare as in x, so that it scores nearly as it would among the alerts of x; only
// what depends on other words of x that are like its own differs. A nil x weighs them as an index of the alert would.
func (x *Index) Alone(a *border.Alert) *Index {
	b := NewBuilder()
	b.Add([]border.Alert{*a})
	var as *segment
	if x != nil && len(x.layers) > 0 {
		as = x.layers[0].seg
	}
	s := b.segment(as)
	return &Index{layers: []layer{{seg: s, left: s.alertCount()}}}
}
