// Choosing “another day” in the calendar ticks “another day” among the answers. Without this script one ticks it oneself.
for (const form of document.querySelectorAll("[data-until]")) {
  const another = form.querySelector("[name=until][value=another]");
  form.querySelector("[name=day]").addEventListener("input", () => {
    another.checked = true;
  });
}
