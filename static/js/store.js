// What this phone keeps of “Mon portrait”, in its own database: words and a photo that wait to be sent, and what the school has.
// It belongs to one person: when somebody else opens their form here, it is emptied first.
const NAME = "mon-portrait";

const done = (request) =>
  new Promise((answer, fail) => {
    request.onsuccess = () => answer(request.result);
    request.onerror = () => fail(request.error);
  });

const opened = () => {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    // waiting: by path, {path, whose, label, fields, words | photo, read, sent, at, trouble}. known: by path, {path, text, read}.
    for (const name of ["waiting", "known"]) request.result.createObjectStore(name, { keyPath: "path" });
    request.result.createObjectStore("whose");
  };
  return done(request);
};

class Store {
  constructor(database, person) {
    Object.assign(this, { database, person });
    // Another page deletes it (signing out): it must not wait for this one.
    database.onversionchange = () => database.close();
  }

  table(name, mode = "readonly") {
    return this.database.transaction(name, mode).objectStore(name);
  }

  // A tab that was left open may have put something here for somebody else.
  own(item) {
    return item?.whose === this.person ? item : undefined;
  }

  async all() {
    return (await done(this.table("waiting").getAll())).filter((item) => this.own(item)).sort((one, other) => one.at - other.at);
  }

  async waiting(path) {
    return this.own(await done(this.table("waiting").get(path)));
  }

  known(path) {
    return done(this.table("known").get(path));
  }

  async know(path, text, read) {
    const before = await this.known(path);
    if (!before || before.read <= read) await done(this.table("known", "readwrite").put({ path, text, read }));
  }

  // What waits keeps its place in the row, and what it had read, when its words change.
  async keep(item) {
    const table = this.table("waiting", "readwrite");
    const before = this.own(await done(table.get(item.path)));
    const kept = { at: Date.now(), sent: [], ...before, ...item, whose: this.person };
    await done(table.put(kept));
    return kept;
  }

  drop(path) {
    return done(this.table("waiting", "readwrite").delete(path));
  }

  // Sent: it waits no longer, unless it has changed meanwhile.
  async sent(item, read) {
    const table = this.table("waiting", "readwrite");
    const now = this.own(await done(table.get(item.path)));
    if (now && now.stamp !== item.stamp) await done(table.put({ ...now, read, trouble: undefined }));
    else if (now) await done(table.delete(item.path));
    if (item.words !== undefined) await this.know(item.path, item.words, read);
  }
}

const empty = async (database) => {
  const names = ["waiting", "known", "whose"];
  const transaction = database.transaction(names, "readwrite");
  await Promise.all(names.map((name) => done(transaction.objectStore(name).clear())));
};

// A tab that still shows the form of another person shows the present one's instead.
const passed = new BroadcastChannel(NAME);

// The store of this person; undefined where the browser keeps nothing (some private windows).
export const open = async (person) => {
  passed.onmessage = ({ data }) => data !== person && location.reload();
  try {
    const database = await opened();
    if ((await done(database.transaction("whose").objectStore("whose").get("person"))) !== person) {
      await empty(database);
      await done(database.transaction("whose", "readwrite").objectStore("whose").put(person, "person"));
    }
    passed.postMessage(person);
    return new Store(database, person);
  } catch {
    return undefined;
  }
};

export const forget = () => done(indexedDB.deleteDatabase(NAME)).catch(() => {});
