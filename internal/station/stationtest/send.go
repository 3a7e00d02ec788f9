package stationtest

import (
	"io"
	"net/http"
)

// Send posts a body of any form, such as one with a file, as a browser without script does.
func (b *Browser) Send(path, contentType string, body io.Reader) Answer {
	b.Helper()
	r, err := http.NewRequest(http.MethodPost, b.URL+path, body)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	return b.do(r)
}
