// Copies a message that is ready to send. Without this script one selects the text in its field.
for (const field of document.querySelectorAll("[data-copy]")) {
  const actions = document.querySelector("[data-copy-actions]");
  actions.hidden = false;
  actions.querySelector("[data-copy-button]").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // No right to the clipboard (an old browser, plain http): the old way copies what is selected.
      field.select();
      document.execCommand("copy");
    }
    actions.querySelector("[data-copied]").textContent = field.dataset.copy;
  });
}
