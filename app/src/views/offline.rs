//! How the app stands without a network: at the foot of the list, never in the way.

use leptos::prelude::*;

use super::{Act, icons, is_still, parts};
use crate::{
    messages::{Message, text},
    state::{Action, App, Clock, Offline, Sent},
};

/// Shows what will work without the hub and what will not; nothing while nobody knows.
pub(crate) fn view(app: &App, act: Act) -> Option<AnyView> {
    let lines: &[Message] = match app.offline {
        Offline::Unknown => return None,
        Offline::NeedsHub => &[Message::OfflineNeedsHub, Message::OfflineKeepOpen],
        Offline::Ready | Offline::Newer => &[Message::OfflineReady],
    };
    if is_still(app) {
        return None;
    }
    let lang = app.lang;
    // It matters to who keeps something here that is nowhere else.
    let only_here = app.progress.any_done() && app.progress.line().sent != Sent::All;
    let may_go = (app.lasting == Some(false) && only_here).then_some(Message::OfflineMayGo);
    // A phone that is new, or whose browser was emptied: nobody can tell which.
    let nothing = (!app.progress.any_done()).then_some(Message::OfflineNothing);
    let clock = (app.clock == Clock::Wrong).then_some(Message::OfflineClock);
    let lines: Vec<_> = lines
        .iter()
        .copied()
        .chain(nothing)
        .chain(may_go)
        .chain(clock)
        .map(|line| view! { <p>{text(lang, line)}</p> })
        .collect();
    Some(
        view! {
            <section class="offline" aria-labelledby="khong-mang">
                <h2 id="khong-mang">{text(lang, Message::OfflineTitle)}</h2>
                {lines}
                {app.may_renew().then(|| newer(app, act))}
            </section>
        }
        .into_any(),
    )
}

fn newer(app: &App, act: Act) -> AnyView {
    view! {
        <p role="status">{text(app.lang, Message::OfflineNewer)}</p>
        {parts::secondary(act, || Action::UseNewer, icons::AGAIN, text(app.lang, Message::OfflineUseNewer))}
    }
    .into_any()
}
