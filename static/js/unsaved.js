// Leaving a page with unsaved words asks first; sending the form itself does not.
for (const form of document.querySelectorAll("[data-guard-unsaved]")) {
  let isUnsaved = form.querySelector(".form-errors") !== null;
  form.addEventListener("input", () => {
    isUnsaved = true;
  });
  form.addEventListener("submit", () => {
    isUnsaved = false;
  });
  // Kept as a working copy (studio_keep.js): it is there again when one comes back.
  form.addEventListener("kept", () => {
    isUnsaved = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isUnsaved) event.preventDefault();
  });
}
