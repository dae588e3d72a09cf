// One question. What is typed or dictated is kept on this phone at once, then sent; the field is never rewritten while one is at it.
// Without this script the buttons save, as in any form.
import { afterSending, sendAll, sentences as say, show, store } from "./phone.js";
import { CONFLICT, PEN, REFUSED, SAVED, SIGNED_OUT } from "./sending.js";

const KEEP = 300;
const PAUSE = 1200;
const PATIENCE = 3000;
const path = location.pathname;
const form = document.querySelector("[data-autosave]");
const field = form?.querySelector("textarea");

const wait = (time) => new Promise((answer) => setTimeout(answer, time));

class Answer {
  constructor() {
    this.note = form.querySelector("[data-saved-note]");
    this.conflict = form.querySelector("section[data-conflict]");
    this.read = form.elements.read.value;
    this.saved = form.querySelector(".form-errors") ? null : field.defaultValue;
    this.isTouched = field.value !== field.defaultValue;
  }

  // What is newest: words that wait here, what the school had last time, or what stands on the page.
  async begin() {
    const [item, known] = await Promise.all([store.waiting(path), store.known(path)]);
    if (item) {
      this.read = form.elements.read.value = item.read;
      this.saved = null;
      // Typed before this script was there: after the words that waited.
      if (this.isTouched && field.value.startsWith(field.defaultValue)) field.value = item.words + field.value.slice(field.defaultValue.length);
      this.write(item.words);
      if (item.trouble?.kind === CONFLICT) this.ask(item.trouble);
      this.tell(item.trouble?.kind === PEN ? PEN : undefined, item);
    } else if (known && known.read > this.read && this.saved !== null) {
      this.read = form.elements.read.value = known.read;
      this.saved = known.text;
      this.write(known.text);
    } else if (this.saved !== null) await store.know(path, this.saved, this.read);
  }

  write(words) {
    if (this.isTouched || field.value === words) return;
    field.value = words;
    // For the counter.
    this.isWriting = true;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    this.isWriting = false;
  }

  async keep() {
    clearTimeout(this.soon);
    if (field.value === this.saved) return;
    const now = await store.waiting(path);
    if (now?.words === field.value && !now.trouble) return;
    const trouble = now?.trouble?.kind === CONFLICT ? now.trouble : undefined;
    await store.keep({ path, label: form.dataset.label, words: field.value, read: now?.read ?? this.read, stamp: crypto.getRandomValues(new Uint32Array(2)).join(), trouble });
    this.saved = null;
  }

  async send() {
    clearTimeout(this.pause);
    await this.keep();
    return sendAll();
  }

  typed() {
    this.isTouched = true;
    this.note.textContent = "";
    clearTimeout(this.soon);
    clearTimeout(this.pause);
    this.soon = setTimeout(() => this.keep(), KEEP);
    this.pause = setTimeout(() => this.send(), PAUSE);
  }

  // After a sending: what became of this answer.
  async sent(outcome) {
    const [item, known] = await Promise.all([store.waiting(path), store.known(path)]);
    if (item?.trouble?.kind === CONFLICT) this.ask(item.trouble);
    if (!item && known && known.text === field.value.trim()) {
      this.saved = field.value;
      this.read = form.elements.read.value = known.read;
    }
    this.tell(outcome, item);
  }

  tell(outcome, item) {
    const trouble = item?.trouble;
    let words = "";
    if (trouble?.kind === REFUSED) words = trouble.sentence;
    else if (trouble?.kind === PEN) words = trouble.gone ?? say.penHere;
    else if (trouble) words = "";
    else if (item) words = outcome === SIGNED_OUT ? say.hereSignedOut : say.here;
    else if (field.value === this.saved && this.isTouched) words = say.saved;
    if (this.note.textContent !== words) this.note.textContent = words;
    this.note.classList.toggle("waits", Boolean(item));
    form.querySelector("[data-sign-in]").hidden = !(item && outcome === SIGNED_OUT);
    form.querySelector("button[data-copy]").hidden = trouble?.kind !== PEN;
  }

  // Both texts are before their eyes; nothing is sent until one is chosen.
  ask({ text, read }) {
    this.other = { text, read };
    this.conflict.querySelector("[data-other]").textContent = text;
    this.conflict.hidden = false;
  }

  async settle(choice) {
    const { text, read } = this.other ?? { text: this.conflict.querySelector("[data-other]").textContent, read: form.elements.read.value };
    if (choice === "theirs") field.value = text;
    if (choice === "both") field.value = `${text}\n\n${field.value}`;
    this.conflict.hidden = true;
    this.isTouched = true;
    this.saved = null;
    this.read = form.elements.read.value = read;
    await store.drop(path);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
    await this.send();
  }

  // On to the next page once the school has the words; or once this phone has them, if the next page can be shown without.
  async goOn(submitter) {
    if (!this.conflict.hidden) return this.conflict.querySelector("button").focus();
    const to = submitter?.value === "back" ? form.dataset.before : form.dataset.after;
    this.note.textContent = say.saving;
    await this.keep();
    const outcome = await Promise.race([this.send(), wait(PATIENCE)]);
    const item = await store.waiting(path);
    if (item?.trouble?.kind === REFUSED) return this.submit(submitter);
    if (item?.trouble || outcome === SIGNED_OUT) return undefined;
    if (!item || (await this.canOpen(to))) location.assign(to);
    else this.tell(outcome, item);
    return undefined;
  }

  async canOpen(to) {
    return navigator.serviceWorker?.controller && (await caches.match(to)) !== undefined;
  }

  // The server says on the page what is wrong, beside the field.
  submit(submitter) {
    this.isLeaving = true;
    form.requestSubmit(submitter);
  }
}

if (form && store) {
  const answer = new Answer();
  field.addEventListener("input", () => answer.isWriting || answer.typed());
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.shiftKey || field.enterKeyHint !== "next") return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button.primary"));
  });
  form.addEventListener("submit", (event) => {
    if (answer.isLeaving) return;
    event.preventDefault();
    answer.goOn(event.submitter);
  });
  for (const button of answer.conflict.querySelectorAll("[data-choose]")) button.addEventListener("click", () => answer.settle(button.dataset.choose));
  form.querySelector("button[data-copy]").addEventListener("click", () => navigator.clipboard.writeText(field.value).catch(() => {}));
  for (const moment of ["visibilitychange", "pagehide"]) document.addEventListener(moment, () => document.hidden && answer.send());
  window.addEventListener("pageshow", () => {
    answer.isLeaving = false;
  });
  afterSending((outcome) => answer.sent(outcome));
  await answer.begin();
  if (answer.isTouched) answer.typed();
  await show();
}
form?.dispatchEvent(new Event("ready"));
