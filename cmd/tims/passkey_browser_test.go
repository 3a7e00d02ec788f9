package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/browser"
	"tims/internal/control"
	"tims/internal/demo"
	"tims/internal/demo/traveller"
	"tims/internal/roster"
)

// An officer makes a passkey in Chromium with his one-time code at one post, and signs in with it at another that has learnt of
// it and is cut off since. What somebody in between could try is refused.
func TestPasskeyInBrowser(t *testing.T) {
	b := browser.Open(t)
	if b == nil {
		return
	}
	c := startCountry(t)
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	const label = "K-18 B. Leka"
	officer, err := control.OfficerByLabel(c.Node(traveller.Kakavija).State().Roster, label)
	if err != nil {
		t.Fatal(err)
	}
	key := virtualKey(b)

	b.Do(chromedp.Navigate(enterAddress(c, traveller.Kakavija) + "?lang=en&code=WRONG"))
	b.Until(`document.activeElement === document.querySelector("#enrol button") && !document.activeElement.disabled`)
	b.Do(chromedp.KeyEvent(kb.Enter))
	b.Until(`document.getElementById("fault").innerText.includes("of nobody in the roster")`)
	b.Do(chromedp.Navigate(enterAddress(c, traveller.Kakavija) + "?lang=en&code=" + c.Code(label)))
	b.Until(`document.activeElement === document.querySelector("#enrol button") && !document.activeElement.disabled`)
	b.Do(chromedp.KeyEvent(kb.Enter))
	b.Until(`document.getElementById("made").innerText.includes("` + label + `") && location.search === ""`)
	picture(b, "passkey-made")

	learnt(t, c, traveller.Durres, officer)
	c.CutLink(true)
	address := enterAddress(c, traveller.Durres)
	b.Do(chromedp.Navigate(address + "?lang=en"))
	b.Until(`document.activeElement?.id === "booth"`)
	picture(b, "sign-in")
	refusedInBrowser(b, key)

	b.Do(chromedp.Navigate(address + "?lang=en"))
	b.Until(`document.activeElement?.id === "booth"`)
	b.Do(chromedp.KeyEvent("k2"))
	b.Until(`document.querySelector("#enter button[value=passkey]").focus(), document.activeElement.value === "passkey"`)
	b.Do(chromedp.KeyEvent(kb.Enter))
	b.Until(`location.pathname === "/" && document.documentElement.dataset.live === "on"`)
	b.Do(chromedp.Navigate(address))
	b.Until(`document.body.innerText.includes("` + label + `") && document.body.innerText.includes("K2")`)
}

func enterAddress(c *demo.Country, name string) string {
	return "http://" + c.PublicName(c.PeopleAddress(name)) + "/enter"
}

// virtualKey gives the browser an authenticator that keeps passkeys and verifies its user.
func virtualKey(b *browser.Tab) webauthn.AuthenticatorID {
	b.Helper()
	if _, err := chromedp.Call(b.Context, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		b.Fatal(err)
	}
	made, err := chromedp.Call(b.Context, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2,
			Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true,
			AutomaticPresenceSimulation: true}})
	if err != nil {
		b.Fatal(err)
	}
	return made.AuthenticatorID
}

// learnt waits until a post knows the officer's passkey from another's log.
func learnt(t *testing.T, c *demo.Country, name string, o roster.Officer) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !c.Node(name).HasPasskey(o); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s does not learn the passkey", name)
		}
	}
}

// inPage signs in as a script in the sign-in page could try to; WHAT gives the node's answers or what the browser refused.
const inPage = `(async () => {
	const { base64url, bytesOf } = await import(document.querySelector("script[src$='enter.js']").src.replace("enter.js", "signin.js"));
	const utf8 = (t) => new TextEncoder().encode(t);
	const post = async (path, fields) => (await fetch(path, { method: "POST", body: new URLSearchParams(fields) })).json();
	const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
	const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
	const sign = async (userVerification) => {
		const { nonce, booth, party } = await post("/enter/nonce", { booth: "K2" });
		const challenge = await crypto.subtle.digest("SHA-256",
			await new Blob([utf8("tims/shift/1\n"), bytesOf(nonce), utf8(booth), raw]).arrayBuffer());
		const { rawId, response } = await navigator.credentials.get({ publicKey: { challenge, rpId: party, userVerification } });
		return { booth, nonce, key: base64url(raw), officer: base64url(response.userHandle), credential: base64url(rawId),
			client: base64url(response.clientDataJSON), authenticator: base64url(response.authenticatorData), signature: base64url(response.signature) };
	};
	const opened = (a) => a.shift ? "open" : a.error;
	const enter = async (fields) => opened(await post("/enter", fields));
	try {
		WHAT
	} catch (e) {
		return e.name;
	}
})()`

// refusedInBrowser: no user verification, another booth, a replay, and an address that is not the country's.
func refusedInBrowser(b *browser.Tab, key webauthn.AuthenticatorID) {
	b.Helper()
	try := func(what string) string {
		b.Helper()
		said, err := chromedp.Run(b.Context, chromedp.Evaluate[string](strings.Replace(inPage, "WHAT", what, 1), chromedp.EvalAwaitPromise))
		if err != nil {
			b.Fatal(err)
		}
		return said
	}
	verified := func(is bool) {
		b.Helper()
		if _, err := chromedp.Call(b.Context, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: key, IsUserVerified: is}); err != nil {
			b.Fatal(err)
		}
	}
	verified(false)
	if said := try(`return await enter(await sign("discouraged"))`); !strings.Contains(said, "without fingerprint") {
		b.Errorf("no user verification: %q", said)
	}
	if said := try(`return await enter(await sign("required"))`); said != "NotAllowedError" {
		b.Errorf("the browser lets nobody through who is not verified: %q", said)
	}
	verified(true)
	if said := try(`return await enter({ ...await sign("required"), booth: "K3" })`); !strings.Contains(said, "does not fit") {
		b.Errorf("another booth: %q", said)
	}
	if said := try(`const f = await sign("required"); return await enter(f) + " then " + await enter(f)`); !strings.HasPrefix(said, "open then ") ||
		!strings.Contains(said, "used already") {
		b.Errorf("a replay: %q", said)
	}
	here, err := chromedp.Run(b.Context, chromedp.Evaluate[string](`location.port`))
	if err != nil {
		b.Fatal(err)
	}
	b.Do(chromedp.Navigate("http://evil.localhost:" + here + "/enter?lang=en"))
	b.Until(`document.querySelector("script[src$='enter.js']") !== null`)
	if said := try(`return await enter(await sign("required"))`); said != "SecurityError" && !strings.Contains(said, "own name") {
		b.Errorf("at another address: %q", said)
	}
}
