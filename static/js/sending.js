// Sends what waits on this phone, in order, one at a time, whichever of the form's pages is open.
// It asks first whose session this is, and says with each sending whose it is: nothing is saved in another person's name.
const TIMEOUT = 12_000;
const PHOTO_TIMEOUT = 120_000;
export const SAVED = "saved", OFFLINE = "offline", SIGNED_OUT = "signed-out", CONFLICT = "conflict", REFUSED = "refused", PEN = "pen", FAILED = "failed";

// Several tabs of one browser take turns.
const inTurn = (work) => (navigator.locks ? navigator.locks.request("mon-portrait", work) : work());

const body = (item, csrf) => {
  const data = new FormData();
  for (const [name, value] of Object.entries({ ...item.fields, whose: item.whose, read: item.read, csrfmiddlewaretoken: csrf })) data.set(name, value);
  if (item.words !== undefined) data.set("text", item.words);
  if (item.photo) data.set("photo", item.photo, item.photoName);
  return data;
};

export class Sender {
  constructor(store, person, statusPath) {
    Object.assign(this, { store, person, statusPath });
  }

  // SAVED if the session is this person's, with a token to send with.
  async introduce() {
    try {
      const answer = await fetch(this.statusPath, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT) });
      if (answer.type === "opaqueredirect") return SIGNED_OUT;
      if (!answer.ok) return answer.status === 404 ? SIGNED_OUT : OFFLINE;
      const { person, csrf } = await answer.json();
      if (person !== this.person) return SIGNED_OUT;
      this.csrf = csrf;
      return SAVED;
    } catch {
      return OFFLINE;
    }
  }

  // All that waits and is not in trouble. What the last one that was tried came to; undefined if nothing waited.
  flush() {
    return inTurn(async () => {
      const items = (await this.store.all()).filter((item) => !item.trouble);
      let outcome = items.length && !this.csrf ? await this.introduce() : SAVED;
      for (const item of items) {
        if (outcome === OFFLINE || outcome === SIGNED_OUT) break;
        outcome = await this.deliver(item);
      }
      return items.length ? outcome : undefined;
    });
  }

  async deliver(item, isAgain = false) {
    await this.store.keep({ path: item.path, sent: [...item.sent, item.words] });
    let answer;
    try {
      answer = await fetch(item.path, {
        method: "POST",
        body: body(item, this.csrf),
        headers: { "X-Requested-With": "autosave" },
        redirect: "manual",
        keepalive: item.words !== undefined,
        signal: AbortSignal.timeout(item.photo ? PHOTO_TIMEOUT : TIMEOUT),
      });
    } catch {
      return OFFLINE;
    }
    if (answer.status === 204) {
      this.after = answer.headers.get("X-After");
      await this.store.sent(item, answer.headers.get("X-Read"));
      return SAVED;
    }
    if (answer.type === "opaqueredirect" || answer.status === 401) return SIGNED_OUT;
    if (answer.status === 403 && !isAgain) {
      const outcome = await this.introduce();
      return outcome === SAVED ? this.deliver(item, true) : outcome;
    }
    if (answer.status === 409) return this.conflict(item, await answer.json(), isAgain);
    if (answer.status === 422) return this.trouble(item, { kind: REFUSED, sentence: await answer.text() });
    if (answer.status === 423) return this.trouble(item, { kind: PEN, sentence: await answer.text() });
    if (answer.status === 410) return this.trouble(item, { kind: PEN, sentence: "", gone: await answer.text() });
    if (answer.status === 404) return this.trouble(item, { kind: PEN, sentence: "" });
    // The server could not: it is tried again later, and what waits behind it does not wait for it.
    return FAILED;
  }

  // What the school has may be an earlier sending of ours whose answer was lost: then it is no conflict.
  async conflict(item, other, isAgain) {
    if (!isAgain && item.words !== undefined && item.sent.some((words) => words?.trim() === other.text)) {
      return this.deliver(await this.store.keep({ path: item.path, read: other.read }), true);
    }
    if (item.words !== undefined) await this.store.know(item.path, other.text, other.read);
    return this.trouble(item, { kind: CONFLICT, ...other });
  }

  async trouble(item, trouble) {
    const now = await this.store.waiting(item.path);
    if (now?.stamp === item.stamp) await this.store.keep({ path: item.path, trouble });
    return trouble.kind;
  }
}
