// Remarks without leaving the page: words that are selected in the text become the passage of a new one, a remark shows its
// passage in the text, and what is sent comes back as the list. Without this script one copies the words, and the page reloads.
const place = document.querySelector("[data-remarks]");
const FIELDS = ["title", "quote", "text", "alt_text"];
const asked = document.querySelector("[data-on-selection]");
let selected = null;

// The server counts characters, the browser UTF-16 units.
const characters = (text) => [...text].length;
const units = (text, count) => [...text].slice(0, count).join("").length;

const look = () => {
  const field = document.activeElement;
  if (!asked || !FIELDS.includes(field?.name) || !field.closest("[data-keep]")) return;
  const { selectionStart: start, selectionEnd: end, value } = field;
  const words = value.slice(start, end).trim();
  asked.hidden = !words;
  if (!words) return;
  selected = { name: field.name, words, near: characters(value.slice(0, start)) };
  // Beside the field that the words are in.
  const holder = field.closest(".field");
  if (holder.nextElementSibling !== asked) holder.after(asked);
};

const begin = () => {
  const sheet = place.querySelector("[data-new-remark]");
  const { place: about, passage, near, remark } = sheet.querySelector("form").elements;
  sheet.open = true;
  about.value = selected.name;
  passage.value = selected.words;
  near.value = selected.near;
  remark.focus();
};

const select = (button) => {
  const field = document.getElementById(button.dataset.select);
  if (!field) return;
  const { passage } = button.dataset;
  const near = units(field.value, Number(button.dataset.start));
  // Where it stands in what is typed now, which may differ from what is saved.
  const start = field.value.startsWith(passage, near) ? near : field.value.indexOf(passage);
  field.focus();
  if (start >= 0) field.setSelectionRange(start, start + passage.length);
};

const reveal = () => {
  for (const button of place.querySelectorAll("[data-select]")) button.hidden = !document.getElementById(button.dataset.select);
};

const send = async (event) => {
  const form = event.target;
  event.preventDefault();
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form, event.submitter)),
      headers: { "X-Requested-With": "fetch" },
      redirect: "manual",
    });
    if (![200, 422].includes(answer.status)) throw new Error(answer.status);
    // Escaped by the server.
    place.innerHTML = await answer.text();
    reveal();
    const next = place.querySelector(".form-errors, [aria-invalid=true]") ?? place.querySelector("h2");
    next.tabIndex = next.tabIndex < 0 ? -1 : next.tabIndex;
    next.focus();
  } catch {
    // The page itself says what is wrong: signed out, gone, offline.
    form.submit();
  }
};

if (place) {
  document.addEventListener("selectionchange", look);
  for (const name of FIELDS) document.querySelector(`[data-keep] [name=${name}]`)?.addEventListener("select", look);
  asked?.querySelector("button").addEventListener("click", begin);
  place.addEventListener("submit", send);
  place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-select]");
    if (button) select(button);
  });
  reveal();
}
