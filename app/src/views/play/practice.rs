//! A phone within the phone: one screen at a time, to tap and to type on.

use content::pack::{Button, Field, Part, Practice, Screen};
use leptos::prelude::*;

use super::{Place, foot, told};
use crate::{
    messages::{Message, filled, text},
    state::{self, Play, PracticeState, TYPED_CHARS_MAX},
    views::{exercise, icons, parts},
};

pub(super) fn view(place: Place<'_>, practice: &Practice, state: &PracticeState) -> AnyView {
    let phone = match practice.screens.get(state.screen) {
        Some(found) => screen(place, practice, state, found),
        None => end(place, practice),
    };
    view! {
        <h2 class="quiz-question" inner_html=place.author.html(&practice.task)></h2>
        {phone}
        <div class="foot">
            {(state.screen > 0)
                .then(|| foot(place, Play::Back, icons::BACK, Message::ScreenBefore))}
            {foot(place, Play::Restart, icons::AGAIN, Message::Restart)}
        </div>
    }
    .into_any()
}

fn screen(place: Place<'_>, practice: &Practice, state: &PracticeState, screen: &Screen) -> AnyView {
    let Place { author, lang, taps, .. } = place;
    let [number, all] = [(state.screen + 1).to_string(), practice.screens.len().to_string()];
    let praised = state.advanced.then(|| praised(place, practice, state.screen)).flatten();
    let pointed = state.pointed(screen);
    let parts: Vec<AnyView> =
        screen.parts.iter().enumerate().map(|(at, found)| part(place, state, at, found, pointed == Some(at))).collect();
    let types = screen.fields().next().is_some();
    view! {
        <div class="turn" id=state::turn_id(taps.at) tabindex="-1">
            <p class="phone-number">{filled(lang, Message::PracticeStep, &[&number, &all])}</p>
            {praised}
            {parts::line_of("ask-now", author.html(&screen.ask))}
        </div>
        {phone(place, &screen.title, parts)}
        {types.then(|| view! { <p class="small">{text(lang, Message::PracticePrivate)}</p> })}
    }
    .into_any()
}

/// Shows a screen of the phone, which its title names.
fn phone(place: Place<'_>, title: &str, parts: Vec<AnyView>) -> AnyView {
    let id = [&state::turn_id(place.taps.at), "-ten"].concat();
    view! {
        <div class="phone" role="group" aria-labelledby=id>
            <p class="phone-title" id=id.clone() inner_html=place.author.text(title)></p>
            {parts}
        </div>
    }
    .into_any()
}

/// Shows what the author says to the button that led here.
fn praised(place: Place<'_>, practice: &Practice, screen: usize) -> Option<AnyView> {
    let before = practice.screens.get(screen.checked_sub(1)?)?;
    let words = before.parts.iter().find_map(|part| match part {
        Part::Button(button) if button.right => Some(place.author.html(&button.feedback)),
        _ => None,
    })?;
    Some(view! { <p class="praised">{icons::icon(icons::TICK)} <span inner_html=words></span></p> }.into_any())
}

fn part(place: Place<'_>, state: &PracticeState, at: usize, part: &Part, pointed: bool) -> AnyView {
    match part {
        Part::Text(found) => parts::line_of("", place.author.html(found)),
        Part::Field(found) => field(place, state, at, found, pointed),
        Part::Button(found) => button(place, state, at, found, pointed),
        // Of a newer release; the rest of the screen still shows what to do.
        _ => ().into_any(),
    }
}

fn class(pointed: bool) -> &'static str {
    if pointed { "part pointed" } else { "part" }
}

fn button(place: Place<'_>, state: &PracticeState, at: usize, button: &Button, pointed: bool) -> AnyView {
    let words = state.misses.is_told(at).then_some(&button.feedback);
    let (taps, label) = (place.taps, place.author.text(&button.label));
    view! {
        <div class=class(pointed)>
            <button
                type="button"
                class="phone-button"
                inner_html=label
                on:click=move |_| taps.play(Play::Tap(at))
            ></button>
            {told(place, words, pointed.then_some(Message::TapHere))}
        </div>
    }
    .into_any()
}

fn field(place: Place<'_>, state: &PracticeState, at: usize, field: &Field, pointed: bool) -> AnyView {
    let (author, taps) = (place.author, place.taps);
    let typed = state.typed(at);
    let words = state.misses.is_told(at).then_some(&field.hint);
    let digits = field.value.chars().all(|c| c.is_ascii_digit() || c == ' ');
    view! {
        <div class=class(pointed)>
            <label class=if field.accepts(typed) { "phone-field filled" } else { "phone-field" }>
                <span inner_html=author.text(&field.label)></span>
                <strong inner_html=exercise::to_type(author, place.lang, field)></strong>
                <input
                    type="text"
                    inputmode=if digits { "numeric" } else { "text" }
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="done"
                    maxlength=TYPED_CHARS_MAX.to_string()
                    prop:value=typed.to_owned()
                    on:input=move |event| taps.play(Play::Type(at, event_target_value(&event)))
                />
            </label>
            {told(place, words, pointed.then_some(Message::TypeHere))}
        </div>
    }
    .into_any()
}

fn end(place: Place<'_>, practice: &Practice) -> AnyView {
    let (end, author) = (&practice.end, place.author);
    let done = view! { <p class="phone-done" aria-hidden="true">{icons::icon(icons::TICK)}</p> }.into_any();
    let texts = end.texts.iter().map(|text| parts::line_of("", author.html(text)));
    let shown = [done].into_iter().chain(texts).collect();
    view! {
        <div class="turn" id=state::turn_id(place.taps.at) tabindex="-1">
            <p class="phone-number">{text(place.lang, Message::PracticeEnd)}</p>
        </div>
        {phone(place, &end.title, shown)}
        {parts::line_of("praise", author.html(&end.praise))}
    }
    .into_any()
}
