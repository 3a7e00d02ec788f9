// The booth with script: a reader's burst is caught wherever the focus is, an admission in spite of a grave finding takes two
// presses, and a refusal shows its grounds first. Pages are exchanged and decisions signed by deed.js.
import { ask, find, main, newAct, send, waits } from "./deed.js";

// A plate without a kind is a car's, as the server takes it: the page says so at once.
document.addEventListener("input", (e) => {
  const kind = e.target.id === "plate" && find("#kind");
  if (kind && e.target.value.trim() && kind.value === "") kind.value = "car";
});

// Before deed.js follows a link or sends a form.
document.addEventListener("click", (e) => {
  const button = e.target.closest("button");
  if (!button?.matches("[data-confirm]")) disarm();
  if (button?.matches("[data-next]") && find("#refusal[open]")) {
    e.preventDefault();
    find("#refusal").open = false;
    find("#verdict").focus();
  } else if (button?.matches("[data-together]")) {
    takeAlong(button.form);
  } else if (button?.matches("[data-confirm]") && !armed(button)) {
    e.preventDefault();
  } else if (button?.value === "refuse" && find("#refusal") && !groundChosen()) {
    e.preventDefault();
  }
}, true);

// What stands on the page and was not sent yet goes with the decision on all: the vehicle, and notes, which forbid it.
const vehicle = ["plate", "country", "kind", "occupants"];
function takeAlong(form) {
  const typed = find("#act") ?? find("#scan");
  for (const name of [...vehicle, "notes"]) {
    if (typed?.elements[name]) form.elements[name].value = typed.elements[name].value;
  }
}

let disarm = () => {};

// An admission in spite of a grave finding takes two presses, apart enough not to be one that bounced.
function armed(button) {
  const form = button.form, at = Number(button.dataset.armed ?? 0);
  if (at && Date.now() - at > 300) { form.elements.confirm.value = "1"; return true; }
  if (at) return false;
  const text = button.querySelector("span"), said = text.textContent;
  button.dataset.armed = Date.now();
  button.classList.add("armed");
  text.textContent = button.dataset.confirm;
  const timer = setTimeout(() => disarm(), 6000);
  disarm = () => {
    clearTimeout(timer);
    delete button.dataset.armed;
    button.classList.remove("armed");
    text.textContent = said;
    disarm = () => {};
  };
  return false;
}

// The first press shows the grounds, the next one refuses by the chosen one.
function groundChosen() {
  const panel = find("#refusal");
  if (panel.open && panel.querySelector("input:checked")) return true;
  panel.open = true;
  (panel.querySelector("input:checked") ?? panel.querySelector("input")).focus();
  panel.scrollIntoView({ block: "nearest" });
  return false;
}

document.addEventListener("toggle", (e) => {
  if (e.target.id === "hand" && e.target.open) (e.target.querySelector("[aria-invalid]") ?? e.target.querySelector("input")).focus();
}, true);


// A reader types a zone as a keyboard, tens of characters a second, wherever the focus is. A run of keys is a burst if at
// least six came less than 50 ms apart on the average (slow readers send 30 keys a second, fast fingers 10); what its first
// keys did to a field is taken back, those before a stutter of a busy machine too. It ends with a pause, shorter where the
// length is that of a zone.
const gap = 120, fast = 50, least = 6, stutter = 300, zoneLengths = [72, 88, 90];
let run = null;
const quick = (r) => r.text.length > 1 && (r.last - r.first) / (r.text.length - 1) < fast;
const printable = (e) => e.key.length === 1 && !e.altKey && !e.metaKey && !(e.ctrlKey && !e.getModifierState("AltGraph"));
const lineEnd = (e) => e.key === "Enter" || e.key === "Tab" || e.ctrlKey && (e.key === "j" || e.key === "m");

window.addEventListener("keydown", (e) => {
  if (["Shift", "CapsLock", "AltGraph", "Control", "Alt"].includes(e.key)) return;
  const char = printable(e) ? e.key : lineEnd(e) ? "\n" : "";
  const since = run ? e.timeStamp - run.last : Infinity;
  if (!char) { if (run && !run.burst) run = null; return; }
  if (!run?.burst && since > gap) {
    if (char === "\n") { run = null; return; }
    const field = e.target.matches?.("input, textarea") ? e.target : null;
    const begun = since < stutter && run.field === field && (run.text.length === 1 || quick(run)) ? run : null;
    run = { carried: begun ? (quick(begun) ? begun.carried : "") + begun.text : "", text: "", first: e.timeStamp, burst: false, field, before: begun?.before ?? field?.value, timer: 0 };
  }
  run.text += char;
  run.last = e.timeStamp;
  if (!run.burst && run.text.length >= least && quick(run)) {
    run.burst = true;
    run.text = run.carried + run.text;
    if (run.field) run.field.value = run.before;
  }
  if (run.burst) {
    e.preventDefault();
    e.stopImmediatePropagation();
    clearTimeout(run.timer);
    run.timer = setTimeout(finish, zoneLengths.includes(run.text.replace(/\s/g, "").length) ? 60 : stutter);
  }
}, true);

// What a keyboard's key would do besides, such as pressing the button that has the focus.
for (const kind of ["keypress", "beforeinput"]) {
  window.addEventListener(kind, (e) => {
    if (!run?.burst) return;
    e.preventDefault();
    e.stopImmediatePropagation();
  }, true);
}

function finish() {
  const { text, field, timer } = run;
  clearTimeout(timer);
  run = null;
  const letters = text.replace(/\s/g, "");
  if (letters.length >= 28) read(text);
  else if (field?.isConnected) { // fast fingers, or a bar code: it belongs where it was typed
    field.setRangeText(text.replace(/\n/g, ""), field.selectionStart, field.selectionEnd, "end");
  }
}

// Esc leaves a field first, then the page: nobody leaves a party because a list of choices was open.
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape" || !e.target.matches("main :is(input, select, textarea):not(#zone, [type=radio])")) return;
  e.preventDefault();
  (find("#verdict") ?? find("#zone") ?? main).focus({ preventScroll: true });
}, true);

document.addEventListener("paste", (e) => {
  const text = e.clipboardData?.getData("text") ?? "";
  if (text.replace(/\s/g, "").length < 60 || !/[<«;>|]/.test(text) || e.target.id === "notes") return;
  e.preventDefault();
  read(text);
});

// A document begins a check under an act of its own, from whatever page.
function read(text) {
  if (waits()) return; // an act is without its answer: that comes first
  const form = find("#scan"), from = form ?? find("#act"); // what was typed for the member on the page is kept
  const fields = new URLSearchParams(from ? new FormData(from) : undefined);
  if (form) form.elements.zone.value = text;
  fields.set("zone", text);
  fields.set("act", newAct());
  send("/scan", fields);
}

// Whole lines of a zone that wants another: Enter begins it. Otherwise Enter in the field does as the button.
function wantsLine(text) {
  const lengths = text.trim().split("\n").map((l) => l.replace(/\s/g, "").length), one = lengths[0];
  return [30, 36, 44].includes(one) && lengths.every((l) => l === one) && lengths.length < (one === 30 ? 3 : 2);
}

document.addEventListener("keydown", (e) => {
  if (e.key !== "Enter" || e.isComposing || e.ctrlKey || e.shiftKey) return;
  if (e.target.id === "zone" && !wantsLine(e.target.value)) {
    e.preventDefault();
    read(e.target.value);
  } else if (e.target.matches("#hand input")) {
    e.preventDefault();
    find("[data-hand]").click();
  }
});

// A receipt's copies arrive after it: look again a few times.
async function refreshFlags() {
  const address = location.pathname;
  if (!find("[data-receipt]")) return;
  for (const wait of [1500, 3000, 6000]) {
    await new Promise((next) => setTimeout(next, wait));
    if (!find("[data-receipt]") || location.pathname !== address) return;
    const response = await ask(address).catch(() => null);
    const page = response?.ok && new DOMParser().parseFromString(await response.text(), "text/html");
    const flags = page && page.getElementById("flags");
    if (flags && location.pathname === address) find("#flags")?.replaceChildren(...flags.childNodes);
  }
}

// The member on the page stands in sight in the list of the party, which keeps its place and height.
function showMember() {
  const list = find(".members"), row = list?.querySelector("[aria-current]") ?? list?.querySelector("tr:last-child");
  if (row) list.scrollTop = row.offsetTop - (list.clientHeight - row.offsetHeight) / 2;
}

for (const work of [refreshFlags, showMember]) {
  main.addEventListener("tims:page", work);
  work();
}
