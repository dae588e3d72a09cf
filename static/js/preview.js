// Folds the previews of posts where the network would; “…see more” shows the rest. Without this script all of it is
// shown, and a mark says where the fold is. The text may be replaced at any time: what is unfolded stays so.
document.documentElement.classList.add("folds");
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-unfold]");
  if (!button) return;
  const words = button.closest(".words");
  words.classList.add("unfolded");
  words.tabIndex = -1;
  words.focus({ preventScroll: true });
});
