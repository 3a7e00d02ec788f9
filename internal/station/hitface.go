package station

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"tims/internal/border"
)

// statuses are those of a listed document for which there is a word.
var statuses = []string{"stolen", "lost", "revoked", "stolen blank", "invalid"}

// listedStatus says what is the matter with the document by which a hit was found, empty where it was not found by one.
func (w Words) listedStatus(h border.Hit) string {
	i := slices.IndexFunc(h.Reasons, func(r border.HitReason) bool { return r.Part == "document" })
	if h.Alert == nil || i < 0 {
		return ""
	}
	for _, d := range h.Alert.Documents {
		listed := strings.TrimSpace(d.Issuer + " " + d.Number)
		if d.To != "" && d.To != d.Number {
			listed += " to " + d.To
		}
		switch {
		case d.Status == "" || listed != h.Reasons[i].Listed:
		case slices.Contains(statuses, d.Status):
			return w.T("station.status." + strings.ReplaceAll(d.Status, " ", "-"))
		default:
			return w.T("station.status.other", "status", d.Status)
		}
	}
	return ""
}

// faceName names an alert's image by what it shows, so that an address says nothing of the alert.
func faceName(a *border.Alert) string {
	if a == nil || len(a.Face) == 0 {
		return ""
	}
	sum := sha256.Sum256(a.Face)
	return hex.EncodeToString(sum[:8])
}

// ServeFace answers with the image of that name of one of the hits, which are those that this officer is shown of one check. What is no
// JPEG or PNG is not shown: a browser would guess.
func (st *Station) ServeFace(w http.ResponseWriter, r *http.Request, hits []border.Hit, name string) {
	for _, h := range hits {
		if name == "" || faceName(h.Alert) != name {
			continue
		}
		if kind := http.DetectContentType(h.Alert.Face); kind == "image/jpeg" || kind == "image/png" {
			w.Header().Set("Content-Type", kind)
			w.Write(h.Alert.Face) // an error here is a browser that went away
			return
		}
	}
	st.Fail(w, r, http.StatusNotFound)
}
