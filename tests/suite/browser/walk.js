// Learns one lesson from the course list to its end, in the page: `(lesson, missing) => …`.
//
// `lesson` says what is right and wrong. With `missing` every wrong thing is done before the right one.
// Returns what did not go as it should, in words; an empty list is good.
async (lesson, missing) => {
  const problems = [];
  /** Looks so often before giving up; far more than a page needs to redraw. */
  const LOOKS_MAX = 500;
  const tidy = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const says = (element, text) => tidy(element?.innerText).includes(text);
  const until = async (what, look) => {
    for (let looks = 0; looks < LOOKS_MAX; looks++) {
      const found = look();
      if (found) return found;
      await new Promise((next) => setTimeout(next, looks < 20 ? 0 : 10));
    }
    throw new Error(`${what}; the page shows: ${tidy(document.getElementById("main").innerText).slice(0, 4000)}`);
  };
  const sees = (region, text) => until(`“${text}” does not show`, () => says(region(), text));
  const check = (holds, problem) => { if (!holds) problems.push(problem); };

  /** Looks at the page as it is: nothing sticks out, everything to tap is large enough. */
  const look = (where) => {
    const width = document.scrollingElement.scrollWidth;
    check(width <= 360, `${where}: the page is ${width} wide`);
    for (const button of document.querySelectorAll("#main button, #main input")) {
      const height = button.getBoundingClientRect().height;
      const least = button.matches(".foot-button, .quiet, .aloud-button") ? 48 : 56;
      check(height >= least, `${where}: “${tidy(button.innerText)}” is ${height} high`);
    }
  };
  const tap = (element, what) => {
    if (!element) throw new Error(`nothing to tap: ${what}`);
    element.click();
    look(what);
  };
  const named = (region, text) =>
    [...region().querySelectorAll("button")].find((button) => tidy(button.innerText) === text);
  const type = (input, text) => {
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const quiz = async (at, known) => {
    const region = () => document.getElementById(`cau-${at + 1}`);
    const option = (answer) =>
      [...region().querySelectorAll(".option")].find((found) => says(found.querySelector("button"), answer.text));
    const choose = (answer) => tap(option(answer)?.querySelector("button"), answer.text);
    const give = () => { if (known.multiple) tap(named(region, "Trả lời"), "Trả lời"); };
    for (const wrong of missing ? known.wrong : []) {
      choose(wrong);
      give();
      await until(`no word on “${wrong.text}”`, () => says(option(wrong), wrong.feedback));
      await sees(region, "Chưa đúng, không sao cả.");
      if (known.multiple) choose(wrong);
    }
    if (missing && known.multiple) {
      choose(known.right[0]);
      give();
      await sees(region, "Gần đúng rồi.");
      choose(known.right[0]);
    }
    known.right.forEach(choose);
    give();
    await sees(region, "Đúng rồi!");
    known.right.forEach((right) => check(says(option(right), right.feedback), `no word on “${right.text}”`));
  };

  /** Types something else, then misses every button; the hints come, the right place is pointed at. */
  const miss = async (region, screen, step) => {
    const stays = () => check(says(region(), step), `${step}: a wrong tap led on`);
    if (screen.fields.length) {
      const [, , hint] = screen.fields[0];
      tap(named(region, screen.right.text), screen.right.text);
      await sees(region, hint);
      type(region().querySelector("input"), "xyz");
      tap(named(region, screen.right.text), screen.right.text);
      await until("the field is not pointed at", () => says(region().querySelector(".pointed"), "Thử gõ vào đây"));
      stays();
    }
    for (const wrong of screen.wrong) {
      for (let times = 0; times < 2; times++) {
        tap(named(region, wrong.text), wrong.text);
        await until(`no hint beside “${wrong.text}”`, () =>
          says(named(region, wrong.text)?.closest(".part"), wrong.feedback));
      }
      await until("nothing is pointed at", () => says(region().querySelector(".pointed"), "Thử"));
      stays();
    }
    if (screen.wrong.length && !screen.fields.length) {
      const pointed = tidy(region().querySelector(".pointed button")?.innerText);
      check(pointed === screen.right.text, `${step}: “${pointed}” is pointed at`);
    }
  };

  const practice = async (region, { screens, praise }) => {
    const step = (at) => `Màn hình ${at + 1} trên ${screens.length}`;
    const advance = async (at) => {
      const screen = screens[at];
      screen.fields.forEach(([label, value], field) => {
        const input = region().querySelectorAll("input")[field];
        check(tidy(input.labels[0].innerText).startsWith(label), `${step(at)}: no field “${label}”`);
        type(input, missing ? ` ${value.toUpperCase()} ` : value);
      });
      tap(named(region, screen.right.text), screen.right.text);
      await sees(region, at + 1 < screens.length ? step(at + 1) : praise);
      check(at + 1 === screens.length || says(region(), screen.right.feedback), `${step(at)}: no praise`);
    };
    for (let at = 0; at < screens.length; at++) {
      await sees(region, step(at));
      check(tidy(region().querySelector(".phone-title").innerText) === screens[at].title, `${step(at)}: other title`);
      if (missing) await miss(region, screens[at], step(at));
      if (missing && at > 0) {
        tap(named(region, "Màn hình trước"), "Màn hình trước");
        await sees(region, step(at - 1));
        await advance(at - 1);
      }
      await advance(at);
    }
    if (missing) {
      tap(named(region, "Làm lại từ đầu"), "Làm lại từ đầu");
      await sees(region, step(0));
    }
    for (const [, value] of screens.flatMap((screen) => screen.fields)) {
      const kept = Object.values(localStorage).some((kept) => kept.includes(value));
      check(value.length < 8 || !kept, `“${value}” was kept`);
    }
  };

  const drill = async (region, { right, wrong, signs }) => {
    check(!region().querySelector("mark"), "signs show before the judgement");
    for (const judgement of missing ? [wrong, right] : [right]) {
      tap(named(region, judgement.text), judgement.text);
      await sees(region, judgement.feedback);
      signs.forEach((why) => check(says(region().querySelector(".signs"), why), `no sign “${why}”`));
      const marks = region().querySelectorAll(".phone mark").length;
      check(marks === signs.length, `${marks} of ${signs.length} signs are marked`);
    }
  };

  const order = async (region, { steps }) => {
    const item = (step) => [...region().querySelectorAll(".option")].find((found) =>
      tidy(found.querySelector(".option-button > :last-child").innerText) === step.text);
    const press = (step) => tap(item(step)?.querySelector("button"), step.text);
    for (let at = 0; at < steps.length; at++) {
      if (missing && at + 1 < steps.length) {
        const late = steps.at(-1);
        press(late);
        await until(`no hint beside “${late.text}”`, () => says(item(late), late.feedback));
        press(late);
        await until("nothing is pointed at", () => says(item(steps[at]), "Thử chạm vào đây"));
        if (at > 0) {
          tap(named(region, "Bỏ bước vừa bấm"), "Bỏ bước vừa bấm");
          await until("the step stays", () => !item(steps[at - 1]).classList.contains("right"));
          press(steps[at - 1]);
        }
      }
      press(steps[at]);
      await until(`no number ${at + 1}`, () => says(item(steps[at])?.querySelector(".option-mark"), `${at + 1}`));
    }
    await sees(region, "Đúng rồi!");
    const read = [...region().querySelectorAll(".option-mark")].map((mark) => Number(mark.innerText));
    check(read.every((number, at) => number === at + 1), `it ends as ${read}`);
  };

  const link = `a[href="/bai/${lesson.course}/${lesson.lesson}"]`;
  const start = document.querySelector('.bar a[href="/"]');
  start.click();
  (await until("no link to the lesson", () => document.querySelector(`#main .courses ${link}`))).click();
  await until("no such heading", () =>
    document.querySelector("#main .lesson h1")?.innerText.trim() === lesson.title);
  look("opened");
  const last = "Hoàn thành bài học";
  const onward = () => document.querySelector(".lesson-end .primary, .lesson-end .secondary");
  const count = () => tidy(document.querySelector(".lesson-end .step-count").innerText);
  const step = async () => {
    const before = count();
    tap(onward(), `on from ${before}`);
    await until(`${before} stays`, () => count() !== before);
    await until("the heading is not in focus", () => document.activeElement?.matches("#main h1"));
    look(count());
  };
  const finish = () => tap(onward(), "the last button");
  if (missing) {
    while (!says(onward(), last)) await step();
    finish();
    const early = () => [...document.querySelectorAll(".early")].find((line) => line.innerText !== "");
    await sees(early, `Còn ${lesson.quizzes.length} câu chưa đúng.`);
    if (lesson.exercises.length) await sees(early, `Còn ${lesson.exercises.length} bài tập chưa làm.`);
  }
  const exercise = async (at) => {
    const known = lesson.exercises[at];
    const region = () => document.getElementById(`bai-tap-${at + 1}`);
    await sees(region, `Bài tập ${at + 1} trên ${lesson.exercises.length}`);
    await { practice, drill, order }[known.kind](region, known);
  };
  const done = new Set();
  for (;;) {
    const tasks = document.querySelectorAll(".lesson .quiz");
    check(tasks.length <= 1, `${count()}: ${tasks.length} tasks`);
    const id = tasks[0]?.id ?? "";
    const at = Number(id.split("-").pop()) - 1;
    if (id && !done.has(id)) await (id.startsWith("cau-") ? quiz(at, lesson.quizzes[at]) : exercise(at));
    if (id) done.add(id);
    if (says(onward(), last)) break;
    await step();
  }
  const all = lesson.quizzes.length + lesson.exercises.length;
  check(done.size === all, `${done.size} of ${all} tasks were met`);
  finish();
  await sees(() => document.getElementById("main"), "Bà con đã học xong!");
  look("finished");
  return problems;
}
