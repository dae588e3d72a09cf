// The service worker of “Mon portrait”: its pages open without a connection. TOLD, from portraits/views/phone.py, stands before this.
// Kept are only pages that the server marks as such, for the person whom it names, and the files that they load.
const PAGES = `form-pages-${TOLD.release}`;
const FILES = `form-files-${TOLD.release}`;
const WHOSE = "form-whose";
const DATABASE = "mon-portrait";
const PATIENCE = 4000;
const STALE = 6 * 3600 * 1000;
const LATEST = TOLD.keptDays * 24 * 3600 * 1000;
const HASHED = /\.[0-9a-f]{12}\.\w+$/;

const forgetPages = async () => {
  for (const name of await caches.keys()) if (name.startsWith("form-pages-") || name === WHOSE) await caches.delete(name);
};

// {person, isLocked}: locked after somebody may have signed in, until a page says that it is still the same person.
const whose = async () => (await (await caches.open(WHOSE)).match("/"))?.json();
const note = async (now) => (await caches.open(WHOSE)).put("/", new Response(JSON.stringify(now)));

const keepFile = async (path) => {
  const files = await caches.open(FILES);
  if (HASHED.test(path) && (await files.match(path))) return;
  const answer = await fetch(path);
  if (!answer.ok) return;
  const text = /\.js$/.test(path) ? await answer.clone().text() : "";
  await files.put(path, answer);
  for (const [, found] of text.matchAll(/from\s*"(\.\/[^"]+)"/g)) await keepFile(new URL(found, new URL(path, location)).pathname);
};

const keepFilesOf = async (html) => {
  const found = [...html.matchAll(/(?:href|src)="([^"#?]+)/g)].map((match) => match[1]);
  const wanted = found.filter((path) => path.startsWith(TOLD.static) || path === TOLD.colours);
  for (const path of new Set(wanted)) await keepFile(path).catch(() => {});
};

// How often somebody may have signed in or out: an answer to what was asked before says nothing of who is there now.
let doors = 0;

// What the server says about a page is done: kept for whom it names, with its files, or all forgotten.
const obey = async (path, answer, askedAt) => {
  const [order, person] = (answer.headers.get(TOLD.header) ?? "").split(" ");
  if (order === "drop") return forgetPages();
  if (order !== "keep") return;
  const html = await answer.text();
  await keepFilesOf(html);
  if (askedAt !== doors) return;
  if ((await whose())?.person !== person) await forgetPages();
  await note({ person, isLocked: false });
  const headers = new Headers(answer.headers);
  headers.set("X-Kept-At", Date.now());
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  await (await caches.open(PAGES)).put(path, new Response(html, { headers }));
};

const keptAt = (answer) => Number(answer?.headers.get("X-Kept-At") ?? 0);

const held = async (path) => {
  const now = await whose();
  const answer = now && !now.isLocked ? await (await caches.open(PAGES)).match(path) : undefined;
  return answer && Date.now() - keptAt(answer) < LATEST ? answer : undefined;
};

const late = () => new Promise((_answer, fail) => setTimeout(fail, PATIENCE));

// The connection first. A page that is held is shown if there is none, or if it takes too long.
const page = async (event, path) => {
  const kept = await held(path);
  const askedAt = doors;
  const asked = fetch(event.request);
  event.waitUntil(asked.then((answer) => obey(path, answer.clone(), askedAt)).catch(() => {}));
  try {
    return await (kept ? Promise.race([asked, late()]) : asked);
  } catch {
    return kept ?? (await (await caches.open(FILES)).match(TOLD.offline)) ?? Response.error();
  }
};

const file = async (request, path) => {
  const files = await caches.open(FILES);
  const kept = await files.match(path);
  if (kept && HASHED.test(path)) return kept;
  try {
    return await fetch(request);
  } catch {
    return kept ?? Response.error();
  }
};

// All pages of the form, once it was begun: those that are missing or old.
const keepForm = async (paths) => {
  const pages = await caches.open(PAGES);
  for (const path of paths) {
    if (Date.now() - keptAt(await pages.match(path)) < STALE) continue;
    const askedAt = doors;
    const answer = await fetch(path, { redirect: "manual", headers: { Accept: "text/html" } });
    if (answer.ok) await obey(path, answer, askedAt);
  }
};

const keepOffline = async () => {
  const answer = await fetch(TOLD.offline, { credentials: "omit" });
  const html = await answer.clone().text();
  await (await caches.open(FILES)).put(TOLD.offline, answer);
  await keepFilesOf(html);
};

const leave = async () => {
  for (const name of await caches.keys()) if (name.startsWith("form-")) await caches.delete(name);
  await self.registration.unregister();
};

self.addEventListener("install", (event) => {
  self.skipWaiting();
  if (TOLD.isOn) event.waitUntil(keepOffline());
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    if (!TOLD.isOn) return leave();
    for (const name of await caches.keys()) if (name.startsWith("form-") && ![PAGES, FILES, WHOSE].includes(name)) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("message", (event) => {
  if (TOLD.isOn && event.data?.keep) event.waitUntil(keepForm(event.data.keep).catch(() => {}));
});

// A form sent outside of “Mon portrait” may sign somebody in: no page is shown until the server has said to whom.
const throughADoor = async (path) => {
  doors += 1;
  const now = await whose();
  if (now) await note({ ...now, isLocked: true });
  if (path !== TOLD.wayOut) return;
  await forgetPages();
  indexedDB.deleteDatabase(DATABASE);
};

if (TOLD.isOn) {
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    const isPage = request.mode === "navigate";
    const isForm = pathname.startsWith(TOLD.form);
    if (origin !== location.origin) return;
    if (isPage && request.method === "POST" && !isForm) event.waitUntil(throughADoor(pathname));
    if (request.method !== "GET") return;
    if (isPage && isForm) event.respondWith(page(event, pathname));
    else if (!isPage && (pathname.startsWith(TOLD.static) || pathname === TOLD.colours)) event.respondWith(file(request, pathname));
  });
}
