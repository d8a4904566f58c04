//! Rules of the fences with something to do: steps to order, practice, scam drills.

use super::{quoted, rule};
use crate::pack::{
    FIELD_CHARS_MAX, LINE_BYTES_MAX, LINES_PER_SCAM_MAX, PARTS_PER_SCREEN_MAX, SCREENS_PER_PRACTICE_MAX,
};
use crate::source::Rule;

pub(crate) fn order_with_answer() -> Rule {
    rule("a quiz has either steps or answers", "write `1. `, `2. ` before each step, or begin another quiz")
}

pub(crate) fn order_number(expected: usize) -> Rule {
    rule("the steps are not numbered in order", format!("write `{expected}. ` before this step"))
}

pub(crate) fn order_few_steps() -> Rule {
    rule("there are fewer than two steps to put in order", "write `1. ` and `2. ` before two steps")
}

pub(crate) fn real_number(digits: &str) -> Rule {
    rule(
        format!("{} looks like somebody's real number or code", quoted(digits)),
        "write an invented one that nobody takes for real, such as `123456`, `0900 000 000` or `012345678901`",
    )
}

pub(crate) fn real_mail() -> Rule {
    rule("this could be somebody's mail address", "end it in `.example`, which nobody can own: `co-ba@thu.example`")
}

pub(crate) fn long_label(bytes: usize) -> Rule {
    rule(format!("these words have {bytes} bytes, at most {LINE_BYTES_MAX} fit"), "shorten them")
}

pub(crate) fn practice_line() -> Rule {
    rule(
        "a line of a practice begins with `? `, `# `, `- `, `[_] `, `[x] `, `[ ] `, `> ` or `! `",
        "`# screen`, `? what to do`, `- words shown`, `[_] label: `value``, `[x] right button`, `[ ] other button`, \
         `> what to say`, `! praise at the end`; begin with two spaces to go on with the line before",
    )
}

pub(crate) fn practice_without_task() -> Rule {
    rule("the practice does not say what to do", "begin it with `? ` and the task")
}

pub(crate) fn practice_without_screen() -> Rule {
    rule("this stands on no screen", "write a line `# ` with the title of the screen above it")
}

pub(crate) fn practice_few_screens() -> Rule {
    rule(
        "a practice needs a screen with something to do, and one at the end",
        "begin each with `# ` and its title; the last one shows how it ended",
    )
}

pub(crate) fn practice_many_screens(found: usize) -> Rule {
    rule(
        format!("the practice has {found} screens before its end, at most {SCREENS_PER_PRACTICE_MAX} are followed"),
        "leave out screens where nothing is learned, or make it two",
    )
}

pub(crate) fn practice_ask_place() -> Rule {
    rule("a screen has one line of what to do, just below its title", "delete this one, or begin another screen")
}

pub(crate) fn practice_without_ask() -> Rule {
    rule("the screen does not say what to do", "write a line `? ` below its title")
}

pub(crate) fn practice_right_button() -> Rule {
    rule("exactly one button of a screen leads on", "write `[x] ` before that one and `[ ] ` before the others")
}

pub(crate) fn practice_same_label() -> Rule {
    rule("the screen has a button or field of this name already", "name it differently, or delete it")
}

pub(crate) fn practice_field() -> Rule {
    rule(
        "a field is its name, a colon, and what to type in backticks",
        "write `[_] Số điện thoại: `0900 000 000`` without other marks",
    )
}

pub(crate) fn practice_long_value() -> Rule {
    rule(
        format!("the field or its name is too long: at most {FIELD_CHARS_MAX} characters are typed"),
        "let residents type less",
    )
}

pub(crate) fn practice_feedback_place() -> Rule {
    rule("this belongs to no button or field", "write one line `> ` below each of them")
}

pub(crate) fn practice_without_feedback() -> Rule {
    rule(
        "nothing is said to somebody who taps or types here",
        "write a line `> ` below it: a hint that helps, or praise on the right one",
    )
}

pub(crate) fn practice_praise_place() -> Rule {
    rule("only the last screen has a line `! `, and only one", "delete it, or move it to the end")
}

pub(crate) fn practice_without_praise() -> Rule {
    rule("the last screen does not end the practice", "write a line `! ` on it: what was learned")
}

pub(crate) fn practice_end_acts() -> Rule {
    rule(
        "there is nothing to do any more on the last screen",
        "leave only lines `- ` and `! ` on it, or add another screen behind it",
    )
}

pub(crate) fn practice_many_parts(found: usize) -> Rule {
    rule(
        format!("the screen has {found} parts, at most {PARTS_PER_SCREEN_MAX} fit"),
        "leave out what is not needed to find the way",
    )
}

pub(crate) fn scam_line() -> Rule {
    rule(
        "a line of a drill begins with `@ `, `- `, `! `, `[x] `, `[ ] ` or `> `",
        "`@ Tin nhắn: sender`, `- words with *a sign*`, `! what it gives away`, `[x] Lừa đảo`, `[ ] Tin thật`, \
         `> what to say`; begin with two spaces to go on with the line before",
    )
}

pub(crate) fn scam_without_from() -> Rule {
    rule("the drill does not say where the message comes from", "begin it with `@ Tin nhắn: ` and the sender")
}

pub(crate) fn scam_from() -> Rule {
    rule(
        "this is not a channel and a sender",
        "write `@ Tin nhắn: `, `@ Cuộc gọi: ` or `@ Mạng xã hội: ` and who it is from",
    )
}

pub(crate) fn scam_from_place() -> Rule {
    rule("a drill has one sender", "begin another drill for another message")
}

pub(crate) fn scam_without_line() -> Rule {
    rule("there is no message to judge", "write what it says after `- `")
}

pub(crate) fn scam_many_lines(found: usize) -> Rule {
    rule(format!("the message has {found} lines, at most {LINES_PER_SCAM_MAX} fit a small screen"), "shorten it")
}

pub(crate) fn scam_markup() -> Rule {
    rule("a message has no markup but signs", "write `*` before and after each sign, and nothing else")
}

pub(crate) fn scam_sign_place() -> Rule {
    rule("this explains no sign", "write one line `! ` for each `*sign*` of the line above, in their order")
}

pub(crate) fn scam_sign_without_reason(waiting: usize) -> Rule {
    rule(
        format!("{waiting} sign(s) of this line have no explanation"),
        "write a line `! ` below it for each: what it gives away",
    )
}

pub(crate) fn scam_without_sign() -> Rule {
    rule(
        "nothing in the message is pointed at",
        "write `*` around what gives it away or makes it trustworthy, and a line `! ` below for each",
    )
}

pub(crate) fn scam_verdict() -> Rule {
    rule("this is not a judgement", "write `Lừa đảo` or `Tin thật`")
}

pub(crate) fn scam_judgements() -> Rule {
    rule(
        "the drill does not offer both judgements, one of them right",
        "write `[x] Lừa đảo` and `[ ] Tin thật`, or the other way round",
    )
}

pub(crate) fn scam_feedback_place() -> Rule {
    rule("this belongs to no judgement", "write one line `> ` below each of the two")
}

pub(crate) fn scam_without_feedback() -> Rule {
    rule("the judgement has no feedback", "write a line `> ` below it: what to say to somebody who judged so, kindly")
}

pub(crate) fn scam_address(address: &str) -> Rule {
    rule(format!("somebody may try the address {}", quoted(address)), "end it in `.example`, which leads nowhere")
}

pub(crate) fn genuine_address(address: &str) -> Rule {
    rule(
        format!("the table of facts does not know the address {}", quoted(address)),
        "write one that it knows, or add it there with its source",
    )
}
