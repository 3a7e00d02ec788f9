// Every page of a station with script: pages are exchanged without a reload, so that no key of the next document is lost; a
// form marked data-deed is signed by the booth key, act by act; and a lost answer is shown as what it is: not known. Every page
// reads and every form is sent without it. The protocol is in deed.go.
//
// A face's module imports what it needs: import { main, send, deed } from "./deed.js". It hears of each new page by the event
// "tims:page" on main. A form or button with data-plain is left to the browser; a link with data-giveup drops the act that has
// no answer; a button with a formaction asks for a page and is no deed, unless it has data-deed itself.
import { base64url, bytesOf, current, resume, sign } from "./signin.js";

export const main = document.getElementById("main");
export const find = (selector) => main.querySelector(selector);
export const newAct = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

const patience = 14000; // ms for an answer; the node gives up on a commit before (commitFor)
const pending = "tims-act"; // in sessionStorage: {address, fields} of the form without an answer, gone with it or with the tab
let busy = false;

// waits says that an act has no answer yet: nobody is served before it has.
export const waits = () => find(".shout") !== null;

// Asking. An answer that does not come is an error here, never a guess.
export const ask = (address, fields, headers = {}) => fetch(address, {
  method: fields ? "POST" : "GET", body: fields, signal: AbortSignal.timeout(patience),
  headers: { "Tims-Script": "1", Accept: "text/html", ...headers },
});

// A session that ended is opened again by the booth key, unseen, and the same is asked once more.
async function signedIn(attempt) {
  const response = await attempt();
  const lost = response.status === 401 || response.redirected && new URL(response.url).pathname === "/resume";
  return lost && await resume().catch(() => false) ? attempt() : response;
}

const parts = (page) => [...page.querySelectorAll("head script[type=module]")].map((s) => s.getAttribute("src")).join() +
  page.getElementById("stream")?.getAttribute("hx-sse:connect");

async function show(response, got) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById("main"), address = new URL(response.url);
  if (!fresh) throw new Error("no page");
  if (parts(page) !== parts(document)) { // another face, with scripts and a stream of its own
    if (got || response.redirected) return location.assign(address);
  }
  main.replaceChildren(...fresh.childNodes);
  document.title = page.title;
  const help = document.querySelector(".helpline"), next = page.querySelector(".helpline");
  if (help && next) help.replaceWith(next);
  else if (help) help.remove();
  else if (next) main.after(next);
  for (const part of [".nav", "#states", "#notices"]) {
    const now = document.querySelector(part), then = page.querySelector(part);
    if (now && then) now.replaceWith(then);
  }
  if (got || response.redirected) history.replaceState(null, "", address.pathname + address.search);
  main.dispatchEvent(new CustomEvent("tims:page", { bubbles: true }));
}

// A page that was exchanged gets the focus where a loaded one has it by itself.
main.addEventListener("tims:page", () => {
  window.scrollTo(0, 0);
  const wrong = find("[aria-invalid]");
  if (wrong) wrong.focus();
  else (find("[autofocus]") ?? main).focus({ preventScroll: true });
});

const arrive = (response, got) => response.status === 401 ? location.assign("/resume?to=" + encodeURIComponent(location.pathname)) : show(response, got);

async function alone(work, failed) {
  if (busy) return;
  busy = true;
  document.body.classList.add("busy");
  try {
    await work();
  } catch {
    failed();
  } finally {
    busy = false;
    document.body.classList.remove("busy");
  }
}

// send asks for a page, or posts a form that is no deed, and shows the answer.
export const send = (address, fields) => alone(async () => arrive(await signedIn(() => ask(address, fields)), !fields), lost);

// A page that could not be had: nothing was decided by it, so the officer stays where he is and is told.
function lost() {
  if (find(".lost")) return;
  const note = document.getElementById("unreachable")?.content.cloneNode(true);
  if (note) main.prepend(note);
}

// deed posts a form that becomes records. It is kept until its answer is certain: with the same act the same thing is never
// recorded twice.
export const deed = (address, fields) => alone(async () => {
  sessionStorage.setItem(pending, JSON.stringify({ address, fields: fields.toString() }));
  const response = await signedIn(() => attempt(address, fields));
  await arrive(response, false);
  if (response.status !== 401 && response.status < 500) settle();
}, unknown);

export const settle = () => sessionStorage.removeItem(pending);

// attempt signs each act with the booth key. Without one in this browser, or where the page is of another shift, the node
// records them by itself, and says so.
async function attempt(address, fields) {
  const open = await current().catch(() => undefined);
  if (!open) return ask(address, fields);
  const prepared = await ask(address, fields, { "Tims-Sign": "prepare" });
  if (!prepared.headers.get("Content-Type")?.startsWith("application/json")) return prepared;
  const { acts, shift } = await prepared.json();
  if (shift !== open.shift) return ask(address, fields);
  const signed = new URLSearchParams(fields);
  for (const { act, message } of acts) {
    signed.append("signature", act + ":" + (message ? base64url(await sign(bytesOf(message))) : ""));
  }
  return ask(address, signed, { "Tims-Sign": "commit" });
}

function unknown() {
  const page = document.getElementById("unknown")?.content.cloneNode(true);
  const { address, fields } = JSON.parse(sessionStorage.getItem(pending) ?? "{}");
  if (!page || !address) return location.assign("/");
  const form = page.querySelector("form"), kept = new URLSearchParams(fields);
  form.action = address;
  kept.set("again", "1");
  for (const [name, value] of kept) {
    form.prepend(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  main.replaceChildren(page);
  document.querySelector(".helpline")?.replaceChildren();
  window.scrollTo(0, 0);
  find(".shout button").focus();
}

document.addEventListener("submit", (e) => {
  const form = e.target, button = e.submitter;
  if (form.method !== "post" || form.matches(".prefs") || e.defaultPrevented) return;
  if (form.matches("[data-plain]") || button?.matches("[data-plain]")) { settle(); return; }
  e.preventDefault();
  const address = button?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.pathname;
  const fields = new URLSearchParams(new FormData(form, button));
  if (form.matches("[data-deed]") && !button?.hasAttribute("formaction") || button?.matches("[data-deed]")) deed(address, fields);
  else send(address, fields);
});

document.addEventListener("click", (e) => {
  const link = e.target.closest("main a[href], .nav a[href], #notices a[href]");
  if (!link || e.defaultPrevented || e.ctrlKey || e.shiftKey || e.metaKey || link.matches("[download], [target], [data-plain]")) return;
  e.preventDefault(); // without a reload no key of the next burst is lost
  if (link.matches("[data-giveup]")) settle();
  send(link.getAttribute("href"));
});

// Keys that only move the focus: data-focus="F6".
document.addEventListener("keydown", (e) => {
  const field = !e.defaultPrevented && e.key.length > 1 && find(`[data-focus="${CSS.escape(e.key)}"]`);
  if (field) {
    e.preventDefault();
    field.focus();
    field.select?.();
  }
});

// A field that changes what the page works out: data-apply presses the form's button with an address of its own.
document.addEventListener("change", (e) => {
  if (e.target.matches("[data-apply]")) e.target.form.querySelector("[formaction]").click();
});

if (sessionStorage.getItem(pending) && !waits()) unknown();
