package messages

import (
	"net/http/httptest"
	"testing"
)

// An officer without script comes back to a page of this site and to none other.
func TestCameFrom(t *testing.T) {
	for referer, want := range map[string]string{
		"https://post.example/check/7?after=3#x": "/check/7?after=3",
		"https://post.example/":                  "/",
		"":                                       "/messages",
		"https://other.example/check/7":          "/messages",
		"https://post.example//other.example/":   "/messages",
		`https://post.example/\other.example/`:   "/messages",
		"https://post.example":                   "/messages",
		"javascript:alert(1)":                    "/messages",
		"%zz":                                    "/messages",
	} {
		r := httptest.NewRequest("POST", "https://post.example/messages/read", nil)
		r.Header.Set("Referer", referer)
		if got := cameFrom(r); got != want {
			t.Errorf("%q leads to %q, want %q", referer, got, want)
		}
	}
}
