// Saves an answer while one types, and says so. The button saves too: without this script nothing is lost.
const form = document.querySelector("[data-autosave-form]");

if (form) {
  const field = form.querySelector("[data-autosave]");
  const note = form.querySelector("[data-saved-note]");
  let saved = field.value;
  let pause;

  const save = async () => {
    const words = field.value;
    if (words === saved) return;
    try {
      const answer = await fetch(form.action || location.href, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Requested-With": "autosave" },
        redirect: "manual",
      });
      if (answer.status === 204) {
        saved = words;
        note.textContent = form.dataset.saved;
      } else {
        note.textContent = answer.status === 422 ? await answer.text() : form.dataset.unsaved;
      }
    } catch {
      note.textContent = form.dataset.unsaved;
    }
  };

  field.addEventListener("input", () => {
    note.textContent = "";
    clearTimeout(pause);
    pause = setTimeout(save, 1200);
  });
  document.addEventListener("visibilitychange", () => document.hidden && save());
}
