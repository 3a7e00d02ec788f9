package control

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tims/internal/border"
	"tims/internal/record"
)

func TestAlertsInForce(t *testing.T) {
	_, c := begin(t, t.TempDir())
	if in, err := c.Lists(t.Context()); err != nil || len(in) != 0 {
		t.Errorf("lists %+v, %v", in, err)
	}
	if ids, err := idsOf(c, "wanted", "", false, t); err != nil || ids != nil {
		t.Errorf("a list that is not in force: %v, %v", ids, err)
	}
	var all []border.Alert
	for i := range 300 {
		all = append(all, border.Alert{ID: fmt.Sprintf("x:%03d", 299-i), List: "wanted", Kind: border.PersonAlert, Action: border.ActRefuse,
			Names: []border.AlertName{{Primary: "A"}}, Face: bytes.Repeat([]byte{byte(i)}, 2500)})
	}
	if _, err := c.Release(t.Context(), "wanted", 0, all, nil); err != nil {
		t.Fatal(err)
	}
	var got []border.Alert
	for a, err := range c.Alerts(t.Context(), "wanted", "") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, a)
	}
	slices.Reverse(all)
	if d := cmp.Diff(all, got); d != "" {
		t.Errorf("as released: %s", d)
	}
	if ids, err := idsOf(c, "wanted", "x:007", false, t); err != nil || !slices.Equal(ids, []string{"x:007"}) {
		t.Errorf("one alert: %v, %v", ids, err)
	}
	if _, err := c.Release(t.Context(), "wanted", 0, all[:299], nil); err != nil {
		t.Fatal(err)
	}
	in, err := c.Lists(t.Context())
	if err != nil || len(in) != 1 || in[0].Release != 2 || in[0].Count != 299 || in[0].Waiting != 1 {
		t.Errorf("lists %+v, %v", in, err)
	}
	if ids, err := idsOf(c, "wanted", "", false, t); err != nil || len(ids) != 299 || slices.Contains(ids, "x:299") {
		t.Errorf("the second release has %d alerts, %v", len(ids), err)
	}
	if ids, err := idsOf(c, "wanted", "", true, t); err != nil || !slices.Equal(ids, []string{"x:299"}) {
		t.Errorf("held: %v, %v", ids, err)
	}
	for range c.Alerts(t.Context(), "wanted", "") {
		break // whoever has seen enough may go
	}
}

func idsOf(c *Client, list, id string, held bool, t *testing.T) (ids []string, err error) {
	seq := c.Alerts(t.Context(), list, id)
	if held {
		seq = c.Held(t.Context(), list, id)
	}
	for a, err := range seq {
		if err != nil {
			return nil, err
		}
		ids = append(ids, a.ID)
	}
	return ids, nil
}

func TestAnswerBrokenOff(t *testing.T) {
	frame := record.Marshal([]border.Alert{{ID: "x:1", List: "x", Kind: border.PersonAlert, Action: border.ActRefuse}})
	whole := append(binary.BigEndian.AppendUint32(nil, uint32(len(frame))), frame...)
	whole = append(whole, 0, 0, 0, 0)
	for cut := range len(whole) {
		if err := readAnswered(bytes.NewReader(whole[:cut]), func(border.Alert) bool { return true }); !errors.Is(err, errAnswer) {
			t.Errorf("cut at %d of %d: %v", cut, len(whole), err)
		}
	}
	n := 0
	if err := readAnswered(bytes.NewReader(whole), func(border.Alert) bool { n++; return true }); err != nil || n != 1 {
		t.Errorf("whole: %d, %v", n, err)
	}
	if err := readAnswered(bytes.NewReader([]byte{0xff, 0, 0, 0}), nil); !errors.Is(err, errAnswer) {
		t.Errorf("a frame too large: %v", err)
	}
}
