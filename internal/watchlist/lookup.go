package watchlist

import "tims/internal/border"

// Alert gives an alert by its key, as far as it is in the index; of several versions with one key the first.
func (x *Index) Alert(k Key) *border.Alert {
	if all := x.Versions(k); len(all) > 0 {
		return all[0]
	}
	return nil
}

// Versions gives all versions of an alert that are matched.
func (x *Index) Versions(k Key) (all []*border.Alert) {
	for i := range x.layers {
		p := &x.layers[i]
		p.seg.keyed(k, func(alert uint32) {
			if a, ok := p.seg.alert(alert); ok && !p.isGone(alert) {
				all = append(all, a)
			}
		})
	}
	return all
}
