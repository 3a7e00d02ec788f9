package stationtest

import (
	"encoding/base64"
	"strconv"

	"github.com/chromedp/chromedp"

	"tims/internal/browser"
	"tims/internal/node"
)

// newKey makes a booth key in the page and gives its public half; open puts it where signin.js keeps it and opens the session.
const (
	newKey = `crypto.subtle.generateKey({name: "ECDSA", namedCurve: "P-256"}, false, ["sign", "verify"]).then(async (pair) => {
	globalThis.boothPair = pair;
	return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))));
})`
	open = `(async (shift) => {
	const asked = indexedDB.open("tims", 1);
	asked.onupgradeneeded = () => asked.result.createObjectStore("shift");
	const db = await new Promise((resolve, reject) => { asked.onsuccess = () => resolve(asked.result); asked.onerror = () => reject(asked.error); });
	const put = db.transaction("shift", "readwrite").objectStore("shift").put({ shift, key: globalThis.boothPair.privateKey }, "open");
	await new Promise((resolve, reject) => { put.onsuccess = resolve; put.onerror = () => reject(put.error); });
	db.close();
	return "open";
})`
)

// EnterTab opens a shift of an officer in a real browser: the booth key is made in it, and the page /resume opens the session.
// The tab is at path afterwards. How an officer signs in by his passkey is the test of package signin.
func (c *Country) EnterTab(b *browser.Tab, label, booth, path string) *node.Shift {
	c.Helper()
	b.Do(chromedp.Navigate(c.URL + "/enter"))
	text, err := chromedp.Run(b.Context, chromedp.Evaluate[string](newKey, chromedp.EvalAwaitPromise))
	if err != nil {
		c.Fatal(err)
	}
	point, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		c.Fatal(err)
	}
	s, err := c.Post.StartShift(c.Context(), c.Officer(label), booth, point)
	if err != nil {
		c.Fatal(err)
	}
	put := open + `("` + strconv.FormatUint(s.Ref.Index, 10) + `")`
	if _, err := chromedp.Run(b.Context, chromedp.Evaluate[string](put, chromedp.EvalAwaitPromise)); err != nil {
		c.Fatal(err)
	}
	b.Do(chromedp.Navigate(c.URL + path))
	b.Until(`location.pathname === "` + path + `" && document.getElementById("notices") !== null`)
	return s
}
