// The booth with script: a reader's burst is caught wherever the focus is, pages are swapped without a reload, decisions
// are signed by the booth key, and a lost answer is shown as what it is. Every page reads and every decision is sent
// without it.
"use strict";
(() => {
  const patience = 14000; // ms for an answer; the node gives up on a commit before (commitFor)
  const main = document.getElementById("main");
  const find = (selector) => main.querySelector(selector);
  const pending = "tims-act"; // in sessionStorage: the act without an answer, gone with its receipt or with the tab
  let busy = false;

  // The booth key: the module of the sign-in keeps it, signs with it and opens a lost session again by it.
  const signin = import("./signin.js");
  signin.catch(() => {}); // said where it is needed: acts are then recorded by the node
  const openShift = () => signin.then((s) => s.current()).catch(() => undefined);
  const resume = () => signin.then((s) => s.resume()).catch(() => false);
  const newAct = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

  // Asking. An answer that does not come is an error here, never a guess.
  const ask = (address, fields) => fetch(address, {
    method: fields ? "POST" : "GET", body: fields, signal: AbortSignal.timeout(patience), headers: { "Tims-Script": "1" },
  });

  async function show(response) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById("main");
    if (!fresh) throw new Error("no page");
    main.replaceChildren(...fresh.childNodes);
    document.title = page.title;
    const help = document.querySelector(".helpline"), next = page.querySelector(".helpline");
    if (help && next) help.replaceWith(next);
    else if (help) help.remove();
    else if (next) main.after(next);
    for (const part of [".nav", "#states"]) {
      const now = document.querySelector(part), then = page.querySelector(part);
      if (now && then) now.replaceWith(then);
    }
    const path = new URL(response.url).pathname;
    if (response.redirected || /^\/($|open$|check\/|receipt\/)/.test(path)) history.replaceState(null, "", path);
    main.dispatchEvent(new CustomEvent("tims:page"));
  }

  // A page that was swapped in gets the focus where a loaded one has it by itself.
  main.addEventListener("tims:page", () => {
    window.scrollTo(0, 0);
    const wrong = find("[aria-invalid]");
    if (wrong) wrong.focus();
    else (find("[autofocus]") ?? main).focus({ preventScroll: true });
    refreshFlags();
  });

  // A session that ended is opened again by the booth key, unseen, and the same is asked once more.
  async function signedIn(attempt) {
    const response = await attempt();
    return response.status === 401 && await resume() ? attempt() : response;
  }

  const arrive = (response) => response.status === 401 ? location.assign("/resume") : show(response);

  async function send(address, fields) {
    if (busy) return;
    busy = true;
    document.body.classList.add("busy");
    try {
      await arrive(await signedIn(() => ask(address, fields)));
    } catch {
      lost();
    } finally {
      busy = false;
      document.body.classList.remove("busy");
    }
  }

  // A page that could not be had: nothing was decided by it, so the officer stays where he is and is told.
  function lost() {
    if (find(".lost")) return;
    const note = document.getElementById("unreachable")?.content.cloneNode(true);
    if (note) main.prepend(note);
  }

  // Decisions. The act is kept until its answer is certain: with the same act the same thing is never recorded twice.
  async function decide(fields) {
    if (busy) return;
    busy = true;
    document.body.classList.add("busy");
    sessionStorage.setItem(pending, fields.toString());
    try {
      const response = await signedIn(() => attempt(fields));
      await arrive(response);
      if (response.status !== 401 && response.status < 500) sessionStorage.removeItem(pending);
    } catch {
      unknown();
    } finally {
      busy = false;
      document.body.classList.remove("busy");
    }
  }

  async function attempt(fields) {
    const open = await openShift(), shift = find("#post")?.dataset.shift;
    if (!open || shift && open.shift !== shift) return ask("/decide", fields);
    const prepared = await ask("/prepare", fields);
    if (!prepared.headers.get("Content-Type")?.startsWith("application/json")) return prepared;
    const { message, receipt } = await prepared.json();
    if (receipt) return ask(receipt);
    const signed = new URLSearchParams(fields), { base64url, bytesOf, sign } = await signin;
    signed.set("signature", base64url(await sign(bytesOf(message))));
    return ask("/commit", signed);
  }

  function unknown() {
    const page = document.getElementById("unknown")?.content.cloneNode(true);
    if (!page) { location.assign("/"); return; }
    const fields = new URLSearchParams(sessionStorage.getItem(pending) ?? "");
    fields.set("again", "1");
    const form = page.querySelector("form");
    for (const [name, value] of fields) {
      const input = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      form.prepend(input);
    }
    const kept = [document.getElementById("unknown"), document.getElementById("unreachable"), find("#post")].filter(Boolean);
    main.replaceChildren(page, ...kept);
    document.querySelector(".helpline")?.replaceChildren();
    window.scrollTo(0, 0);
    find(".shout button").focus();
  }

  // Forms.
  document.addEventListener("submit", (e) => {
    const form = e.target, button = e.submitter;
    if (form.method !== "post" || form.matches(".prefs")) return;
    if (button?.matches("[data-leave]")) { sessionStorage.removeItem(pending); return; } // the page that follows forgets the key
    e.preventDefault();
    const address = button?.getAttribute("formaction") ?? form.getAttribute("action");
    const fields = new URLSearchParams(new FormData(form, button));
    if (address === "/decide") decide(fields);
    else send(address, fields);
  });

  document.addEventListener("click", (e) => {
    const link = e.target.closest("main a[href], .nav a[href]");
    const button = e.target.closest("button");
    if (!button?.matches("[data-confirm]")) disarm();
    if (link?.matches("[data-next]") && find("#refusal[open]")) {
      e.preventDefault();
      find("#refusal").open = false;
      find("#verdict").focus();
    } else if (link && !e.ctrlKey && !e.shiftKey && !e.metaKey) {
      e.preventDefault(); // without a reload no key of the next burst is lost
      if (link.matches("[data-giveup]")) sessionStorage.removeItem(pending);
      send(link.getAttribute("href"));
    } else if (button?.matches("[data-confirm]") && !armed(button)) {
      e.preventDefault();
    } else if (button?.value === "refuse" && !groundChosen()) {
      e.preventDefault();
    }
  });

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

  document.addEventListener("change", (e) => {
    if (e.target.matches("[data-apply]")) e.target.form.querySelector("[formaction]").click();
  });
  document.addEventListener("toggle", (e) => {
    if (e.target.id === "hand" && e.target.open) (e.target.querySelector("[aria-invalid]") ?? e.target.querySelector("input")).focus();
  }, true);

  // Keys that only move the focus.
  document.addEventListener("keydown", (e) => {
    const field = !e.defaultPrevented && e.key.length > 1 && find(`[data-focus="${CSS.escape(e.key)}"]`);
    if (field) {
      e.preventDefault();
      field.focus();
      field.select?.();
    }
  });

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

  document.addEventListener("paste", (e) => {
    const text = e.clipboardData?.getData("text") ?? "";
    if (text.replace(/\s/g, "").length < 60 || !/[<«;>|]/.test(text) || e.target.id === "notes") return;
    e.preventDefault();
    read(text);
  });

  // A document begins a check under an act of its own, from whatever page.
  function read(text) {
    if (find(".shout")) return; // an act is without its answer: that comes first
    const form = find("#scan"), fields = new URLSearchParams(form ? new FormData(form) : undefined);
    if (form) form.elements.zone.value = text;
    fields.set("zone", text);
    fields.set("act", newAct());
    send("/scan", fields);
  }

  document.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.isComposing || e.ctrlKey) return;
    if (e.target.id === "zone" && zoneLengths.includes(e.target.value.replace(/\s/g, "").length)) {
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

  refreshFlags();
  if (sessionStorage.getItem(pending) && !find(".shout")) unknown();
})();
