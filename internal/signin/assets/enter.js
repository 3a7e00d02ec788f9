// The pages that open a shift, make a passkey, and open a shift's session again.
"use strict";
(async () => {
  const form = document.getElementById("enter"), first = document.getElementById("enrol"), back = document.getElementById("resume");
  const show = (id) => { for (const el of document.querySelectorAll("[data-shown]")) el.hidden = el.dataset.shown !== id; };
  const signin = await import("./signin.js").catch(() => null);
  if (!signin?.usable()) {
    show("unusable");
    return;
  }
  const fault = document.getElementById("fault");

  // said gives the sentence for what went wrong: the node's own, or one for what the browser refused.
  const said = (answer, trouble) => answer?.error ??
    { NotAllowedError: fault.dataset.cancelled, SecurityError: fault.dataset.place, InvalidStateError: fault.dataset.cancelled }[trouble?.name] ??
    fault.dataset.unreachable;

  // act runs one press of a form and shows what came of it.
  const act = async (button, work, done) => {
    button.disabled = true;
    show("none");
    let answer, trouble;
    try {
      answer = await work();
    } catch (e) {
      trouble = e;
    }
    if (answer?.ok) return done(answer);
    fault.textContent = said(answer, trouble);
    show("fault");
    button.disabled = false;
    button.focus();
  };

  if (form) {
    if (form.dataset.forget !== undefined) await signin.forget();
    const able = signin.passkeys();
    if (!able) show("nopasskeys");
    for (const b of document.querySelectorAll("#enter button, #enrol button")) b.disabled = b.value !== "software" && !able;
    document.querySelector("[data-begin]")?.focus();
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      const button = e.submitter ?? form.querySelector("button"), officer = button.value === "software" ? form.elements.officer.value : undefined;
      act(button, () => signin.enter(form.elements.booth.value, officer), (answer) => location.replace(answer.home));
    });
    first.addEventListener("submit", (e) => {
      e.preventDefault();
      act(first.querySelector("button"), () => signin.enrol(first.elements.code.value), (answer) => {
        document.getElementById("made").textContent = answer.said;
        show("made");
        first.closest("section").hidden = true;
        history.replaceState(null, "", "/enter"); // the code is used up
        form.querySelector("button[value=passkey]").focus();
      });
    });
  }
  if (back) {
    let open = false;
    try {
      open = await signin.resume();
    } catch {}
    if (open) location.replace(back.dataset.to);
    else {
      show("closed");
      back.querySelector("[data-shown=closed] a").focus();
    }
  }
})();
