package watchlist

import "tims/internal/border"

// Alert gives an alert by its key, as far as it is in the index; of several versions with one key the first.
func (x *Index) Alert(k Key) (found *border.Alert) {
	for i := range x.layers {
		p := &x.layers[i]
		p.seg.keyed(k, func(alert uint32) {
			if a, ok := p.seg.alert(alert); ok && found == nil && !p.isGone(alert) {
				found = a
			}
		})
	}
	return found
}
