//! Keeping a course on the phone, below its lessons.

use content::pack::CourseManifest;
use leptos::prelude::*;

use super::{Act, icons, is_still};
use crate::{
    messages::{Lang, Message, filled, text},
    state::{Action, App, CourseKeeping, CourseKept, KeepError, LoadError},
};

/// Bytes of what people call a KB.
const KB: u64 = 1000;

/// Shows how keeping the course stands, and what may be done next; nothing where the browser keeps nothing.
pub(crate) fn view(app: &App, act: Act, course: &CourseManifest) -> Option<AnyView> {
    if is_still(app) || app.shelf.held.is_none() {
        return None;
    }
    let lang = app.lang;
    let kept = app.shelf.kept(course);
    let at = Place { lang, act, course: course.course };
    let (said, done, next) = match app.shelf.under_way(course.course) {
        Some(CourseKeeping::Measuring) => (text(lang, Message::KeepMeasuring).to_owned(), None, None),
        Some(CourseKeeping::Measured(bytes)) => (String::new(), None, Some(at.download(*bytes))),
        Some(&CourseKeeping::Fetching { done, all }) => {
            let counts = [done.to_string(), all.to_string()];
            (filled(lang, Message::KeepFetching, &[&counts[0], &counts[1]]), Some((done, all)), None)
        }
        Some(CourseKeeping::Failed(error)) => (text(lang, why(error)).to_owned(), None, Some(at.keep(kept))),
        None if kept == CourseKept::Whole => (text(lang, Message::KeptHere).to_owned(), None, Some(at.remove())),
        None => (String::new(), None, Some(at.keep(kept))),
    };
    let whole = kept == CourseKept::Whole;
    Some(
        view! {
            <div class=if whole { "shelf kept" } else { "shelf" }>
                <p role="status">{whole.then(|| icons::icon(icons::TICK))} <span>{said}</span></p>
                {done.map(|(done, all)| view! {
                    <progress max=all.to_string() value=done.to_string() aria-hidden="true"></progress>
                })}
                {next}
            </div>
        }
        .into_any(),
    )
}

fn why(error: &KeepError) -> Message {
    match error {
        KeepError::Load(LoadError::Network) => Message::KeepNoNetwork,
        KeepError::Load(LoadError::Damaged(_)) => Message::KeepDamaged,
        KeepError::Storage => Message::KeepNoRoom,
    }
}

/// A course on the page, and where taps on it go.
#[derive(Clone, Copy)]
struct Place {
    lang: Lang,
    act: Act,
    course: u16,
}

impl Place {
    fn keep(self, kept: CourseKept) -> AnyView {
        let words = if kept == CourseKept::No { Message::KeepCourse } else { Message::KeepRest };
        self.button("secondary", Action::Measure, icons::KEEP, text(self.lang, words).to_owned())
    }

    fn download(self, bytes: Option<u64>) -> AnyView {
        let words = match bytes {
            Some(bytes) => filled(self.lang, Message::KeepSized, &[&bytes.div_ceil(KB).to_string()]),
            None => text(self.lang, Message::KeepUnsized).to_owned(),
        };
        self.button("secondary", Action::KeepCourse, icons::KEEP, words)
    }

    fn remove(self) -> AnyView {
        let words = text(self.lang, Message::KeepDrop).to_owned();
        self.button("foot-button", Action::DropCourse, icons::BIN, words)
    }

    fn button(self, class: &'static str, action: fn(u16) -> Action, icon: &'static str, words: String) -> AnyView {
        let Self { act, course, .. } = self;
        view! {
            <button type="button" class=class on:click=move |_| act(action(course))>
                {icons::icon(icon)}
                <span>{words}</span>
            </button>
        }
        .into_any()
    }
}
