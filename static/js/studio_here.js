// While the studio is open: says so to the others, hears who else is here and whether another version was saved meanwhile.
// Without this script one is not announced; a text that was saved meanwhile is shown when one saves.
const EVERY = 15_000;
const SOON = 1500;
const part = document.querySelector("[data-together]");
const form = document.querySelector("[data-keep]");
let typedAt = -Infinity;
let beat;

const told = () => {
  const body = new URLSearchParams({ csrfmiddlewaretoken: document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "" });
  if (form) body.set("version", form.elements.version.value);
  if (performance.now() - typedAt < EVERY) body.set("typing", "1");
  return body;
};

const fill = (place, html) => {
  if (!place || place.dataset.last === html) return;
  place.dataset.last = html;
  place.innerHTML = html;
};

const ask = async () => {
  clearTimeout(beat);
  beat = setTimeout(ask, EVERY);
  if (document.hidden) return;
  try {
    const answer = await fetch(part.dataset.together, { method: "POST", body: told(), redirect: "manual" });
    if (!answer.ok) return;
    // Escaped by the server.
    const { here, newer } = await answer.json();
    fill(part, here);
    if (newer) fill(document.querySelector("[data-newer]"), newer);
  } catch {
    // Offline for a moment: the next beat asks again.
  }
};

if (part) {
  ask();
  form?.addEventListener("input", () => {
    const isNews = performance.now() - typedAt > EVERY;
    typedAt = performance.now();
    if (!isNews) return;
    clearTimeout(beat);
    beat = setTimeout(ask, SOON);
  });
  document.addEventListener("visibilitychange", () => !document.hidden && ask());
  window.addEventListener("pagehide", () => {
    const body = told();
    body.set("leaving", "1");
    navigator.sendBeacon(part.dataset.together, body);
  });
}
