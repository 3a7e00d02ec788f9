// The pages that open a shift and that open its session again.
"use strict";
(async () => {
  const form = document.getElementById("enter"), back = document.getElementById("resume");
  const show = (id) => { for (const el of document.querySelectorAll("[data-shown]")) el.hidden = el.dataset.shown !== id; };
  const signin = await import("./signin.js").catch(() => null);
  if (!signin?.usable()) {
    show("unusable");
    return;
  }
  if (form) {
    if (form.dataset.forget !== undefined) await signin.forget();
    const button = form.querySelector("button"), fault = document.getElementById("fault");
    button.disabled = false;
    if (!form.querySelector("[autofocus]")) button.focus();
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      button.disabled = true;
      show("none");
      let answer = {};
      try {
        answer = await signin.enter(form.elements.code.value, form.elements.booth.value);
      } catch {}
      if (answer.ok) {
        location.replace(answer.home);
        return;
      }
      fault.textContent = answer.error ?? fault.dataset.unreachable;
      show("fault");
      document.getElementById("code-field").hidden = false; // one from a link may have to be replaced
      button.disabled = false;
      button.focus();
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
