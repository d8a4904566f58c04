//! The buttons that read a lesson aloud.

use content::pack::Spot;
use leptos::prelude::*;

use super::{Act, icons, is_still};
use crate::{
    messages::{Lang, Message, filled, text},
    state::{self, Action, App, CourseKeeping, Heard, KeepError, LoadError, OpenLesson, Phase, Why},
};

/// Bytes of what people call a KB.
const KB: u64 = 1000;

/// Shows the button of a block, counted from 0, and while the block is said what else can be done; nothing for what
/// has no words, and where no script runs.
pub(crate) fn bar(app: &App, act: Act, open: &OpenLesson, at: usize) -> Option<AnyView> {
    let block = u8::try_from(at).ok().filter(|_| !is_still(app) && state::has_button(open, at))?;
    // A heading has no bar: while it is said, that of the block below it takes the taps.
    let heads = |found: u8| usize::from(found) + 1 == at && !state::has_button(open, found.into());
    let here = app.aloud.spoken().filter(|(found, _)| *found == block || heads(*found));
    let on = app
        .aloud
        .stopped_at(block)
        .then(|| button(app.lang, act, Heard::On(block), icons::SOUND, Message::ListenOn, None));
    let why = app.aloud.trouble().filter(|(found, _)| *found == block);
    Some(
        view! {
            {controls(app, act, here, Heard::Tap(block), Message::Listen)}
            {on.map(|on| view! { <div class="aloud wide">{on}</div> })}
            {why.map(|(_, why)| trouble(app, act, open, why))}
        }
        .into_any(),
    )
}

/// Shows the button of the whole lesson below its title, or of the step that stands alone, and how the audio is kept
/// on the phone.
pub(crate) fn head(app: &App, act: Act, open: &OpenLesson) -> AnyView {
    if is_still(app) {
        return view! { <div class="aloud-head">{room(app.lang)}</div> }.into_any();
    }
    // A step has this button alone; the whole lesson has one at each block.
    let whole = app.is_whole();
    let mine = |block: u8| !whole || block == Spot::HEAD;
    let here = app.aloud.spoken().filter(|(block, _)| mine(*block));
    let why = app.aloud.trouble().filter(|(block, _)| mine(*block)).map(|(_, why)| why);
    let course = open.lesson.course;
    let offered = why.is_none() && (app.audio_is_kept(course).is_some() || app.audio_under_way(course).is_some());
    let words = if whole { Message::ListenAll } else { Message::Listen };
    view! {
        <div class="aloud-head">
            {controls(app, act, here, Heard::All, words)}
            {why.map(|why| trouble(app, act, open, why))}
            {offered.then(|| offer(app, act, course))}
        </div>
    }
    .into_any()
}

/// Returns the class of what [`head`] stands in.
pub(crate) fn head_class(app: &App) -> &'static str {
    if is_spoken(app, Spot::HEAD) { "lesson-head spoken" } else { "lesson-head" }
}

/// Tells whether a block is said.
pub(crate) fn is_spoken(app: &App, block: u8) -> bool {
    app.aloud.spoken().is_some_and(|(found, _)| found == block)
}

/// Keeps room for the first button where a script will show it, so that nothing moves then; without a script there is
/// none.
fn room(lang: Lang) -> AnyView {
    view! {
        <div class="aloud still" aria-hidden="true">
            <span class="aloud-button">{icons::icon(icons::SOUND)} <span>{text(lang, Message::Listen)}</span></span>
        </div>
    }
    .into_any()
}

fn controls(app: &App, act: Act, here: Option<(u8, Phase)>, begin: Heard, words: Message) -> AnyView {
    let lang = app.lang;
    let Some((block, phase)) = here else {
        return view! { <div class="aloud">{button(lang, act, begin, icons::SOUND, words, None)}</div> }.into_any();
    };
    let hold = match phase {
        Phase::Opening => None,
        Phase::Speaking => Some((icons::PAUSE, Message::ListenPause)),
        Phase::Paused => Some((icons::PLAY, Message::ListenResume)),
    };
    let slow = app.aloud.slow;
    view! {
        <div class="aloud wide" role="group" aria-label=text(lang, Message::Listen)>
            <p role="status">{(phase == Phase::Opening).then(|| text(lang, Message::ListenOpening))}</p>
            {hold.map(|(icon, words)| button(lang, act, Heard::Tap(block), icon, words, None))}
            {button(lang, act, Heard::Stop, icons::STOP, Message::ListenStop, None)}
            {button(lang, act, Heard::Slow(true), "", Message::ListenSlow, Some(slow))}
            {button(lang, act, Heard::Slow(false), "", Message::ListenNormal, Some(!slow))}
        </div>
    }
    .into_any()
}

fn button(lang: Lang, act: Act, heard: Heard, icon: &'static str, words: Message, pressed: Option<bool>) -> AnyView {
    view! {
        <button
            type="button"
            class="aloud-button"
            aria-pressed=pressed.map(|pressed| if pressed { "true" } else { "false" })
            on:click=move |_| act(Action::Aloud(heard.clone()))
        >
            {(!icon.is_empty()).then(|| icons::icon(icon))}
            <span>{text(lang, words)}</span>
        </button>
    }
    .into_any()
}

/// Says why a block was not said, and offers what would help.
fn trouble(app: &App, act: Act, open: &OpenLesson, why: Why) -> AnyView {
    let words = match why {
        Why::NoVoice => Message::ListenNoVoice,
        Why::NoNetwork => Message::ListenNoNetwork,
    };
    view! {
        <div class="notice aloud-why">
            <p role="status">{text(app.lang, words)}</p>
            {(why == Why::NoNetwork).then(|| offer(app, act, open.lesson.course))}
        </div>
    }
    .into_any()
}

/// Shows how keeping the audio of a course stands, and what may be done next; its size before anything is spent.
fn offer(app: &App, act: Act, course: u16) -> AnyView {
    let lang = app.lang;
    let under_way = app.audio_under_way(course);
    let said = match under_way {
        _ if app.audio_is_kept(course) == Some(true) => text(lang, Message::VoiceKept).to_owned(),
        Some(CourseKeeping::Measuring) => text(lang, Message::KeepMeasuring).to_owned(),
        Some(CourseKeeping::Fetching { done, all }) => {
            filled(lang, Message::KeepFetching, &[&done.to_string(), &all.to_string()])
        }
        Some(CourseKeeping::Failed(KeepError::Load(LoadError::Network))) => {
            text(lang, Message::KeepNoNetwork).to_owned()
        }
        Some(CourseKeeping::Failed(KeepError::Load(_))) => text(lang, Message::KeepDamaged).to_owned(),
        Some(CourseKeeping::Failed(KeepError::Storage)) => text(lang, Message::KeepNoRoom).to_owned(),
        Some(CourseKeeping::Measured(_)) | None => String::new(),
    };
    let next = state::offer(under_way, course).filter(|_| app.audio_is_kept(course) != Some(true)).map(|heard| {
        let words = match under_way {
            Some(CourseKeeping::Measured(Some(bytes))) => {
                filled(lang, Message::VoiceSized, &[&bytes.div_ceil(KB).to_string()])
            }
            _ => text(lang, Message::VoiceKeep).to_owned(),
        };
        view! {
            <button type="button" class="foot-button" on:click=move |_| act(Action::Aloud(heard.clone()))>
                {icons::icon(icons::KEEP)}
                <span>{words}</span>
            </button>
        }
    });
    view! {
        <p class="small" role="status">{said}</p>
        {next}
    }
    .into_any()
}
