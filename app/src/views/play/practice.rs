//! A phone within the phone: one screen at a time, to tap and to type on.

use content::pack::{Button, Field, Part, Practice, Screen};
use leptos::prelude::*;

use super::{Place, foot, told};
use crate::{
    messages::{Message, filled, text},
    state::{self, Play, PracticeState, TYPED_CHARS_MAX},
    views::icons,
};

pub(super) fn view(place: Place, practice: &Practice, state: &PracticeState) -> AnyView {
    let phone = match practice.screens.get(state.screen) {
        Some(found) => screen(place, practice, state, found),
        None => end(place, practice),
    };
    view! {
        <h2 class="quiz-question" inner_html=practice.task.as_str().to_owned()></h2>
        {phone}
        <div class="foot">
            {(state.screen > 0)
                .then(|| foot(place, Play::Back, icons::BACK, Message::ScreenBefore))}
            {foot(place, Play::Restart, icons::AGAIN, Message::Restart)}
        </div>
    }
    .into_any()
}

fn screen(place: Place, practice: &Practice, state: &PracticeState, screen: &Screen) -> AnyView {
    let Place { lang, at, .. } = place;
    let [number, all] = [(state.screen + 1).to_string(), practice.screens.len().to_string()];
    let praised = state.advanced.then(|| praised(practice, state.screen)).flatten();
    let pointed = state.pointed(screen);
    let parts: Vec<AnyView> =
        screen.parts.iter().enumerate().map(|(at, found)| part(place, state, at, found, pointed == Some(at))).collect();
    let types = screen.fields().next().is_some();
    view! {
        <div class="turn" id=state::turn_id(at) tabindex="-1">
            <p class="phone-number">{filled(lang, Message::PracticeStep, &[&number, &all])}</p>
            {praised}
            <p class="ask-now" inner_html=screen.ask.as_str().to_owned()></p>
        </div>
        <div class="phone" role="group" aria-label=screen.title.clone()>
            <p class="phone-title">{screen.title.clone()}</p>
            {parts}
        </div>
        {types.then(|| view! { <p class="small">{text(lang, Message::PracticePrivate)}</p> })}
    }
    .into_any()
}

/// Shows what the author says to the button that led here.
fn praised(practice: &Practice, screen: usize) -> Option<AnyView> {
    let before = practice.screens.get(screen.checked_sub(1)?)?;
    let words = before.parts.iter().find_map(|part| match part {
        Part::Button(button) if button.right => Some(button.feedback.as_str().to_owned()),
        _ => None,
    })?;
    Some(view! { <p class="praised">{icons::icon(icons::TICK)} <span inner_html=words></span></p> }.into_any())
}

fn part(place: Place, state: &PracticeState, at: usize, part: &Part, pointed: bool) -> AnyView {
    match part {
        Part::Text(found) => view! { <p inner_html=found.as_str().to_owned()></p> }.into_any(),
        Part::Field(found) => field(place, state, at, found, pointed),
        Part::Button(found) => button(place, state, at, found, pointed),
        // Of a newer release; the rest of the screen still shows what to do.
        _ => ().into_any(),
    }
}

fn class(pointed: bool) -> &'static str {
    if pointed { "part pointed" } else { "part" }
}

fn button(place: Place, state: &PracticeState, at: usize, button: &Button, pointed: bool) -> AnyView {
    let words = state.misses.is_told(at).then_some(&button.feedback);
    view! {
        <div class=class(pointed)>
            <button type="button" class="phone-button" on:click=move |_| place.play(Play::Tap(at))>
                {button.label.clone()}
            </button>
            {told(place.lang, words, pointed.then_some(Message::TapHere))}
        </div>
    }
    .into_any()
}

fn field(place: Place, state: &PracticeState, at: usize, field: &Field, pointed: bool) -> AnyView {
    let typed = state.typed(at);
    let words = state.misses.is_told(at).then_some(&field.hint);
    let digits = field.value.chars().all(|c| c.is_ascii_digit() || c == ' ');
    view! {
        <div class=class(pointed)>
            <label class=if field.accepts(typed) { "phone-field filled" } else { "phone-field" }>
                <span>{field.label.clone()}</span>
                <strong>{filled(place.lang, Message::PracticeType, &[&field.value])}</strong>
                <input
                    type="text"
                    inputmode=if digits { "numeric" } else { "text" }
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="done"
                    maxlength=TYPED_CHARS_MAX.to_string()
                    prop:value=typed.to_owned()
                    on:input=move |event| place.play(Play::Type(at, event_target_value(&event)))
                />
            </label>
            {told(place.lang, words, pointed.then_some(Message::TypeHere))}
        </div>
    }
    .into_any()
}

fn end(place: Place, practice: &Practice) -> AnyView {
    let end = &practice.end;
    let line = |text: &content::pack::Html| view! { <p inner_html=text.as_str().to_owned()></p> }.into_any();
    let texts: Vec<AnyView> = end.texts.iter().map(line).collect();
    view! {
        <div class="turn" id=state::turn_id(place.at) tabindex="-1">
            <p class="phone-number">{text(place.lang, Message::PracticeEnd)}</p>
        </div>
        <div class="phone" role="group" aria-label=end.title.clone()>
            <p class="phone-title">{end.title.clone()}</p>
            <p class="phone-done" aria-hidden="true">{icons::icon(icons::TICK)}</p>
            {texts}
        </div>
        <p class="praise" inner_html=end.praise.as_str().to_owned()></p>
    }
    .into_any()
}
