// Waiting times count on between two news of the stream: data-waited is how long it was, in ms, when the node said it. An open
// dossier is asked for anew when a colleague took the traveller, agreed or answered; where something is typed it only says so.
import { main, send, waits } from "./deed.js";

const said = new WeakMap();
const two = (n) => String(n).padStart(2, "0");
let asked = "";

function clock(ms) {
  const s = Math.floor(ms / 1000), minutes = Math.floor(s / 60);
  return s < 3600 ? `${minutes}:${two(s % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

function tick(el) {
  const waited = Number(el.dataset.waited);
  if (said.get(el)?.waited !== waited) said.set(el, { waited, at: performance.now() });
  const text = clock(waited + performance.now() - said.get(el).at);
  if (el.textContent !== text) el.textContent = text;
}

const typed = () => main.querySelector("#notes")?.value ||
  [...main.querySelectorAll("[name=hit]")].some((hit) => hit.checked !== hit.defaultChecked);

function news() {
  const shown = main.querySelector("[data-second]"), row = shown && document.getElementById("second-" + shown.dataset.second);
  if (!row || waits() || row.dataset.state === shown.dataset.state) return;
  if (typed()) {
    document.getElementById("second-news").hidden = false;
  } else if (asked !== row.dataset.state) {
    asked = row.dataset.state;
    send(location.pathname);
  }
}

// Escape leaves the notes before it leaves the traveller.
main.addEventListener("keydown", (e) => {
  if (e.key !== "Escape" || !e.target.matches("#notes") || !e.target.value) return;
  e.preventDefault();
  main.querySelector("h1[tabindex]").focus();
});

setInterval(() => {
  document.querySelectorAll("[data-waited]").forEach(tick);
  news();
}, 250);
