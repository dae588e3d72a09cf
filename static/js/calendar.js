// A post is taken to another day with the mouse; the page that opens says what that voids and asks for the time. “Move” does the same without.
const table = document.querySelector("[data-calendar]");
const days = table.querySelectorAll("[data-day]");
let taken = null;

for (const post of document.querySelectorAll("[data-move]")) {
  post.draggable = true;
  post.addEventListener("dragstart", (event) => {
    taken = post;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", post.dataset.move);
    table.classList.add("moving");
  });
  post.addEventListener("dragend", () => {
    taken = null;
    table.classList.remove("moving");
    for (const day of days) day.classList.remove("over");
  });
}

for (const day of days) {
  day.addEventListener("dragover", (event) => {
    if (!taken || day.contains(taken)) return;
    event.preventDefault();
    day.classList.add("over");
  });
  day.addEventListener("dragleave", (event) => {
    if (!day.contains(event.relatedTarget)) day.classList.remove("over");
  });
  day.addEventListener("drop", (event) => {
    if (!taken) return;
    event.preventDefault();
    location.assign(`${taken.dataset.move}&day=${day.dataset.day}`);
  });
}
