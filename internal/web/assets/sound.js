// Sounds that an officer tells apart with closed eyes. Content that arrives with data-sound="hit", "done" or "flash" is heard
// once; with an id it is heard once for that id. <html data-volume> is the reader's choice: off, low or full. Nothing sounds
// before the first key or click on a page: browsers forbid it, and nobody would know where it came from.
"use strict";
(() => {
  // [frequency in Hz, begin and length in s] of each tone, and its wave.
  const sounds = {
    hit: { wave: "square", tones: [[880, 0, 0.2], [440, 0.22, 0.34]] }, // two, falling
    done: { wave: "sine", tones: [[660, 0, 0.07], [990, 0.06, 0.13]] }, // one, short, rising
    flash: { wave: "triangle", tones: [[1320, 0, 0.08], [1320, 0.14, 0.08], [1320, 0.28, 0.08], [1320, 0.42, 0.08]] }, // four knocks
  };
  const gains = { low: 0.07, full: 0.25 };
  const heard = new Set();
  let context;

  function play(name) {
    const sound = sounds[name], gain = gains[document.documentElement.dataset.volume];
    document.documentElement.dataset.sounded = name; // what was last called for, for the eye of a test
    if (!sound || !gain || !navigator.userActivation?.hasBeenActive || !window.AudioContext) return;
    context ??= new AudioContext();
    context.resume().then(() => sound.tones.forEach(([hertz, from, length]) => tone(sound.wave, gain, hertz, context.currentTime + from, length)), () => {});
  }

  // Each tone swells and fades in a hundredth of a second: a square edge is a crack in a loudspeaker.
  function tone(wave, gain, hertz, at, length) {
    const voice = context.createOscillator(), loud = context.createGain();
    voice.type = wave;
    voice.frequency.value = hertz;
    loud.gain.setValueAtTime(0, at);
    loud.gain.linearRampToValueAtTime(wave === "square" ? gain / 2 : gain, at + 0.01);
    loud.gain.setValueAtTime(wave === "square" ? gain / 2 : gain, at + length - 0.01);
    loud.gain.linearRampToValueAtTime(0, at + length);
    voice.connect(loud).connect(context.destination);
    voice.start(at);
    voice.stop(at + length);
  }

  // Of several at once the loudest cause is heard: a hit before a flash before a done.
  function listen(roots) {
    const found = new Set();
    for (const root of roots) {
      if (root.nodeType !== Node.ELEMENT_NODE) continue;
      for (const el of [root, ...root.querySelectorAll("[data-sound]")]) {
        if (!el.dataset?.sound || el.id && heard.has(el.id)) continue;
        if (el.id) heard.add(el.id);
        found.add(el.dataset.sound);
      }
    }
    const name = ["hit", "flash", "done"].find((n) => found.has(n));
    if (name) play(name);
  }

  new MutationObserver((changes) => listen(changes.flatMap((c) => [...c.addedNodes])))
    .observe(document.body, { childList: true, subtree: true });
  listen([document.body]);
})();
