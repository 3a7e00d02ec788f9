package browser

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const page = `<!doctype html><html lang="en"><title>t</title><main><h1>t</h1><button></button>
<p id="out"></p></main></html>`

// The checker finds a button without a name, through a policy that lets no script in; the authenticator makes a credential
// and signs with it, and answers without user verification when told to.
func TestTools(t *testing.T) {
	b := Open(t)
	if b == nil {
		return
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		fmt.Fprint(w, page)
	}))
	defer s.Close()
	b.Do(chromedp.Navigate(strings.Replace(s.URL, "127.0.0.1", "localhost", 1)))
	if faults := b.Axe(); len(faults) != 1 || !strings.HasPrefix(faults[0], "button-name (critical)") {
		t.Errorf("axe finds %q", faults)
	}
	if !b.Is(`document.querySelector("button").textContent = "Go"; true`) || len(b.Axe()) > 0 {
		t.Error("axe finds a fault in a page without")
	}

	a := b.Authenticator()
	b.Is(`navigator.credentials.create({publicKey: {challenge: new Uint8Array(32), rp: {name: "t"}, user: {id: new Uint8Array(16), name: "t", displayName: "t"},
		pubKeyCredParams: [{type: "public-key", alg: -7}], authenticatorSelection: {residentKey: "required", userVerification: "required"}}})
		.then((c) => { document.getElementById("out").textContent = "made"; }, (e) => { document.getElementById("out").textContent = String(e); }); true`)
	b.Until(`document.getElementById("out").textContent === "made"`)
	if n := a.Credentials(); n != 1 {
		t.Errorf("%d credentials are held", n)
	}
	get := `navigator.credentials.get({publicKey: {challenge: new Uint8Array(32), userVerification: "preferred"}})
		.then((c) => { document.getElementById("out").textContent = "flags " + new Uint8Array(c.response.authenticatorData)[32]; }); true`
	b.Is(get)
	b.Until(`document.getElementById("out").textContent === "flags 5"`) // user present, user verified
	a.Unverified(true)
	b.Is(get)
	b.Until(`document.getElementById("out").textContent === "flags 1"`)
	a.Remove()
}

func TestVendored(t *testing.T) {
	readme, err := os.ReadFile("assets/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(axe))); !strings.Contains(string(readme), sum) {
		t.Errorf("axe.min.js is %s, which the README does not say", sum)
	}
}
