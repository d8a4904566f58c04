//! A message to judge; after that its signs are marked where they stand.

use content::pack::{Html, Piece, Scam, Verdict};
use leptos::prelude::*;

use super::Place;
use crate::{
    messages::{Message, text},
    state::{DrillState, Play},
    views::{exercise, icons, parts},
};

pub(super) fn view(place: Place<'_>, scam: &Scam, DrillState(judged): DrillState) -> AnyView {
    let lang = place.lang;
    let author = place.author;
    let feedback = judged.map(|judged| exercise::judged(author, lang, judged == scam.verdict, scam.feedback(judged)));
    view! {
        <div class="phone">
            {parts::line_of("phone-title", exercise::from(author, lang, scam))}
            {message(place, scam, judged.is_some())}
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
fn message(place: Place<'_>, scam: &Scam, marked: bool) -> Vec<AnyView> {
    let mut at = 0;
    let mut piece = |piece: &Piece| {
        let words = place.author.text(&piece.text);
        if !marked || piece.sign.is_none() {
            return words;
        }
        at += 1;
        ["<mark>", &words, " ", &number(at), "</mark>"].concat()
    };
    let mut line = |line: &Vec<Piece>| parts::line_of("bubble", line.iter().map(&mut piece).collect());
    scam.lines.iter().map(&mut line).collect()
}

/// Writes the number of a sign.
fn number(at: usize) -> String {
    ["<span class=\"sign-number\" aria-hidden=\"true\">", &at.to_string(), "</span>"].concat()
}

fn judgement(place: Place<'_>, judged: Option<Verdict>, verdict: Verdict) -> AnyView {
    let (icon, words) = match verdict {
        Verdict::Genuine => (icons::SAFE, Message::Genuine),
        Verdict::Scam => (icons::ALERT, Message::Scam),
    };
    let taps = place.taps;
    view! {
        <button
            type="button"
            class="judge-button"
            aria-pressed=if judged == Some(verdict) { "true" } else { "false" }
            on:click=move |_| taps.play(Play::Judge(verdict))
        >
            {icons::icon(icon)}
            <span>{text(place.lang, words)}</span>
        </button>
    }
    .into_any()
}

fn signs(place: Place<'_>, scam: &Scam) -> AnyView {
    let title = match scam.verdict {
        Verdict::Genuine => Message::SignsGenuine,
        Verdict::Scam => Message::SignsScam,
    };
    let sign = |(at, (piece, why)): (usize, (&Piece, &Html))| {
        let sign = exercise::sign(place.author, piece, why);
        parts::item("", [&number(at + 1), "<div>", &sign, "</div>"].concat())
    };
    let signs: Vec<AnyView> = scam.signs().enumerate().map(sign).collect();
    view! {
        <h3>{text(place.lang, title)}</h3>
        <ol class="signs numbered">{signs}</ol>
    }
    .into_any()
}
