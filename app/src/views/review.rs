//! What was answered wrong, again: one thing at a time, in its own time.

use content::pack::Block;
use leptos::prelude::*;

use super::{Act, Author, icons, is_still, not_here, parts, play, quiz};
use crate::{
    messages::{Lang, Message, filled, text},
    route::Route,
    state::{self, Action, App, Kind, Load, OpenLesson, Topic},
};

pub(crate) fn screen(app: &App, act: Act) -> AnyView {
    let lang = app.lang;
    if is_still(app) {
        let parts = vec![
            parts::heading(text(lang, Message::ReviewTitle)),
            parts::line("", text(lang, Message::ReviewHow)),
            parts::primary_link(Route::Home, icons::BOOK, text(lang, Message::BackToLessons)),
        ];
        return parts::column("lesson", parts);
    }
    if app.catalogue.ready().is_none() {
        return not_here(app, act, &app.catalogue);
    }
    let Some(topic) = app.review.now() else {
        return end(app);
    };
    match (&app.review.open, app.lessons.get(&topic.lesson)) {
        (Some(open), _) => asked(app, act, open, topic),
        (None, Some(load)) => not_here(app, act, load),
        (None, None) => not_here(app, act, &Load::<()>::Waiting),
    }
}

fn asked(app: &App, act: Act, open: &OpenLesson, topic: Topic) -> AnyView {
    let lang = app.lang;
    let all = app.review.asked.as_ref().map_or(0, Vec::len);
    let numbers = [app.review.at + 1, all].map(|number| number.to_string());
    let answered = app.review.is_answered();
    let next = if app.review.at + 1 < all { Message::ReviewNext } else { Message::ReviewDone };
    let wait = answered.then(|| wait(lang, app.review.boxes.wait(topic, app.today)));
    let title = Author::of(app, open.lesson.course).text(&open.lesson.title);
    let mut shown = vec![
        parts::heading(text(lang, Message::ReviewTitle)),
        parts::line("step-count", &filled(lang, Message::ReviewNumber, &[&numbers[0], &numbers[1]])),
        parts::line_of("step-open", filled(lang, Message::ReviewFrom, &[&title])),
    ];
    shown.extend(task(app, act, open, topic.kind));
    shown.push(view! { <p class="praise" role="status">{wait}</p> }.into_any());
    shown.push(if answered {
        parts::primary(act, || Action::ReviewNext, icons::NEXT, text(lang, next))
    } else {
        parts::secondary(act, || Action::ReviewNext, icons::NEXT, text(lang, Message::SkipStep))
    });
    parts::column("lesson review", shown)
}

fn task(app: &App, act: Act, open: &OpenLesson, kind: Kind) -> Option<AnyView> {
    let blocks = &open.lesson.blocks;
    match kind {
        Kind::Quiz(at) => {
            let at = usize::from(at);
            let mut quizzes = blocks.iter().filter_map(|block| match block {
                Block::Quiz(found) => Some(found),
                _ => None,
            });
            Some(quiz::view(app, act, open, quizzes.nth(at)?, at))
        }
        Kind::Drill(at) => {
            let at = usize::from(at);
            let found = blocks.iter().filter_map(state::exercise).nth(at)?;
            Some(play::view(app, act, open, found, at))
        }
    }
}

/// Says when something comes back.
fn wait(lang: Lang, days: Option<u32>) -> String {
    match days {
        None => text(lang, Message::ReviewKnown).to_owned(),
        Some(0 | 1) => text(lang, Message::ReviewTomorrow).to_owned(),
        Some(days) => filled(lang, Message::ReviewInDays, &[&days.to_string()]),
    }
}

fn end(app: &App) -> AnyView {
    let lang = app.lang;
    let asked = app.review.asked.as_ref().is_some_and(|asked| !asked.is_empty());
    let words = if asked { Message::ReviewEnd } else { Message::ReviewNothing };
    let next = app.next_due().filter(|days| *days > 0).map(|days| match days {
        1 => text(lang, Message::ReviewNextTomorrow).to_owned(),
        _ => filled(lang, Message::ReviewNextInDays, &[&days.to_string()]),
    });
    let mut shown = vec![parts::heading(text(lang, words))];
    shown.extend(next.map(|next| parts::line("", &next)));
    if app.next_due() == Some(0) {
        shown.extend(offer(app));
    }
    shown.push(parts::primary_link(Route::Home, icons::BOOK, text(lang, Message::BackToLessons)));
    parts::column("finished", shown)
}

/// Offers what is due, where something is.
pub(crate) fn offer(app: &App) -> Option<AnyView> {
    let due = app.due().len();
    let words = || filled(app.lang, Message::ReviewOffer, &[&due.to_string()]);
    (due > 0).then(|| parts::secondary_link(Route::Review, icons::AGAIN, words()))
}
