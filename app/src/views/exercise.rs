//! The exercises where no script runs: each opens by the browser's own means.
//!
//! [`play`] shows them to be played.

use content::pack::{Button, Channel, Field, Html, Order, Part, Piece, Practice, Scam, Screen, Verdict};
use leptos::prelude::*;

use super::{Author, icons, parts, play};
use crate::{
    messages::{Lang, Message, filled, text},
    state::{Exercise, OpenLesson},
};

/// Shows an exercise, counted from 0 among those of the lesson.
pub(crate) fn view(author: &Author, lang: Lang, open: &OpenLesson, exercise: Exercise<'_>, at: usize) -> AnyView {
    let body = match exercise {
        Exercise::Practice(found) => practice(author, lang, found),
        Exercise::Drill(found) => drill(author, lang, found),
        Exercise::Order(found) => order(author, lang, found, open.seed(at)),
    };
    view! {
        <section class="quiz exercise">
            <p class="quiz-number">{play::number(lang, open, exercise, at)}</p>
            {body}
        </section>
    }
    .into_any()
}

/// Shows a practice flow: every screen, and under each button what tapping it does.
fn practice(author: &Author, lang: Lang, practice: &Practice) -> AnyView {
    let all = practice.screens.len();
    let screens: Vec<AnyView> =
        practice.screens.iter().enumerate().map(|(at, found)| screen(author, lang, found, at + 1, all)).collect();
    let texts: Vec<AnyView> = practice.end.texts.iter().map(|found| html(author, found)).collect();
    view! {
        <h2 class="quiz-question" inner_html=author.html(&practice.task)></h2>
        {screens}
        <div class="phone">
            {parts::line_of("phone-title", author.text(&practice.end.title))}
            {texts}
        </div>
        {parts::line_of("praise", author.html(&practice.end.praise))}
    }
    .into_any()
}

fn screen(author: &Author, lang: Lang, screen: &Screen, number: usize, all: usize) -> AnyView {
    let parts: Vec<AnyView> = screen.parts.iter().map(|found| part(author, lang, found)).collect();
    view! {
        <p class="phone-number">{filled(lang, Message::PracticeStep, &[&number.to_string(), &all.to_string()])}</p>
        {parts::line_of("", author.html(&screen.ask))}
        <div class="phone">
            {parts::line_of("phone-title", author.text(&screen.title))}
            {parts}
        </div>
    }
    .into_any()
}

fn part(author: &Author, lang: Lang, part: &Part) -> AnyView {
    match part {
        Part::Text(found) => html(author, found),
        Part::Field(found) => field(author, lang, found),
        Part::Button(found) => button(author, lang, found),
        // Of a newer release; the rest of the screen still shows what to do.
        _ => ().into_any(),
    }
}

fn field(author: &Author, lang: Lang, field: &Field) -> AnyView {
    view! {
        <div class="phone-field">
            {parts::line_of("", author.text(&field.label))}
            <p><strong inner_html=to_type(author, lang, field)></strong></p>
        </div>
    }
    .into_any()
}

/// Writes what is to be typed into a field.
pub(crate) fn to_type(author: &Author, lang: Lang, field: &Field) -> String {
    filled(lang, Message::PracticeType, &[&author.text(&field.value)])
}

fn button(author: &Author, lang: Lang, button: &Button) -> AnyView {
    let answer = judged(author, lang, button.right, &button.feedback);
    view! {
        <details class="answer">
            <summary class="secondary"><span inner_html=author.text(&button.label)></span></summary>
            {answer}
        </details>
    }
    .into_any()
}

/// Shows a message to judge; each judgement opens what there is to say to it.
fn drill(author: &Author, lang: Lang, scam: &Scam) -> AnyView {
    let line = |pieces: &Vec<Piece>| parts::line_of("", pieces.iter().map(|piece| author.text(&piece.text)).collect());
    let lines: Vec<AnyView> = scam.lines.iter().map(line).collect();
    view! {
        <div class="phone">
            {parts::line_of("phone-title", from(author, lang, scam))}
            {lines}
        </div>
        {judgement(author, lang, scam, Verdict::Genuine)}
        {judgement(author, lang, scam, Verdict::Scam)}
        {signs(author, lang, scam)}
    }
    .into_any()
}

/// Writes how a message arrives, and from whom.
pub(crate) fn from(author: &Author, lang: Lang, scam: &Scam) -> String {
    let channel = match scam.channel {
        Channel::Call => Message::DrillCall,
        Channel::Chat => Message::DrillChat,
        _ => Message::DrillSms,
    };
    filled(lang, channel, &[&author.text(&scam.sender)])
}

fn judgement(author: &Author, lang: Lang, scam: &Scam, verdict: Verdict) -> AnyView {
    let words = match verdict {
        Verdict::Genuine => Message::JudgeGenuine,
        Verdict::Scam => Message::JudgeScam,
    };
    let answer = judged(author, lang, scam.verdict == verdict, scam.feedback(verdict));
    view! {
        <details class="answer">
            <summary class="secondary"><span>{text(lang, words)}</span></summary>
            {answer}
        </details>
    }
    .into_any()
}

/// Writes a sign, and what gives it away.
pub(crate) fn sign(author: &Author, piece: &Piece, why: &Html) -> String {
    let (own, words) = (author.attribute(), parts::escape(piece.text.trim()));
    ["<q", own, ">", &words, "</q><span", own, ">", why.as_str(), "</span>"].concat()
}

fn signs(author: &Author, lang: Lang, scam: &Scam) -> AnyView {
    let signs: Vec<AnyView> = scam.signs().map(|(piece, why)| parts::item("", sign(author, piece, why))).collect();
    if signs.is_empty() {
        return ().into_any();
    }
    view! {
        <details class="answer">
            <summary class="secondary">{icons::icon(icons::HELP)}<span>{text(lang, Message::ShowSigns)}</span></summary>
            <ul class="signs">{signs}</ul>
        </details>
    }
    .into_any()
}

/// Shows steps out of order, and the order on request.
fn order(author: &Author, lang: Lang, order: &Order, seed: u64) -> AnyView {
    let step = |at: usize| order.steps.get(at).map(|step| html(author, &step.text));
    let mixed: Vec<AnyView> = order
        .mixed(seed)
        .into_iter()
        .filter_map(|at| step(at).map(|found| view! { <li class="option">{found}</li> }.into_any()))
        .collect();
    let right: Vec<AnyView> =
        (0..order.steps.len()).filter_map(|at| step(at).map(|found| view! { <li>{found}</li> }.into_any())).collect();
    view! {
        <h2 class="quiz-question" inner_html=author.html(&order.question)></h2>
        <ul class="options mixed">{mixed}</ul>
        <details class="answer">
            <summary class="secondary">{icons::icon(icons::HELP)}<span>{text(lang, Message::ShowOrder)}</span></summary>
            <ol>{right}</ol>
        </details>
    }
    .into_any()
}

/// Says whether it was right, and why.
pub(crate) fn judged(author: &Author, lang: Lang, right: bool, why: &Html) -> AnyView {
    let (word, icon) = if right { (Message::RightMark, icons::TICK) } else { (Message::WrongMark, icons::AGAIN) };
    view! {
        <p class=if right { "judged right" } else { "judged" }>
            <strong>{icons::icon(icon)} " " {text(lang, word)} ". "</strong>
            <span inner_html=author.html(why)></span>
        </p>
    }
    .into_any()
}

fn html(author: &Author, html: &Html) -> AnyView {
    parts::still("", author.html(html))
}
