// Runs axe on the page in every size and theme; its value is a promise of what is wrong, in words.
//
// Only colours and sizes change with a theme and a size, so every rule runs once and those that look at them
// run each time.
(async () => {
  const root = document.documentElement;
  const before = { ...root.dataset };
  const AAA = { "color-contrast-enhanced": { enabled: true }, "target-size": { enabled: true } };
  const SHOWN = ["color-contrast", "color-contrast-enhanced", "target-size", "scrollable-region-focusable", "link-in-text-block"];
  const tags = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
  const found = new Map();
  let whole = true;
  for (const theme of ["light", "dark", "contrast"]) {
    // Colours are the same in every size, but for what counts as large text: the ends say it for the other themes.
    for (const size of theme === "light" ? ["1", "1.25", "1.5", "2"] : ["1", "2"]) {
      Object.assign(root.dataset, { theme, size });
      const how = whole ? { runOnly: tags, rules: AAA } : { runOnly: { type: "rule", values: SHOWN } };
      const { violations } = await axe.run(document, { ...how, resultTypes: ["violations"], elementRef: false });
      whole = false;
      for (const { id, nodes } of violations) {
        for (const { target, any } of nodes) {
          const why = any[0]?.message ?? "";
          const key = `${id} ${target.join(" ")} ${why}`;
          found.set(key, [...(found.get(key) ?? []), `${theme} ${size}`]);
        }
      }
    }
  }
  delete root.dataset.theme;
  Object.assign(root.dataset, before);
  return [...found].map(([what, where]) => `${what} (${where.join(", ")})`);
})()
