// The booth key of the open shift: made here, kept in this browser, never taken out of it. ES module; Web Cryptography needs
// https or localhost.

const store = "shift", name = "open";

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function database() {
  const request = indexedDB.open("tims", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(store);
  return done(request);
}

async function inStore(mode, act) {
  const db = await database();
  try {
    const transaction = db.transaction(store, mode);
    const ended = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    const result = await done(act(transaction.objectStore(store)));
    await ended;
    return result;
  } finally {
    db.close();
  }
}

const algorithm = { name: "ECDSA", namedCurve: "P-256" };

export const usable = () => Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);

export const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

export const bytesOf = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

// current gives {shift, key} of the shift opened in this browser, or undefined.
export const current = () => inStore("readonly", (s) => s.get(name));

// boothKey gives the private CryptoKey of the open shift, or undefined.
export const boothKey = async () => (await current())?.key;

// forget throws the key away: nobody can sign for the ended shift again.
export const forget = () => inStore("readwrite", (s) => s.delete(name));

// sign gives the ECDSA P-256 signature with SHA-256 over the bytes, r ‖ s, 64 bytes.
export async function sign(bytes) {
  const key = await boothKey();
  if (!key) throw new Error("no shift is open in this browser");
  return new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, bytes));
}

async function post(address, fields) {
  const response = await fetch(address, { method: "POST", body: new URLSearchParams(fields), redirect: "error" });
  const answer = response.headers.get("Content-Type")?.startsWith("application/json") ? await response.json() : {};
  return { ok: response.ok, ...answer };
}

// passkeys says whether this browser can use passkeys at this address.
export const passkeys = () => Boolean(globalThis.PublicKeyCredential && navigator.credentials?.get);

const utf8 = (text) => new TextEncoder().encode(text);

async function digest(...pieces) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(pieces).arrayBuffer()));
}

// ask lets the officer's passkey sign the challenge, with fingerprint, face or PIN.
async function ask({ nonce, booth, party }, key) {
  const challenge = await digest(utf8("tims/shift/1\n"), bytesOf(nonce), utf8(booth), bytesOf(key));
  const { rawId, response } = await navigator.credentials.get({ publicKey: { challenge, rpId: party, userVerification: "required" } });
  return { officer: base64url(response.userHandle ?? []), credential: base64url(rawId), client: base64url(response.clientDataJSON),
    authenticator: base64url(response.authenticatorData), signature: base64url(response.signature) };
}

// enter makes a new key, lets the officer's passkey sign it, opens a shift with it and gives {ok, home} or {ok: false, error}.
// Each shift has a key of its own: what was signed in one officer's shift can never be taken for another's. An answer that is
// lost on its way leaves a shift that nobody can sign for; the officer signs in again. In the demonstration a label in
// `officer` lets its passkey in software sign instead.
export async function enter(booth, officer) {
  const pair = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  const key = base64url(await crypto.subtle.exportKey("raw", pair.publicKey));
  const begun = await post("/enter/nonce", { booth });
  if (!begun.ok) return begun;
  const signed = officer === undefined ? await ask(begun, key)
    : await post("/demo/passkey", { officer, booth: begun.booth, nonce: begun.nonce, key });
  if (signed.ok === false) return signed;
  const answer = await post("/enter", { ...signed, booth: begun.booth, nonce: begun.nonce, key });
  if (answer.ok) await inStore("readwrite", (s) => s.put({ shift: answer.shift, key: pair.privateKey }, name));
  return answer;
}

// enrol makes the passkey of the officer whose one-time code it is, and gives {ok, said} or {ok: false, error}.
export async function enrol(code) {
  const o = await post("/enrol/options", { code });
  if (!o.ok) return o;
  const challenge = await digest(utf8("tims/passkey/1\n"), bytesOf(o.nonce), bytesOf(o.officer));
  const { rawId, response } = await navigator.credentials.create({ publicKey: {
    challenge, rp: { id: o.party, name: "TIMS" }, user: { id: bytesOf(o.officer), name: o.label, displayName: o.label },
    pubKeyCredParams: o.algorithms.map((alg) => ({ type: "public-key", alg })), attestation: "none",
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" } } });
  return post("/enrol", { code, nonce: o.nonce, credential: base64url(rawId), client: base64url(response.clientDataJSON),
    attestation: base64url(response.attestationObject) });
}

// resume opens the session of this browser's shift again, and gives true, or false where there is none to open.
export async function resume() {
  const open = await current();
  if (!open) return false;
  const { ok, challenge } = await post("/resume/challenge", {});
  if (!ok) return false;
  const label = new TextEncoder().encode("tims/resume/1\n"), asked = bytesOf(challenge);
  const message = new Uint8Array([...label, ...asked]);
  const signature = base64url(await sign(message));
  return (await post("/resume", { shift: open.shift, challenge, signature })).ok;
}
