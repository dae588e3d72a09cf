// What cannot wait for the other scripts of a question. On a touch screen its field has the focus from the first moment, with the
// cursor after the last word: no tap is needed. Its label is the page's heading, so that a screen reader says the question.
// A button pressed before autosave.js is there is remembered for it: sent as any form is, without a connection, the words would be lost.
const PATIENCE = 5000;
const form = document.querySelector("[data-autosave]");
const field = form?.querySelector("textarea");

if (form) {
  if (window.matchMedia("(pointer: coarse)").matches && !form.querySelector(".form-errors")) {
    field.focus({ preventScroll: true });
    field.setSelectionRange(field.value.length, field.value.length);
  }
  const remember = (event) => {
    event.preventDefault();
    form.early = event.submitter;
  };
  const release = () => {
    form.removeEventListener("submit", remember);
    if (form.early) form.requestSubmit(form.early);
    form.early = undefined;
  };
  form.addEventListener("submit", remember);
  form.addEventListener("ready", release, { once: true });
  setTimeout(release, PATIENCE);
}
