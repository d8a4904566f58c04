// Keeps one version of the app whole on this phone, and answers from it without asking the hub.
// The hub writes above this: VERSION names what is below and every file; SHELLS are the pages that show any
// screen, as [language, address], the first for any other language; FILES are [address, SHA-256 in hex] of all there is to keep;
// each with "/toi" after its path for what is the learner's own; SCREENS matches the paths that the shell shows.
const PREFIX = "bdhv.shell.", CURRENT = PREFIX + VERSION;
// Is there when every file is.
const WHOLE = "/bdhv-whole", SEEN = "/xac-nhan";
// The list of courses, and where the app keeps the hub's last one with the courses.
const LIST = "/catalogue", PACKS = "bdhv.packs";

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(tidy("", true)));
addEventListener("message", (event) => {
  if (event.data === "use") skipWaiting();
});
addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && SCREENS.test(url.pathname)) {
    event.respondWith(screen(request, url));
    event.waitUntil(tidy(event.resultingClientId, false));
  } else if (request.mode === "navigate" && url.pathname === SEEN) {
    event.respondWith(seen(request));
  } else if (url.pathname === LIST) {
    event.respondWith(list(request));
  } else if (url.pathname.startsWith("/app/") || FILES.some(([address]) => address === url.pathname)) {
    event.respondWith(file(request));
  }
});

// Until this has ended well, the version before answers. What came before a cut is not fetched again; a
// phone that is full gets its room back.
async function install() {
  const cache = await caches.open(CURRENT);
  try {
    for (const [address, sha256] of FILES) {
      if (await cache.match(address, { ignoreVary: true })) continue;
      const response = await fetch(address, { cache: address.startsWith("/app/") ? "default" : "no-store" });
      const same = response.ok && (await digest(response.clone())) === sha256;
      if (!same) throw new Error(`${address} is of another version`);
      await cache.put(address, response);
    }
    await cache.put(WHOLE, new Response(VERSION));
  } catch (error) {
    if (error.name === "QuotaExceededError") await caches.delete(CURRENT);
    throw error;
  }
  await confirmations(cache).catch(() => {});
}

// Who has seen the page of confirmations keeps it, with what it is made of, when the version before is thrown away.
async function confirmations(cache) {
  if (!(await caches.match(SEEN, { ignoreVary: true })) || (await cache.match(SEEN, { ignoreVary: true }))) return;
  const page = await fetch(SEEN, { cache: "no-store" });
  if (!page.ok) return;
  for (const address of new Set((await page.clone().text()).match(/\/app\/[\w.-]+/g))) {
    if (!(await cache.match(address, { ignoreVary: true }))) await cache.add(address);
  }
  await cache.put(SEEN, page);
}

async function digest(response) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await response.arrayBuffer()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// One page for every screen, always of this version; where the browser threw it away, the hub's.
async function screen(request, url) {
  const lang = url.searchParams.get("lang");
  const [, shell] = SHELLS.find(([known]) => known === lang) ?? SHELLS[0];
  const own = url.pathname === "/toi" ? shell.replace("?", "/toi?") : shell;
  return (await caches.match(own, { cacheName: CURRENT, ignoreVary: true })) ?? fetch(request);
}

// The page of confirmations, else as it was seen last: it names courses, which change without a new version.
async function seen(request) {
  try {
    const response = await fetch(request);
    if (response.ok) {
      const copy = response.clone();
      caches.open(CURRENT).then((cache) => cache.put(SEEN, copy)).catch(() => {});
    }
    return response;
  } catch (error) {
    const kept = await caches.match(SEEN, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

// The list of courses, else as it came last: pages without a list name lessons by number.
async function list(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request, { cacheName: PACKS, ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

// A page that is still of another version finds its files too: most names hold the hash of the content.
async function file(request) {
  const kept = (await caches.match(request, { cacheName: CURRENT, ignoreVary: true })) ??
    (await caches.match(request, { ignoreVary: true }));
  if (kept) return kept;
  const response = await fetch(request);
  // A language or a font, which only those need who use it. A full phone does without.
  if (response.ok) {
    const copy = response.clone();
    caches.open(CURRENT).then((cache) => cache.put(request, copy)).catch(() => {});
  }
  return response;
}

// Throws away other versions, unless a page that may be of one is open, or a newer one is on its way.
async function tidy(opening, first) {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CURRENT);
  if (!others.length || registration.installing || registration.waiting) return;
  const open = await clients.matchAll({ type: "window", includeUncontrolled: true });
  if (open.some((client) => client.id !== opening)) return;
  for (const name of others) {
    if (first || (await caches.match(WHOLE, { cacheName: name }))) await caches.delete(name);
  }
}
