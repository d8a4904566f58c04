//! What the state looks like.
//!
//! Each screen is a plain function from the state to markup. The server turns it into text; in the
//! browser leptos builds it, and after every action changes only what differs.

mod aloud;
mod author;
mod commune;
pub mod dashboard;
mod exercise;
mod finished;
pub mod frame;
mod home;
pub mod icons;
#[cfg(not(target_arch = "wasm32"))]
pub mod in_app;
mod lesson;
pub mod me;
mod offline;
pub mod paper;
pub(crate) mod parts;
mod play;
mod quiz;
mod review;
mod shelf;
#[cfg(test)]
mod tests;

use author::Author;
use leptos::prelude::*;

pub use lesson::block_id;

use crate::{
    messages::{Message, filled, text},
    route::Route,
    state::{Action, App, Load, LoadError},
};

/// Where taps go: to [`App::update`] in the browser, nowhere on the server.
pub type Act = fn(Action);

/// Shows the screen: the content of `<main>`.
pub fn screen(app: &App, act: Act) -> AnyView {
    match app.route {
        Some(Route::Home) => home::screen(app, act),
        Some(Route::Lesson { .. } | Route::Step { .. }) => lesson::screen(app, act),
        Some(Route::Review) => review::screen(app, act),
        Some(Route::Finished { course, lesson }) => finished::screen(app, act, (course, lesson)),
        Some(Route::Commune) => commune::screen(app, act),
        Some(Route::Me(_) | Route::Confirmation | Route::Province) | None => not_found(app),
    }
}

/// Returns the title of the screen, for the browser's tab and history.
pub fn title(app: &App) -> String {
    let suffix = text(app.lang, Message::PageTitleSuffix);
    let name = match app.route {
        Some(route @ (Route::Lesson { .. } | Route::Step { .. } | Route::Finished { .. })) => {
            route.lesson().and_then(|key| app.step(key)).map(|step| step.lesson.title.as_str())
        }
        Some(Route::Commune) => Some(text(app.lang, Message::CommuneTitle)),
        Some(Route::Review) => Some(text(app.lang, Message::ReviewTitle)),
        Some(Route::Me(_)) => Some(text(app.lang, Message::Mine)),
        Some(Route::Home | Route::Confirmation | Route::Province) | None => None,
    };
    match name {
        Some(name) => [name, suffix].join(" · "),
        None => suffix.to_owned(),
    }
}

/// Returns whether nobody takes taps: only the server renders such a page, so that a phone need not
/// download what only the server shows.
fn is_still(app: &App) -> bool {
    cfg!(not(target_arch = "wasm32")) && !app.live
}

fn not_found(app: &App) -> AnyView {
    view! {
        {parts::heading(text(app.lang, Message::NotFoundTitle))}
        <p>{text(app.lang, Message::NotFound)}</p>
        {parts::primary_link(Route::Home, icons::BOOK, text(app.lang, Message::BackToLessons))}
    }
    .into_any()
}

/// Shows what is not here: being fetched, or failed with words on why.
fn not_here<T>(app: &App, act: Act, load: &Load<T>) -> AnyView {
    let Load::Failed(error) = load else {
        return view! { <p class="loading" role="status">{text(app.lang, Message::Loading)}</p> }.into_any();
    };
    let (title, words) = match error {
        LoadError::Network => (Message::FetchFailed, None),
        LoadError::Damaged(what) => (Message::DamagedTitle, Some(filled(app.lang, Message::Damaged, &[what]))),
    };
    view! {
        <div class="notice" role="alert">
            {parts::heading(text(app.lang, title))}
            {words.map(|words| view! { <p>{words}</p> })}
        </div>
        {parts::primary(act, || Action::Retry, icons::AGAIN, text(app.lang, Message::Retry))}
    }
    .into_any()
}
