// Typing sheets with the keyboard alone: Enter moves on, dates are said in words while they are typed, a reader's zone fills the
// fields. Every field is sent without it too, and Enter then saves.
import { find, main } from "./deed.js";

let moved = false; // by the Enter that is still down: it does nothing where the cursor has come to

const fields = (form) => [...form.querySelectorAll(".sheet-grid input, .sheet-grid select, #save")].filter((el) => el.checkVisibility());

document.addEventListener("keydown", (e) => {
  if (e.key !== "Enter" || e.isComposing || e.ctrlKey || e.altKey || !e.target.matches("#keying input, #keying select")) return;
  e.preventDefault();
  e.stopPropagation();
  const all = fields(e.target.form), wrong = all.filter((el) => el.matches("[aria-invalid]"));
  // Fields that are marked are keyed one after another; the last of them leads to the button.
  const row = wrong.includes(e.target) ? [...wrong, find("#save")] : all;
  const next = row[row.indexOf(e.target) + (e.shiftKey ? -1 : 1)];
  next?.focus();
  next?.select?.();
  moved = true;
}, true);
document.addEventListener("keypress", (e) => { if (moved && e.key === "Enter") { e.preventDefault(); e.stopPropagation(); } }, true);
document.addEventListener("keyup", () => { moved = false; }, true);

// A date in the ways that ParseDay takes: year first or day first, with or without something between.
function day(text) {
  let parts = text.trim().split(/[./\s-]+/);
  if (/^\d{8}$/.test(text.trim())) {
    const t = text.trim(), year = [t.slice(0, 4), t.slice(4, 6), t.slice(6)];
    parts = Number(year[1]) <= 12 && Number(year[0]) >= 1900 ? year : [t.slice(0, 2), t.slice(2, 4), t.slice(4)];
  }
  if (parts.length !== 3) return null;
  if (parts[0].length === 4) parts.reverse();
  const [d, m, y] = parts.map((p) => /^\d+$/.test(p) ? Number(p) : /^\?+$/.test(p) ? 0 : NaN);
  const at = new Date(Date.UTC(y || 2000, (m || 1) - 1, d || 1));
  if ([d, m, y].some(Number.isNaN) || parts[2].length !== 4 || m > 12 || d && at.getUTCDate() !== d) return null;
  return { d, m, y, at };
}

function echo(field) {
  const out = document.getElementById(field.id + "-echo");
  if (!out?.matches("output")) return;
  const read = day(field.value), months = field.form.dataset.months.split(" ");
  out.textContent = !read ? "" : `${read.d || "?"}\u00a0${read.m ? months[read.m - 1] : "?"}\u00a0${read.y || "????"}`;
}

let pause = 0;
document.addEventListener("input", (e) => {
  if (e.target.matches("#keying [data-day]")) echo(e.target);
  if (e.target.id !== "zone") return;
  clearTimeout(pause); // a reader pauses between two lines
  pause = setTimeout(() => {
    const zone = find("#zone");
    if (zone && [72, 88, 90].includes(zone.value.replace(/\s/g, "").length)) find("[data-zone]").click();
  }, 250);
});

// The cursor stands where the next thing is typed, with what is kept marked, so that typing replaces it.
main.addEventListener("tims:page", () => { if (document.activeElement?.matches("#keying input")) document.activeElement.select(); });
