// What the harness knows of a page. Evaluated in the page; the last expression is its value.
(() => {
  const tidy = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return box.width > 0 && box.height > 0 && style.visibility !== "hidden" && style.display !== "none";
  };
  const name = (element) => tidy(element.getAttribute("aria-label") || element.innerText || element.value);
  const TAPPABLE = "button, a[href], label, summary, option, input, [role=button], [role=option], [role=radio]";

  /** Finds what carries the text: an exact name first, then the shortest that holds it. */
  const find = (selector, text, within = document) => {
    const all = [...(within?.querySelectorAll(selector) ?? [])].filter(seen);
    const exact = all.filter((element) => name(element) === text);
    const holding = all.filter((element) => name(element).includes(text));
    return exact[0] ?? holding.sort((a, b) => name(a).length - name(b).length)[0] ?? null;
  };

  /** Finds the part of the page that a text stands in: one question, one course, one block. */
  const part = (text) => find("section, article, fieldset, form, nav, .piece", text);

  /** Returns the point to touch, or why it cannot be touched now. */
  const point = (element) => {
    if (!element) return { why: "it is not there" };
    if (element.disabled) return { why: "it is disabled" };
    element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = element.getBoundingClientRect();
    const x = box.x + box.width / 2;
    const y = box.y + box.height / 2;
    const top = document.elementFromPoint(x, y);
    if (!top || !(element.contains(top) || top.contains(element))) {
      return { why: `${top ? top.outerHTML.slice(0, 120) : "nothing"} lies over it` };
    }
    return { x, y };
  };

  return {
    text: () => tidy(document.body?.innerText),
    textIn: (region) => tidy(part(region)?.innerText),
    tapPoint: (text) => point(find(TAPPABLE, text)),
    tapPointIn: (region, text) => point(find(TAPPABLE, text, part(region))),
    press: (selector, text) => {
      const found = text ? find(selector, text) : [...document.querySelectorAll(selector)].find(seen);
      if (found) found.scrollIntoView({ block: "center", behavior: "instant" }), found.click();
      return !!found;
    },
    fieldPoint: (label) => {
      const fields = [...document.querySelectorAll("input, textarea, select")].filter(seen);
      const named = (field) =>
        [...(field.labels ?? [])].map((text) => tidy(text.innerText)).concat(
          tidy(field.getAttribute("aria-label")), tidy(field.placeholder));
      const field = fields.find((field) => named(field).some((text) => text === label))
        ?? fields.find((field) => named(field).some((text) => text.includes(label)));
      const found = point(field);
      if (field && !found.why) { field.focus(); field.select?.(); }
      return found;
    },
    /** Texts that stick out of the screen or are cut off; what lies wholly beside it waits there for the
     * keyboard, such as the link that skips to the content. */
    cutOff: () => [...document.querySelectorAll("body *")].filter(seen).filter((element) => {
      const box = element.getBoundingClientRect();
      return element.children.length === 0 && tidy(element.innerText) !== "" &&
        box.right > 0 && (box.right > innerWidth + 1 || box.left < -1 || element.scrollWidth > element.clientWidth + 1 &&
          getComputedStyle(element).overflowX === "hidden");
    }).map((element) => tidy(element.innerText)),
  };
})()
