// Says so when a passkey could not be used or made: by itself, the script of the sign-in library only tells the console.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelector("[data-passkey-failed]").hidden = false;
});
