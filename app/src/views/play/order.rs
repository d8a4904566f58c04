//! Steps to tap in their order.

use content::pack::{Order, OrderStep};
use leptos::prelude::*;

use super::{Place, foot, told};
use crate::{
    messages::{Message, text},
    state::{OrderState, Play},
    views::icons,
};

pub(super) fn view(place: Place<'_>, order: &Order, state: OrderState) -> AnyView {
    let all = order.steps.len();
    let whole = state.placed == all;
    // Put in order they are read in order.
    let shown = if whole { (0..all).collect() } else { order.mixed(place.seed) };
    let steps: Vec<AnyView> =
        shown.into_iter().filter_map(|at| order.steps.get(at).map(|found| step(place, state, at, found))).collect();
    let words = if whole { Message::Right } else { Message::OrderHow };
    view! {
        <h2 class="quiz-question" inner_html=place.author.html(&order.question)></h2>
        <p class=if whole { "praise" } else { "ask-now" } role="status">{text(place.lang, words)}</p>
        <ul class="options">{steps}</ul>
        <div class="foot">
            {(state.placed > 0).then(|| foot(place, Play::Undo, icons::BACK, Message::UndoStep))}
            {whole.then(|| foot(place, Play::Restart, icons::AGAIN, Message::Restart))}
        </div>
    }
    .into_any()
}

fn step(place: Place<'_>, state: OrderState, at: usize, step: &OrderStep) -> AnyView {
    let taps = place.taps;
    let (placed, pointed) = (at < state.placed, state.pointed() == Some(at));
    let class = match (placed, pointed) {
        (true, _) => "option right",
        (_, true) => "option pointed",
        _ => "option",
    };
    let words = state.misses.is_told(at).then_some(&step.hint);
    view! {
        <li class=class>
            <button
                type="button"
                class="option-button"
                aria-pressed=if placed { "true" } else { "false" }
                on:click=move |_| taps.play(Play::Step(at))
            >
                <span class="option-mark">{placed.then_some(at + 1)}</span>
                <span inner_html=place.author.html(&step.text)></span>
            </button>
            {told(place, words, pointed.then_some(Message::TapHere))}
        </li>
    }
    .into_any()
}
