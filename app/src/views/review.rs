//! What was answered wrong, again: one thing at a time, in its own time.

use content::pack::Block;
use leptos::prelude::*;

use super::{Act, icons, is_still, not_here, parts, play, quiz};
use crate::{
    messages::{Lang, Message, filled, text},
    route::Route,
    state::{self, Action, App, Kind, Load, OpenLesson, Topic},
};

pub(crate) fn screen(app: &App, act: Act) -> AnyView {
    let lang = app.lang;
    if is_still(app) {
        return view! {
            {parts::heading(text(lang, Message::ReviewTitle))}
            <p>{text(lang, Message::ReviewHow)}</p>
            {parts::primary_link(Route::Home, icons::BOOK, text(lang, Message::BackToLessons))}
        }
        .into_any();
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
    view! {
        <div class="lesson review">
            {parts::heading(text(lang, Message::ReviewTitle))}
            <p class="step-count">{filled(lang, Message::ReviewNumber, &[&numbers[0], &numbers[1]])}</p>
            <p class="step-open">{filled(lang, Message::ReviewFrom, &[&open.lesson.title])}</p>
            {task(app, act, open, topic.kind)}
            <p class="praise" role="status">{wait}</p>
            {if answered {
                parts::primary(act, || Action::ReviewNext, icons::NEXT, text(lang, next))
            } else {
                parts::secondary(act, || Action::ReviewNext, icons::NEXT, text(lang, Message::SkipStep))
            }}
        </div>
    }
    .into_any()
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
    let next = app.next_due().map(|days| match days {
        0 => filled(lang, Message::ReviewOffer, &[&app.due().len().to_string()]),
        1 => text(lang, Message::ReviewNextTomorrow).to_owned(),
        _ => filled(lang, Message::ReviewNextInDays, &[&days.to_string()]),
    });
    view! {
        <div class="finished">
            {asked.then(|| view! { <div class="medal" aria-hidden="true">{icons::icon(icons::TICK)}</div> })}
            {parts::heading(text(lang, words))}
            <p>{next}</p>
            {(app.next_due() == Some(0)).then(|| offer(app))}
            {parts::primary_link(Route::Home, icons::BOOK, text(lang, Message::BackToLessons))}
        </div>
    }
    .into_any()
}

/// Offers what is due, where something is.
pub(crate) fn offer(app: &App) -> Option<AnyView> {
    let due = app.due().len();
    (due > 0).then(|| {
        view! {
            <a class="secondary" href=Route::Review.to_string()>
                {icons::icon(icons::AGAIN)}
                <span>{filled(app.lang, Message::ReviewOffer, &[&due.to_string()])}</span>
            </a>
        }
        .into_any()
    })
}
