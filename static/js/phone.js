// On every page of “Mon portrait”: says what still waits on this phone, sends it, keeps the pages for when there is no connection,
// and forgets everything when the person leaves. autosave.js and photo.js hold the words and the photo of their page.
import { forget, open } from "./store.js";
import { CONFLICT, PEN, SAVED, SIGNED_OUT, Sender } from "./sending.js";

const AGAIN = 15_000;
const part = document.querySelector("[data-phone]");
const say = part?.dataset ?? {};

export const store = part ? await open(say.person) : undefined;
export const sender = store && new Sender(store, say.person, say.status);
export const sentences = say;

const fill = (sentence, values) => sentence.replace(/\{(\w)\}/g, (_all, name) => values[name]);

const copyButton = (words) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = say.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(words).catch(() => {});
    button.textContent = say.copied;
  });
  return button;
};

const dropButton = (item) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = say.drop;
  button.addEventListener("click", async () => {
    await store.drop(item.path);
    show();
  });
  return button;
};

// One thing that needs the person: words that were not taken can be read, copied and put away; all else is decided on its page.
const troubled = (item) => {
  const { kind, sentence } = item.trouble;
  const entry = document.createElement("li");
  entry.className = "stack-small";
  const line = document.createElement("p");
  const name = document.createElement(kind === PEN ? "strong" : "a");
  if (kind !== PEN) name.href = item.path;
  name.textContent = item.label;
  line.append(name, ` – ${kind === CONFLICT ? say.conflict : kind === PEN ? (item.trouble.gone ?? say.pen) : sentence}`);
  entry.append(line);
  if (kind === PEN) {
    if (item.words) {
      const words = document.createElement("blockquote");
      words.className = "serif";
      words.textContent = item.words;
      entry.append(words, copyButton(item.words));
    }
    entry.append(" ", dropButton(item));
  }
  return entry;
};

// `outcome`: what the last sending came to.
export const show = async (outcome) => {
  const items = await store.all();
  const elsewhere = items.filter((item) => item.path !== location.pathname);
  const troubles = elsewhere.filter((item) => item.trouble);
  const waiting = elsewhere.length - troubles.length;
  const box = part.querySelector("[data-phone-box]");
  box.hidden = !elsewhere.length;
  const why = outcome === SIGNED_OUT ? say.waitingSignedOut : waiting === 1 ? say.waitingOne : say.waitingMany;
  box.querySelector("[data-phone-waiting]").textContent = waiting ? fill(why, { n: waiting }) : "";
  box.querySelector("[data-phone-sign-in]").hidden = outcome !== SIGNED_OUT || !waiting;
  box.querySelector("[data-phone-troubles]").replaceChildren(...troubles.map(troubled));
  for (const entry of document.querySelectorAll("[data-part-of-form]")) {
    const badge = entry.querySelector("[data-on-phone]");
    const item = items.find((kept) => kept.path === entry.getAttribute("href"));
    badge.hidden = !item;
    for (const other of entry.querySelectorAll(".badge")) if (other.parentElement !== badge) other.hidden = Boolean(item);
  }
  return items;
};

const listeners = [];
// Called after each sending with what it came to.
export const afterSending = (listener) => listeners.push(listener);

let timer;
export const sendAll = async () => {
  clearTimeout(timer);
  const outcome = await sender.flush();
  const items = await show(outcome);
  for (const listener of listeners) await listener(outcome);
  if (items.some((item) => !item.trouble)) timer = setTimeout(sendAll, AGAIN);
  return outcome;
};

const keepPages = async () => {
  if (!navigator.serviceWorker) return;
  if (say.worker) {
    await navigator.serviceWorker.register(say.worker, { scope: "/", updateViaCache: "none" });
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ keep: say.pages.split(" ").filter(Boolean) });
  } else if (say.isOff !== undefined) {
    for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
    for (const name of await caches.keys()) if (name.startsWith("form-")) await caches.delete(name);
  }
};

const leave = async (event) => {
  event.preventDefault();
  const form = event.target;
  await Promise.race([sendAll(), new Promise((wait) => setTimeout(wait, 5000))]);
  const items = await store.all();
  if (items.length && !window.confirm(fill(say.leaving, { n: items.length }))) return;
  await forget();
  form.submit();
};

if (store) {
  for (const form of document.querySelectorAll(`form[action="${say.wayOut}"]`)) form.addEventListener("submit", leave);
  window.addEventListener("online", sendAll);
  document.addEventListener("visibilitychange", () => document.hidden || sendAll());
  await show();
  // The page of handing in shows what the school has: what was just sent belongs on it.
  if (say.isShown !== undefined) afterSending((outcome) => outcome === SAVED && location.reload());
  setTimeout(sendAll);
}
keepPages().catch(() => {});
