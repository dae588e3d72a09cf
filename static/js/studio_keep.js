// Keeps what is typed in the studio as a working copy, every couple of seconds and on leaving: no version, nothing is voided.
// The answer says what there is to say about the words. Without this script the button saves, and nothing is kept before.
const PAUSE = 2000;
const FIELDS = ["title", "quote", "text", "alt_text"];
const form = document.querySelector("[data-keep]");

const say = (note, words) => {
  if (note.textContent !== words) note.textContent = words;
};

// Escaped by the server. What has not changed is not replaced: whoever reads there is not disturbed.
const fill = (place, html) => {
  if (!place || html === undefined || place.dataset.last === html) return;
  place.dataset.last = html;
  place.innerHTML = html;
};

const keep = () => {
  const note = form.querySelector("[data-kept]");
  const words = () => JSON.stringify(FIELDS.map((name) => form.elements[name].value));
  let kept = "typed" in form.dataset ? null : words();
  let running = Promise.resolve();
  let onItsWay = new AbortController();
  let isLeaving = false;
  let pause;

  const show = (answer) => {
    fill(document.querySelector("[data-hints]"), answer.hints);
    fill(document.querySelector("[data-comparison]"), answer.comparison);
    if (answer.newer) fill(document.querySelector("[data-newer]"), answer.newer);
  };

  const post = async () => {
    const typed = words();
    const { signal } = (onItsWay = new AbortController());
    try {
      const answer = await fetch(form.dataset.keep, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        redirect: "manual",
        keepalive: true,
        signal,
      });
      if (answer.type === "opaqueredirect") return say(note, note.dataset.signedOut);
      const told = await answer.json();
      say(note, told.note);
      if (!answer.ok) return;
      kept = typed;
      show(told);
      // Kept words need no question on leaving.
      if (words() === kept) form.dispatchEvent(new Event("kept"));
    } catch {
      if (!signal.aborted) say(note, note.dataset.lost);
    }
  };

  // One after the other, so that the last words are the ones that stay.
  const send = () => {
    clearTimeout(pause);
    running = running.then(() => (isLeaving || words() === kept ? undefined : post()));
    return running;
  };

  // A closing page does not wait for an answer: the last words go at once, in place of those before them.
  const leave = () => {
    if (isLeaving || words() === kept) return;
    clearTimeout(pause);
    onItsWay.abort();
    running = post();
  };

  form.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(send, PAUSE);
  });
  // What is still on its way must not arrive after the version that it became.
  form.addEventListener("submit", async (event) => {
    if (isLeaving) return;
    event.preventDefault();
    isLeaving = true;
    clearTimeout(pause);
    await running;
    setTimeout(() => form.requestSubmit(event.submitter));
  });
  document.addEventListener("visibilitychange", () => document.hidden && send());
  window.addEventListener("pagehide", leave);
  window.addEventListener("online", send);
  window.addEventListener("pageshow", () => {
    isLeaving = false;
  });
  if (kept === null) send();
};

// A proposal goes into its field as if it had been typed.
const offerWords = (button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.fill);
    field.value = button.dataset.words;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
};

if (form) keep();
document.querySelectorAll("[data-fill]").forEach(offerWords);
