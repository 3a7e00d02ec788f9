package control

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/roster"
)

// Sheets are paper forms that a post has registered and that may be printed now.
type Sheets struct {
	Node    string `json:"node"`
	Country string `json:"country"`
	Series  string `json:"series"` // of border.SheetNumber
	First   uint32 `json:"first"`
	Last    uint32 `json:"last"`
}

// Sheets registers count numbered paper forms at the running post. The same act again gives the same forms.
func (c *Client) Sheets(ctx context.Context, act record.Act, count int) (Sheets, error) {
	q := url.Values{"act": {hex.EncodeToString(act[:])}, "count": {strconv.Itoa(count)}}
	var s Sheets
	err := c.do(ctx, smallTime, http.MethodPost, pathSheets+"?"+q.Encode(), nil, &s)
	return s, err
}

var errNoPost = errors.New("paper sheets are a post's; this node is none")

func (s *server) sheets(w http.ResponseWriter, r *http.Request) {
	var act record.Act
	b, err := hex.DecodeString(r.URL.Query().Get("act"))
	count, cerr := strconv.Atoi(r.URL.Query().Get("count"))
	if err != nil || len(b) != len(act) || cerr != nil {
		http.Error(w, "sheets are asked for with an act and a count", http.StatusBadRequest)
		return
	}
	copy(act[:], b)
	if s.n.Self().Role != roster.Post {
		answer(w, nil, errNoPost)
		return
	}
	body, err := s.n.RegisterSheets(r.Context(), act, count)
	answer(w, Sheets{Node: s.n.Name(), Country: s.n.State().Founding.Country, Series: border.SheetSeries(s.n.Name()), First: body.First,
		Last: body.Last}, err)
}
