package alerts

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"tims/internal/node"
	"tims/internal/station"
)

func sortedKeys(v url.Values) []string { return slices.Sorted(maps.Keys(v)) }

func (f *face) readWrite(r *http.Request, s *node.Shift) ([]node.Deed, error) {
	d := f.readDraft(r, nil)
	act, ok := station.ReadAct(r)
	if !ok {
		d.form.Fault("why", "alerts.act.missing")
	}
	if !d.form.OK() {
		return nil, errFaults
	}
	return []node.Deed{node.WriteAlert{Act: act, Shift: s, Alert: d.alert, Reason: d.why}}, nil
}

func (f *face) written(w http.ResponseWriter, r *http.Request, _ *node.Shift, receipts []node.Receipt) {
	http.Redirect(w, r, "/alerts?written="+strconv.FormatUint(receipts[0].Ref.Index, 10), http.StatusSeeOther)
}

func (f *face) mendWrite(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt, err error) {
	d, trouble := f.readDraft(r, nil), ""
	if !errors.Is(err, errFaults) {
		trouble = f.Words(r).Error(err)
	}
	f.showEditor(w, r, s, http.StatusUnprocessableEntity, d.form, trouble)
}

func (f *face) readWithdraw(r *http.Request, s *node.Shift) ([]node.Deed, error) {
	form := station.NewForm(r, f.Words(r))
	act, ok := station.ReadAct(r)
	why := form.Text("why", 3, maxWhy)
	if !ok || !form.OK() || form.Get("id") == "" {
		return nil, errFaults
	}
	return []node.Deed{node.WithdrawAlert{Act: act, Shift: s, ID: form.Get("id"), Reason: why}}, nil
}

func (f *face) withdrawn(w http.ResponseWriter, r *http.Request, _ *node.Shift, _ []node.Receipt) {
	http.Redirect(w, r, "/alerts?asked", http.StatusSeeOther)
}

// mendWithdraw says on the first page what is missing: the form has one field.
func (f *face) mendWithdraw(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt, err error) {
	words := f.Words(r)
	d := overview{Trouble: words.T("alerts.why.missing")}
	if !errors.Is(err, errFaults) {
		d.Trouble = words.Error(err)
	}
	f.showOverview(w, r, s, http.StatusUnprocessableEntity, d)
}
