// Notes when what happens on a page, in milliseconds since it was asked for.
(() => {
  const watched = (globalThis.watched = { fcp: 0, lcp: 0, cls: 0, readable: 0, interactive: 0 });
  const observe = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  observe("paint", (entry) => {
    if (entry.name === "first-contentful-paint") watched.fcp = entry.startTime;
  });
  observe("largest-contentful-paint", (entry) => (watched.lcp = entry.startTime));
  observe("layout-shift", (entry) => {
    if (!entry.hadRecentInput) watched.cls += entry.value;
  });
  let first;
  const look = () => {
    const main = document.getElementById("main");
    first ??= main;
    // The text of the screen, not the word that it is being opened.
    if (!watched.readable && main?.querySelector("h1")) {
      setTimeout(() => (watched.readable ||= performance.now()));
    }
    // The bundle has put its own in place of the page's, and takes taps there.
    if (main !== first) setTimeout(() => (watched.interactive ||= performance.now()));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
