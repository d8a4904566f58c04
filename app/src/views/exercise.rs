//! The exercises where no script runs: each opens by the browser's own means.
//!
//! [`play`] shows them to be played.

use content::pack::{Button, Channel, Field, Html, Order, Part, Practice, Scam, Screen, Verdict};
use leptos::prelude::*;

use super::{icons, play};
use crate::{
    messages::{Lang, Message, filled, text},
    state::{Exercise, OpenLesson},
};

/// Shows an exercise, counted from 0 among those of the lesson.
pub(crate) fn view(lang: Lang, open: &OpenLesson, exercise: Exercise<'_>, at: usize) -> AnyView {
    let body = match exercise {
        Exercise::Practice(found) => practice(lang, found),
        Exercise::Drill(found) => drill(lang, found),
        Exercise::Order(found) => order(lang, found, open.seed(at)),
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
fn practice(lang: Lang, practice: &Practice) -> AnyView {
    let all = practice.screens.len();
    let screens: Vec<AnyView> =
        practice.screens.iter().enumerate().map(|(at, found)| screen(lang, found, at + 1, all)).collect();
    let texts: Vec<AnyView> = practice.end.texts.iter().map(html).collect();
    view! {
        <h2 class="quiz-question" inner_html=practice.task.as_str().to_owned()></h2>
        {screens}
        <div class="phone">
            <p class="phone-title">{practice.end.title.clone()}</p>
            {texts}
        </div>
        <p class="praise" inner_html=practice.end.praise.as_str().to_owned()></p>
    }
    .into_any()
}

fn screen(lang: Lang, screen: &Screen, number: usize, all: usize) -> AnyView {
    let parts: Vec<AnyView> = screen.parts.iter().map(|found| part(lang, found)).collect();
    view! {
        <p class="phone-number">{filled(lang, Message::PracticeStep, &[&number.to_string(), &all.to_string()])}</p>
        <p inner_html=screen.ask.as_str().to_owned()></p>
        <div class="phone">
            <p class="phone-title">{screen.title.clone()}</p>
            {parts}
        </div>
    }
    .into_any()
}

fn part(lang: Lang, part: &Part) -> AnyView {
    match part {
        Part::Text(found) => html(found),
        Part::Field(found) => field(lang, found),
        Part::Button(found) => button(lang, found),
        // Of a newer release; the rest of the screen still shows what to do.
        _ => ().into_any(),
    }
}

fn field(lang: Lang, field: &Field) -> AnyView {
    view! {
        <div class="phone-field">
            <p>{field.label.clone()}</p>
            <p><strong>{filled(lang, Message::PracticeType, &[&field.value])}</strong></p>
        </div>
    }
    .into_any()
}

fn button(lang: Lang, button: &Button) -> AnyView {
    let answer = judged(lang, button.right, &button.feedback);
    view! {
        <details class="answer">
            <summary class="secondary"><span>{button.label.clone()}</span></summary>
            {answer}
        </details>
    }
    .into_any()
}

/// Shows a message to judge; each judgement opens what there is to say to it.
fn drill(lang: Lang, scam: &Scam) -> AnyView {
    let line = |pieces: &Vec<content::pack::Piece>| {
        let words: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        view! { <p>{words}</p> }.into_any()
    };
    let lines: Vec<AnyView> = scam.lines.iter().map(line).collect();
    view! {
        <div class="phone">
            <p class="phone-title">{filled(lang, channel(scam.channel), &[&scam.sender])}</p>
            {lines}
        </div>
        {judgement(lang, scam, Verdict::Genuine)}
        {judgement(lang, scam, Verdict::Scam)}
        {signs(lang, scam)}
    }
    .into_any()
}

/// Says how a message arrives.
pub(crate) fn channel(channel: Channel) -> Message {
    match channel {
        Channel::Call => Message::DrillCall,
        Channel::Chat => Message::DrillChat,
        _ => Message::DrillSms,
    }
}

fn judgement(lang: Lang, scam: &Scam, verdict: Verdict) -> AnyView {
    let words = match verdict {
        Verdict::Genuine => Message::JudgeGenuine,
        Verdict::Scam => Message::JudgeScam,
    };
    let answer = judged(lang, scam.verdict == verdict, scam.feedback(verdict));
    view! {
        <details class="answer">
            <summary class="secondary"><span>{text(lang, words)}</span></summary>
            {answer}
        </details>
    }
    .into_any()
}

fn signs(lang: Lang, scam: &Scam) -> AnyView {
    let sign = |(piece, why): (&content::pack::Piece, &Html)| {
        view! {
            <li>
                <q>{piece.text.trim().to_owned()}</q>
                <span inner_html=why.as_str().to_owned()></span>
            </li>
        }
        .into_any()
    };
    let signs: Vec<AnyView> = scam.signs().map(sign).collect();
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
fn order(lang: Lang, order: &Order, seed: u64) -> AnyView {
    let step = |at: usize| order.steps.get(at).map(|step| html(&step.text));
    let mixed: Vec<AnyView> = order
        .mixed(seed)
        .into_iter()
        .filter_map(|at| step(at).map(|found| view! { <li class="option">{found}</li> }.into_any()))
        .collect();
    let right: Vec<AnyView> =
        (0..order.steps.len()).filter_map(|at| step(at).map(|found| view! { <li>{found}</li> }.into_any())).collect();
    view! {
        <h2 class="quiz-question" inner_html=order.question.as_str().to_owned()></h2>
        <ul class="options mixed">{mixed}</ul>
        <details class="answer">
            <summary class="secondary">{icons::icon(icons::HELP)}<span>{text(lang, Message::ShowOrder)}</span></summary>
            <ol>{right}</ol>
        </details>
    }
    .into_any()
}

/// Says whether it was right, and why.
pub(crate) fn judged(lang: Lang, right: bool, why: &Html) -> AnyView {
    let (word, icon) = if right { (Message::RightMark, icons::TICK) } else { (Message::WrongMark, icons::AGAIN) };
    view! {
        <p class=if right { "judged right" } else { "judged" }>
            <strong>{icons::icon(icon)} " " {text(lang, word)} ". "</strong>
            <span inner_html=why.as_str().to_owned()></span>
        </p>
    }
    .into_any()
}

fn html(html: &Html) -> AnyView {
    view! { <div inner_html=html.as_str().to_owned()></div> }.into_any()
}
