// What is being taken down turns green by itself: the part of the page that is marked is read again until nothing moves
// in it. Somebody who is ticking, typing or reading in there is not disturbed. Without this script one reloads the page.
const EVERY = 4000;
const inUse = (part) =>
  part.contains(document.activeElement) || part.querySelector("details[open], input:checked") !== null;

const look = async (part) => {
  if (inUse(part)) return again(part);
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    if (!fresh || inUse(part)) return again(part);
    part.replaceWith(fresh);
    again(fresh);
  } catch {
    // Offline for a moment: the next round asks again.
    again(part);
  }
};

const again = (part) => {
  if ("watch" in part.dataset) setTimeout(look, EVERY, part);
};

document.querySelectorAll("[data-watch]").forEach(again);
