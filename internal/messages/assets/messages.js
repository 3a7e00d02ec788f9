// Messages with script. Acknowledging changes the strip alone, so that what is typed beside a traveller stays; the counter
// counts; ticking a node means that it is chosen. Everything is sent without it too.
import { ask } from "./deed.js";
import { base64url, bytesOf, current, sign } from "./signin.js";

let busy = false;

// The same two steps as deed.js, in its headers; the answer is the strip as it is now.
async function acknowledge(form) {
  const fields = new URLSearchParams(new FormData(form)), address = form.getAttribute("action"), strip = { "Tims-Strip": "1" };
  const open = await current().catch(() => undefined);
  if (open) {
    const response = await ask(address, fields, { ...strip, "Tims-Sign": "prepare" });
    if (!response.ok || !response.headers.get("Content-Type")?.startsWith("application/json")) throw new Error("refused");
    const { acts, shift } = await response.json();
    if (shift === open.shift) {
      for (const { act, message } of acts) {
        fields.append("signature", act + ":" + (message ? base64url(await sign(bytesOf(message))) : ""));
      }
      strip["Tims-Sign"] = "commit";
    }
  }
  const response = await ask(address, fields, strip);
  if (!response.ok) throw new Error("refused");
  return response.text();
}

// Before deed.js, which would put the answer in the place of the page.
document.addEventListener("submit", async (e) => {
  const form = e.target;
  if (!form.matches("#notices .message-read")) return;
  e.preventDefault();
  if (busy) return;
  busy = true;
  const before = document.activeElement?.closest("#notices") ? undefined : document.activeElement;
  try {
    const html = await acknowledge(form);
    document.getElementById("notices").innerHTML = html;
    (before?.isConnected ? before : document.getElementById("main")).focus?.({ preventScroll: true });
  } catch {
    form.querySelector(".message-failed").hidden = false; // the same act may be sent again
  } finally {
    busy = false;
  }
}, true);

// The key that acknowledges leaves the cursor where it was: frame.js moves the focus to the button it presses.
document.addEventListener("keydown", (e) => {
  const key = e.altKey && !e.ctrlKey && e.key.toLowerCase() === "m";
  const el = key && [...document.querySelectorAll('#notices [data-key="Alt+m"]')].find((x) => x.checkVisibility());
  if (!el || e.repeat) return;
  e.preventDefault();
  e.stopPropagation();
  el.click();
}, true);

// What was unfolded stays so when the stream brings the strip again.
let unfolded = "";
document.addEventListener("toggle", (e) => {
  const strip = e.target.matches?.(".message-text") && e.target.closest("section")?.id;
  if (strip && e.target.open) unfolded = strip;
  else if (strip && strip === unfolded) e.target.open = true;
}, true);

document.addEventListener("input", (e) => {
  const count = document.querySelector(`[data-count="${CSS.escape(e.target.id || "-")}"]`);
  if (count) count.textContent = [...e.target.value].length;
  if (e.target.matches(".message-nodes input") && e.target.checked) e.target.form.elements.whom.value = "some";
});
