package browser

import (
	"context"

	"github.com/chromedp/chromedp"
)

// An Authenticator stands in for a security key that is built into the machine: CTAP 2, with discoverable credentials, and a
// user who is always there. It belongs to its tab and keeps its credentials over navigation, to other origins too.
type Authenticator struct {
	tab *Tab
	id  string
}

// Authenticator gives the tab a virtual authenticator that verifies its user (the WebAuthn domain of the DevTools protocol).
// Pages must be on https or on localhost.
func (b *Tab) Authenticator() *Authenticator {
	b.Helper()
	b.call("WebAuthn.enable", struct{}{}, nil)
	var made struct {
		AuthenticatorID string `json:"authenticatorId"`
	}
	b.call("WebAuthn.addVirtualAuthenticator", map[string]any{"options": map[string]any{"protocol": "ctap2", "transport": "internal",
		"hasResidentKey": true, "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true}}, &made)
	return &Authenticator{b, made.AuthenticatorID}
}

// Verifies says whether the next ceremonies succeed in verifying the user.
func (a *Authenticator) Verifies(yes bool) {
	a.tab.Helper()
	a.tab.call("WebAuthn.setUserVerified", map[string]any{"authenticatorId": a.id, "isUserVerified": yes}, nil)
}

// Unverified makes the authenticator answer without the flag of user verification, as a wrong one would.
func (a *Authenticator) Unverified(yes bool) {
	a.tab.Helper()
	a.tab.call("WebAuthn.setResponseOverrideBits", map[string]any{"authenticatorId": a.id, "isBadUV": yes}, nil)
}

// Credentials is how many credentials the authenticator holds.
func (a *Authenticator) Credentials() int {
	a.tab.Helper()
	var held struct {
		Credentials []struct{} `json:"credentials"`
	}
	a.tab.call("WebAuthn.getCredentials", map[string]any{"authenticatorId": a.id}, &held)
	return len(held.Credentials)
}

// Remove takes the authenticator away, with all it holds.
func (a *Authenticator) Remove() {
	a.tab.Helper()
	a.tab.call("WebAuthn.removeVirtualAuthenticator", map[string]any{"authenticatorId": a.id}, nil)
}

// call sends a command of the DevTools protocol to the tab, or fails the test.
func (b *Tab) call(method string, params, result any) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context, actFor)
	defer cancel()
	_, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		return chromedp.Void{}, t.Call(ctx, method, params, result)
	})
	if err != nil {
		b.Fatalf("%s: %v", method, err)
	}
}
