//! The exercises as they are played: one module a kind, and what they share.
//!
//! [`exercise`](super::exercise) shows the same ones where no script runs.

mod drill;
mod order;
mod practice;

use content::pack::Html;
use leptos::prelude::*;

use super::{Act, Author, icons, parts};
use crate::{
    messages::{Lang, Message, filled, text},
    state::{self, Action, App, Exercise, ExerciseState, Left, OpenLesson, Play},
};

/// An exercise on the page, and where taps on it go.
#[derive(Clone, Copy)]
struct Place<'a> {
    author: &'a Author,
    lang: Lang,
    taps: Taps,
    seed: u64,
}

/// Where taps on an exercise go, counted from 0.
#[derive(Clone, Copy)]
struct Taps {
    act: Act,
    at: usize,
}

impl Taps {
    fn play(self, play: Play) {
        (self.act)(Action::Play { exercise: self.at, play });
    }
}

/// Shows an exercise, counted from 0 among those of the lesson.
pub(crate) fn view(app: &App, act: Act, open: &OpenLesson, exercise: Exercise<'_>, at: usize) -> AnyView {
    let lang = app.lang;
    let Some(found) = open.exercises.0.get(at) else {
        return ().into_any();
    };
    let author = &Author::of(app, open.lesson.course);
    let place = Place { author, lang, taps: Taps { act, at }, seed: open.seed(at) };
    let body = match (exercise, found) {
        (Exercise::Practice(practice), ExerciseState::Practice(state)) => practice::view(place, practice, state),
        (Exercise::Drill(scam), ExerciseState::Drill(state)) => drill::view(place, scam, *state),
        (Exercise::Order(order), ExerciseState::Order(state)) => order::view(place, order, *state),
        // States are made from the lesson they stand beside.
        _ => ().into_any(),
    };
    view! {
        <section
            class=if found.is_done() { "quiz exercise right" } else { "quiz exercise" }
            id=state::exercise_id(at)
            tabindex="-1"
        >
            <p class="early" role="status">{parts::early(lang, open, Left::Exercise(at))}</p>
            <p class="quiz-number">{number(lang, open, exercise, at)}</p>
            {body}
        </section>
    }
    .into_any()
}

/// Writes which exercise of how many it is, and what kind.
pub(crate) fn number(lang: Lang, open: &OpenLesson, exercise: Exercise<'_>, at: usize) -> String {
    let kind = match exercise {
        Exercise::Practice(_) => Message::PracticeTitle,
        Exercise::Drill(_) => Message::DrillTitle,
        Exercise::Order(_) => Message::OrderTitle,
    };
    let [number, all] = [(at + 1).to_string(), open.exercises.0.len().to_string()];
    [&filled(lang, Message::ExerciseNumber, &[&number, &all]), text(lang, kind)].join(" · ")
}

/// Shows the author's words on a miss, and points where a hint alone has not helped.
fn told(place: Place<'_>, words: Option<&Html>, here: Option<Message>) -> AnyView {
    let words = words.map(|words| parts::line_of("told", place.author.html(words)));
    let here = here.map(|here| {
        view! { <p class="here">{icons::icon(icons::UP)} <span>{text(place.lang, here)}</span></p> }
    });
    view! { <div class="hints" role="status">{words} {here}</div> }.into_any()
}

/// Shows one of the quiet buttons below an exercise.
fn foot(place: Place<'_>, play: Play, icon: &'static str, words: Message) -> AnyView {
    let taps = place.taps;
    view! {
        <button type="button" class="foot-button" on:click=move |_| taps.play(play.clone())>
            {icons::icon(icon)}
            <span>{text(place.lang, words)}</span>
        </button>
    }
    .into_any()
}
