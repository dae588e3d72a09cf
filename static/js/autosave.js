// Saves an answer while one types, and says so. The buttons save too: without this script nothing is lost.
// Words that could not be saved (no connection, signed out) stay in this tab, and are there again on this page.
const PAUSE = 1200;

for (const form of document.querySelectorAll("[data-autosave]")) {
  const field = form.querySelector("textarea");
  const note = form.querySelector("[data-saved-note]");
  const drawer = `answer:${location.pathname}`;
  let saved = form.querySelector(".form-errors") ? null : field.value;
  let running = Promise.resolve(true);
  let isLeaving = false;
  let pause;

  const keep = () => {
    if (field.value === saved) sessionStorage.removeItem(drawer);
    else sessionStorage.setItem(drawer, field.value);
  };

  // True if the server answered, whatever it said.
  const post = async (words) => {
    try {
      const answer = await fetch(location.href, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Requested-With": "autosave" },
        redirect: "manual",
        keepalive: true,
      });
      if (answer.status === 204) {
        saved = words;
        note.textContent = field.value === saved ? form.dataset.saved : "";
      } else if (answer.type === "opaqueredirect") note.textContent = form.dataset.signedOut;
      else note.textContent = answer.status === 422 ? await answer.text() : form.dataset.unsaved;
      return true;
    } catch {
      note.textContent = form.dataset.unsaved;
      return false;
    } finally {
      keep();
    }
  };

  // One after the other, so that the last words are the ones that stay.
  const send = () => {
    clearTimeout(pause);
    running = running.then(() => field.value === saved || post(field.value));
    return running;
  };

  const typed = () => {
    note.textContent = "";
    keep();
    clearTimeout(pause);
    pause = setTimeout(send, PAUSE);
  };

  field.addEventListener("input", typed);
  form.addEventListener("submit", async (event) => {
    if (isLeaving) return;
    event.preventDefault();
    note.textContent = form.dataset.saving;
    if (!(await send())) return;
    isLeaving = true;
    // Not within the event itself: a form ignores a second submission while it announces the first.
    setTimeout(() => form.requestSubmit(event.submitter));
  });
  document.addEventListener("visibilitychange", () => document.hidden && send());
  window.addEventListener("online", send);
  window.addEventListener("pageshow", () => {
    isLeaving = false;
  });

  const left = sessionStorage.getItem(drawer);
  if (left !== null && left !== field.value) {
    field.value = left;
    typed();
    note.textContent = form.dataset.restored;
  }
}
