//! A message to judge; after that its signs are marked where they stand.

use content::pack::{Html, Piece, Scam, Verdict};
use leptos::prelude::*;

use super::Place;
use crate::{
    messages::{Message, filled, text},
    state::{DrillState, Play},
    views::{exercise, icons},
};

pub(super) fn view(place: Place, scam: &Scam, DrillState(judged): DrillState) -> AnyView {
    let lang = place.lang;
    let from = filled(lang, exercise::channel(scam.channel), &[&scam.sender]);
    let feedback = judged.map(|judged| exercise::judged(lang, judged == scam.verdict, scam.feedback(judged)));
    view! {
        <div class="phone">
            <p class="phone-title">{from}</p>
            {message(scam, judged.is_some())}
        </div>
        <p class="ask-now">{text(lang, Message::DrillAsk)}</p>
        <div class="judge">
            {judgement(place, judged, Verdict::Genuine)}
            {judgement(place, judged, Verdict::Scam)}
        </div>
        <div role="status">{feedback}</div>
        {judged.map(|_| signs(place, scam))}
    }
    .into_any()
}

/// Shows the message, its signs marked and numbered where they stand.
fn message(scam: &Scam, marked: bool) -> Vec<AnyView> {
    let mut number = 0;
    let mut piece = |piece: &Piece| {
        let words = piece.text.clone();
        if !marked || piece.sign.is_none() {
            return view! { <span>{words}</span> }.into_any();
        }
        number += 1;
        let number = number.to_string();
        view! { <mark>{words} <span class="sign-number" aria-hidden="true">{number}</span></mark> }.into_any()
    };
    let mut line = |line: &Vec<Piece>| {
        let pieces: Vec<AnyView> = line.iter().map(&mut piece).collect();
        view! { <p class="bubble">{pieces}</p> }.into_any()
    };
    scam.lines.iter().map(&mut line).collect()
}

fn judgement(place: Place, judged: Option<Verdict>, verdict: Verdict) -> AnyView {
    let (icon, words) = match verdict {
        Verdict::Genuine => (icons::SAFE, Message::Genuine),
        Verdict::Scam => (icons::ALERT, Message::Scam),
    };
    view! {
        <button
            type="button"
            class="judge-button"
            aria-pressed=if judged == Some(verdict) { "true" } else { "false" }
            on:click=move |_| place.play(Play::Judge(verdict))
        >
            {icons::icon(icon)}
            <span>{text(place.lang, words)}</span>
        </button>
    }
    .into_any()
}

fn signs(place: Place, scam: &Scam) -> AnyView {
    let title = match scam.verdict {
        Verdict::Genuine => Message::SignsGenuine,
        Verdict::Scam => Message::SignsScam,
    };
    let sign = |(at, (piece, why)): (usize, (&Piece, &Html))| {
        view! {
            <li>
                <span class="sign-number" aria-hidden="true">{at + 1}</span>
                <div>
                    <q>{piece.text.trim().to_owned()}</q>
                    <span inner_html=why.as_str().to_owned()></span>
                </div>
            </li>
        }
        .into_any()
    };
    let signs: Vec<AnyView> = scam.signs().enumerate().map(sign).collect();
    view! {
        <h3>{text(place.lang, title)}</h3>
        <ol class="signs numbered">{signs}</ol>
    }
    .into_any()
}
