// What the frame does with script: keys, the live link, plots. Every page reads
// and every form is sent without it.
"use strict";
(() => {
  const root = document.documentElement;

  // Keys. An element with data-key="F2" (or "Alt+a", "Enter", "n") is pressed by
  // that key. A letter without a modifier waits for 80 ms of silence on both
  // sides, so that a document reader, which types a zone in one burst, presses
  // nothing; and it does nothing while someone writes in a field.
  const quiet = 80;
  let last = -Infinity, waiting = 0;
  const writes = (el) => el.matches?.("input:not([type=checkbox],[type=radio]), select, textarea, [contenteditable]");
  const name = (e) => (e.ctrlKey ? "Ctrl+" : "") + (e.altKey ? "Alt+" : "") +
    (e.key.length === 1 ? e.key.toLowerCase() : e.key);
  const wearer = (key) => [...document.querySelectorAll("[data-key]")].find((el) =>
    el.dataset.key.split(" ").some((k) => (k.length === 1 ? k.toLowerCase() : k) === key) &&
    !el.disabled && el.checkVisibility());
  const press = (el) => { el.focus({ preventScroll: true }); el.click(); };

  document.addEventListener("keydown", (e) => {
    const before = e.timeStamp - last;
    last = e.timeStamp;
    clearTimeout(waiting);
    if (e.defaultPrevented || e.repeat || e.isComposing) return;
    const key = name(e), el = wearer(key);
    if (!el) return;
    if (key.length > 1 && key !== "Enter") {
      e.preventDefault();
      press(el);
    } else if (!writes(e.target) && before > quiet && !(key === "Enter" && e.target.matches("a, button, summary"))) {
      e.preventDefault();
      waiting = setTimeout(() => { if (el.isConnected) press(el); }, quiet);
    }
  });

  // Language, theme and volume come back to the page that is shown, which may have been exchanged since the frame was loaded.
  document.addEventListener("submit", (e) => {
    if (!e.target.matches(".prefs")) return;
    const now = new URL(location);
    now.searchParams.delete("lang"); // which would go before the choice
    e.target.elements.back.value = now.pathname + now.search;
  }, true);

  // The live link. The page says by itself when what it shows may be old.
  const live = (state) => { if (root.dataset.live) root.dataset.live = state; };
  const stream = document.getElementById("stream");
  if (stream) {
    let retry = 0;
    const again = () => {
      live("off");
      clearTimeout(retry);
      retry = setTimeout(() => stream.dispatchEvent(new CustomEvent("tims:retry")), 3000);
    };
    document.addEventListener("htmx:sse:after:connection", () => { clearTimeout(retry); live("on"); });
    document.addEventListener("htmx:sse:before:connection", (e) => { if (e.detail.connection.attempt > 0) live("off"); });
    document.addEventListener("htmx:sse:error", () => live("off"));
    document.addEventListener("htmx:sse:close", again);
    stream.addEventListener("htmx:error", again);
    stream.addEventListener("htmx:response:error", again);
  }

  // Plots. <div class="plot-box" data-plot="rates"> holds what is read without
  // script, and <script type="application/json"> with {x: [s since 1970], series:
  // [{name, values}], unit}. A named event "rates" of the stream brings a newer one.
  const css = (name) => {
    const probe = document.createElement("i");
    probe.className = name;
    document.body.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  };
  const plots = new Map();
  function draw(box, data) {
    plots.get(box)?.destroy();
    const axis = { stroke: css("ink-soft"), grid: { stroke: css("ink-line"), width: 1 }, ticks: { show: false }, font: "12px Plex, sans-serif" };
    const lines = data.series.map((s, i) => ({
      label: s.name, stroke: css("ink-s" + (i + 1)), width: 2, dash: [[], [6, 4], [2, 3], [10, 3, 2, 3]][i % 4], points: { show: false },
    }));
    box.replaceChildren();
    plots.set(box, new uPlot({
      width: box.clientWidth, height: 190, series: [{ value: "{HH}:{mm}:{ss}" }, ...lines],
      axes: [{ ...axis, space: 90, size: 32, values: data.x.at(-1) - data.x[0] < 1200 ? "{HH}:{mm}:{ss}" : "{HH}:{mm}" }, { ...axis, size: 44 }], cursor: { drag: { setScale: false } },
      tzDate: box.dataset.zone ? (s) => uPlot.tzDate(new Date(s * 1000), box.dataset.zone) : undefined,
      scales: { y: { range: (u, lo, hi) => [0, Math.max(1, hi * 1.1)] } },
    }, [data.x, ...data.series.map((s) => s.values)], box));
  }
  function plotAll() {
    for (const box of document.querySelectorAll("[data-plot]")) {
      const first = box.querySelector("script[type='application/json']");
      if (!first || plots.has(box)) continue;
      let data = JSON.parse(first.textContent);
      draw(box, data);
      document.addEventListener(box.dataset.plot, (e) => { data = JSON.parse(e.detail.data); draw(box, data); });
      new ResizeObserver(() => plots.get(box)?.setSize({ width: box.clientWidth, height: 190 })).observe(box);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(box, data));
    }
  }
  // A canvas takes the font it finds: the page's must be there first.
  if (window.uPlot) document.fonts.load("12px Plex").finally(plotAll);
})();
