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

// enter makes a new key, opens a shift with it and gives {ok, home} or {ok: false, error}. Each shift has a key of its own:
// what was signed in one officer's shift can never be taken for another's. An answer that is lost on its way leaves a shift
// that nobody can sign for; the officer asks for another link.
export async function enter(code, booth) {
  const pair = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  const key = base64url(await crypto.subtle.exportKey("raw", pair.publicKey));
  const answer = await post("/enter", { code, booth, key });
  if (answer.ok) await inStore("readwrite", (s) => s.put({ shift: answer.shift, key: pair.privateKey }, name));
  return answer;
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
