// Looks at the page as it is; its value is what does not fit, in words.
(() => {
  const tidy = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const called = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join(".")} “${tidy(element.innerText || element.value).slice(0, 50)}”`;
  const problems = [];
  const width = document.scrollingElement.scrollWidth;
  if (width > innerWidth) problems.push(`the page is ${width} wide`);
  const seen = [...document.querySelectorAll("body *")].filter((element) => element.checkVisibility({ visibilityProperty: true }));
  // What lies wholly beside the page waits there for the keyboard.
  const here = seen.filter((element) => element.getBoundingClientRect().right > 0);

  /** Texts that hold every mark there is above and below a letter, and what the element says itself. */
  const TALLEST = { vi: "ẪỞỰỄẬ ẫởựễậgjpqy", km: "ក្ត្រើ ស្ត្រី ញ៉ាំ ឱ្យ ខ្ញុំ ប្រឹក្សា ៊ី", en: "ÅÉjgpqy" };
  const pen = document.createElement("canvas").getContext("2d");
  const ink = (element, style) => {
    pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const own = tidy(element.innerText || element.value);
    // A number or a letter in a circle never says anything else.
    const any = own.length > 1 || element.matches("input") ? [TALLEST.vi, TALLEST[document.documentElement.lang]] : [];
    const words = [...any, own];
    const measured = words.map((text) => pen.measureText(text));
    return {
      above: Math.max(...measured.map((found) => found.actualBoundingBoxAscent)),
      below: Math.max(...measured.map((found) => found.actualBoundingBoxDescent)),
      font: measured[0].fontBoundingBoxAscent, under: measured[0].fontBoundingBoxDescent,
    };
  };
  const says = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && tidy(node.data)) || element.matches("input:not([type=checkbox])");

  for (const element of here) {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (says(element) && !element.closest("svg") && style.position !== "fixed") {
      if (box.right > innerWidth + 1 || box.left < -1) problems.push(`${called(element)} sticks out: ${box.left} to ${box.right}`);
      const { above, below, font, under } = ink(element, style);
      const line = style.lineHeight === "normal" ? font + under : parseFloat(style.lineHeight);
      const room = element.matches("input") ? element.clientHeight : line;
      // A line is laid around the font's own height; what is over is shared above and below.
      const top = (room - font - under) / 2 + font - above;
      const bottom = (room - font - under) / 2 + under - below;
      if (top < -0.5 || bottom < -0.5) problems.push(`${called(element)}: letters leave their line by ${(-Math.min(top, bottom)).toFixed(1)}`);
    }
    const clips = (axis) => ["hidden", "clip"].includes(style[`overflow${axis}`]);
    if (element.closest("svg, progress") || element.matches("input")) continue;
    if (clips("Y") && element.scrollHeight > element.clientHeight + 1) problems.push(`${called(element)} is cut at its foot by ${element.scrollHeight - element.clientHeight}`);
    if (clips("X") && element.scrollWidth > element.clientWidth + 1) problems.push(`${called(element)} is cut at its side by ${element.scrollWidth - element.clientWidth}`);
  }

  const LEAST = 48, PRIMARY = 56;
  for (const element of here.filter((element) => element.matches("a[href], button, input, select, summary, textarea, [role=button]"))) {
    const label = element.closest("label");
    const { width, height } = (label ?? element).getBoundingClientRect();
    const least = element.matches(".primary") ? PRIMARY : LEAST;
    if (height < least || width < LEAST) problems.push(`${called(label ?? element)} is ${Math.round(width)} by ${Math.round(height)}`);
  }
  return [...new Set(problems)];
})()
