//! Parts that several screens share.

use leptos::prelude::*;

use super::{Act, Author, icons};
use crate::{
    messages::{Lang, Message, filled, text},
    protocol::Failure,
    route::Route,
    state::{Action, App, Kept, Left, OpenLesson, QUERY_CHARS_MAX, Sent, Worker},
};

/// Shows the screen's heading, which takes the focus after a change of screens.
pub(crate) fn heading(words: &str) -> AnyView {
    heading_of(escape(words))
}

/// Shows the screen's heading, written as markup.
pub(crate) fn heading_of(markup: String) -> AnyView {
    view! { <h1 tabindex="-1" inner_html=markup></h1> }.into_any()
}

/// Shows the one button that leads on.
pub(crate) fn primary(act: Act, action: fn() -> Action, icon: &'static str, words: &'static str) -> AnyView {
    button(act, action, "primary", icon, words)
}

/// Shows a quieter button.
pub(crate) fn secondary(act: Act, action: fn() -> Action, icon: &'static str, words: &'static str) -> AnyView {
    button(act, action, "secondary", icon, words)
}

/// Shows one of the quiet buttons at the foot of a part.
pub(crate) fn foot(act: Act, action: fn() -> Action, icon: &'static str, words: &'static str) -> AnyView {
    button(act, action, "foot-button", icon, words)
}

/// All buttons are of one shape: what differs in type is built, and downloaded, once more.
fn button(act: Act, action: fn() -> Action, class: &'static str, icon: &'static str, words: &'static str) -> AnyView {
    view! {
        <button type="button" class=class on:click=move |_| act(action())>
            {icons::icon(icon)}
            <span>{words}</span>
        </button>
    }
    .into_any()
}

/// Shows a link as the button that leads on.
pub(crate) fn primary_link(to: Route, icon: &'static str, words: &'static str) -> AnyView {
    link(to, "primary", icon, words)
}

/// Shows a link as a quieter button.
pub(crate) fn secondary_link(to: Route, icon: &'static str, words: impl Into<String>) -> AnyView {
    link(to, "secondary", icon, words)
}

fn link(to: Route, class: &'static str, icon: &'static str, words: impl Into<String>) -> AnyView {
    let words: String = words.into();
    view! {
        <a class=class href=to.to_string()>
            {icons::icon(icon)}
            <span>{words}</span>
        </a>
    }
    .into_any()
}

/// Shows parts in one element.
pub(crate) fn column(class: &'static str, parts: Vec<AnyView>) -> AnyView {
    view! { <div class=class>{parts}</div> }.into_any()
}

/// Shows what never changes while it is there. The markup is one text: elements of their own would be code that is
/// downloaded for each shape of them.
pub(crate) fn still(class: &'static str, markup: String) -> AnyView {
    view! { <div class=class inner_html=markup></div> }.into_any()
}

/// Shows one of a list that never changes while it is there.
pub(crate) fn item(class: &'static str, markup: String) -> AnyView {
    view! { <li class=class inner_html=markup></li> }.into_any()
}

/// Writes text for markup, so that it stays text.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Shows a line of text.
pub(crate) fn line(class: &'static str, words: &str) -> AnyView {
    line_of(class, escape(words))
}

/// Shows a line, written as markup.
pub(crate) fn line_of(class: &'static str, markup: String) -> AnyView {
    view! { <p class=class inner_html=markup></p> }.into_any()
}

/// Shows a sentence of the author's set apart, below what it is about.
pub(crate) fn goal(author: &Author, icon: &'static str, about: &'static str, words: &str) -> AnyView {
    still("goal", [&icons::markup(icon), "<p><strong>", about, "</strong> ", &author.text(words), "</p>"].concat())
}

/// Shows a field to search with.
pub(crate) fn search(
    act: Act,
    id: &'static str,
    label: &'static str,
    query: &str,
    action: fn(String) -> Action,
) -> AnyView {
    view! {
        <label class="search">
            <span class="search-label">{label}</span>
            <span class="search-box">
                {icons::icon(icons::SEARCH)}
                <input
                    id=id
                    type="search"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="search"
                    maxlength=QUERY_CHARS_MAX.to_string()
                    prop:value=query.to_owned()
                    on:input=move |event| act(action(event_target_value(&event)))
                />
            </span>
        </label>
    }
    .into_any()
}

/// Says what is left, where it begins, to a learner who tapped the last button early.
pub(crate) fn early(lang: Lang, open: &OpenLesson, here: Left) -> Option<String> {
    if !open.early || open.first_left() != Some(here) {
        return None;
    }
    let left = [(open.quizzes.left(), Message::QuizzesLeft), (open.exercises.left(), Message::ExercisesLeft)];
    let mut said = String::new();
    for (count, words) in left.into_iter().filter(|(count, _)| *count > 0) {
        said.push_str(&filled(lang, words, &[&count.to_string()]));
        said.push(' ');
    }
    said.push_str(text(lang, Message::FinishEarly));
    Some(said)
}

/// Shows where the learner's progress is: on this phone, at the team, at the province.
pub(crate) fn state_line(app: &App) -> AnyView {
    let lang = app.lang;
    let line = app.progress.line();
    let (kept, is_kept) = kept(line.kept);
    let (sent, is_sent) = sent(lang, line.sent);
    let province = if line.arrived { Message::Arrived } else { Message::WaitingProvince };
    let agreed = line.sent != Sent::NotAgreed && line.kept != Kept::Nothing;
    view! {
        <section class="state" aria-labelledby="ket-qua">
            <h2 id="ket-qua">{text(lang, Message::Progress)}</h2>
            <div role="status">
                <ul>
                    {state_step(icons::PHONE, is_kept, text(lang, kept))}
                    {(line.kept != Kept::Nothing).then(|| state_step(icons::TEAM, is_sent, &sent))}
                    {(agreed && (is_sent || line.arrived))
                        .then(|| state_step(icons::HALL, line.arrived, text(lang, province)))}
                </ul>
            </div>
            {worker_words(app).map(|words| view! { <p class="state-note">{text(lang, words)}</p> })}
        </section>
    }
    .into_any()
}

pub(crate) fn state_step(icon: &'static str, reached: bool, words: &str) -> AnyView {
    let class = if reached { "state-step reached" } else { "state-step" };
    let mark = if reached { icons::TICK } else { icons::WAIT };
    let markup = [
        "<span class=\"state-icon\">",
        &icons::markup(icon),
        "</span><span class=\"state-words\">",
        &escape(words),
        "</span><span class=\"state-mark\">",
        &icons::markup(mark),
        "</span>",
    ];
    item(class, markup.concat())
}

fn kept(kept: Kept) -> (Message, bool) {
    match kept {
        Kept::Nothing => (Message::NothingYet, false),
        Kept::Saving => (Message::Saving, false),
        Kept::HeldByPage => (Message::HeldByPage, false),
        Kept::HeldInMemory => (Message::HeldInMemory, false),
        Kept::Saved => (Message::Saved, true),
    }
}

fn sent(lang: Lang, sent: Sent) -> (String, bool) {
    let words = match sent {
        Sent::NotAgreed => Message::NotSentNoCommune,
        Sent::Offline => Message::WaitingOffline,
        Sent::Connecting => Message::WaitingConnecting,
        Sent::Sending => Message::Sending,
        Sent::All => Message::Sent,
        Sent::Some { sent, all } => {
            let counts = [sent.to_string(), all.to_string()];
            return (filled(lang, Message::SentSome, &[&counts[0], &counts[1]]), false);
        }
    };
    (text(lang, words).to_owned(), sent == Sent::All)
}

/// Returns what a person must know about the worker, in plain words.
fn worker_words(app: &App) -> Option<Message> {
    let Worker::Failed(reason) = app.progress.worker else {
        return None;
    };
    Some(match reason {
        None => Message::WorkerFailed,
        Some(Failure::NoStorage) => Message::StorageNone,
        Some(Failure::Full) => Message::StorageFull,
        Some(Failure::Newer { .. }) => Message::StorageNewer,
        Some(Failure::Storage | Failure::UnknownLearner | Failure::Bounds | Failure::Elsewhere) => {
            Message::StorageBroken
        }
        Some(Failure::Protocol) => Message::VersionMismatch,
    })
}
