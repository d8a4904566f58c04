//! Choice of the commune, and consent. Nothing leaves the phone before both.

use leptos::prelude::*;

use super::{Act, icons, not_here, parts};
use crate::{
    communes::{self, Commune, Found},
    messages::{Message, filled, text},
    route::Route,
    state::{Action, App, CONSENT_ID, Load},
};

pub(crate) fn screen(app: &App, act: Act) -> AnyView {
    if app.choice.agreed {
        return agreed(app);
    }
    let Some(code) = app.choice.picked else {
        return search(app, act);
    };
    consent(app, act, code)
}

/// Shows the search and everything it finds; all communes for an empty search.
fn search(app: &App, act: Act) -> AnyView {
    let lang = app.lang;
    let now = match app.progress.commune() {
        Some(code) => Some(filled(lang, Message::ConsentCurrent, &[&title(app, code)])),
        None => app.declined.then(|| text(lang, Message::ConsentDeclined).to_owned()),
    };
    view! {
        {parts::heading(text(lang, Message::CommuneTitle))}
        {now.map(|now| view! { <p class="now">{now}</p> })}
        <p>{text(lang, Message::CommuneIntro)}</p>
        {parts::search(act, "tim", text(lang, Message::CommuneSearch), &app.choice.query, Action::Search)}
        {app.live.then(|| decline(app, act))}
        {match &app.communes {
            Load::Ready(list) => results(app, act, list),
            Load::Waiting => {
                view! { <p class="loading" role="status">{text(lang, Message::CommuneNeedsApp)}</p> }.into_any()
            }
            failed @ Load::Failed(_) => not_here(app, act, failed),
        }}
    }
    .into_any()
}

fn results(app: &App, act: Act, list: &[Commune]) -> AnyView {
    let lang = app.lang;
    let found = communes::search(list, &app.choice.query);
    let count = if found.is_empty() {
        text(lang, Message::CommuneNone).to_owned()
    } else {
        filled(lang, Message::CommuneCount, &[&found.len().to_string()])
    };
    let rows: Vec<AnyView> = found.iter().map(|found| row(app, act, list, found)).collect();
    view! {
        <p class="count" role="status">{count}</p>
        <ul class="communes">{rows}</ul>
    }
    .into_any()
}

fn row(app: &App, act: Act, list: &[Commune], found: &Found) -> AnyView {
    let commune = &list[found.index];
    let code = commune.code;
    view! {
        <li>
            <button type="button" class="commune" on:click=move |_| act(Action::Pick(code))>
                <span class="commune-name">{commune.title()}</span>
                <span class="commune-former">{former(app, commune, found)}</span>
            </button>
        </li>
    }
    .into_any()
}

/// Names the former unit that was searched for, or all of them.
fn former(app: &App, commune: &Commune, found: &Found) -> Option<String> {
    let former = match &found.former {
        Some(former) => former.clone(),
        None if commune.former.is_empty() => return None,
        None => commune.former.join(", "),
    };
    Some(filled(app.lang, Message::CommuneFormer, &[&former]))
}

fn title(app: &App, code: u32) -> String {
    app.commune(code).map_or_else(|| code.to_string(), Commune::title)
}

fn consent(app: &App, act: Act, code: u32) -> AnyView {
    let lang = app.lang;
    let hint = app.choice.untickedly.then(|| text(lang, Message::ConsentTickFirst));
    let items = [Message::ConsentCommune, Message::ConsentLesson, Message::ConsentDay, Message::ConsentId]
        .map(|item| view! { <li>{text(lang, item)}</li> });
    view! {
        <div class="picked">
            {icons::icon(icons::PLACE)}
            <p><span class="small">{text(lang, Message::CommuneChosen)}</span><strong>{title(app, code)}</strong></p>
        </div>
        {parts::secondary(act, || Action::Unpick, icons::AGAIN, text(lang, Message::CommuneOther))}
        {parts::heading(text(lang, Message::ConsentTitle))}
        <p>{text(lang, Message::ConsentIntro)}</p>
        <ul class="sent-items">{items}</ul>
        <p><strong>{text(lang, Message::ConsentNot)}</strong></p>
        <p>{text(lang, Message::ConsentFree)} " " {text(lang, Message::ConsentWithdraw)}</p>
        <label class="tick" for=CONSENT_ID>
            <input
                type="checkbox"
                id=CONSENT_ID
                prop:checked=app.choice.ticked
                on:change=move |event| act(Action::Tick(event_target_checked(&event)))
            />
            <span>{text(lang, Message::ConsentTick)}</span>
        </label>
        <p class="early" role="status">{hint}</p>
        {parts::primary(act, || Action::Agree, icons::TICK, text(lang, Message::ConsentSend))}
        {decline(app, act)}
    }
    .into_any()
}

fn decline(app: &App, act: Act) -> AnyView {
    view! {
        <button type="button" class="quiet" on:click=move |_| act(Action::Decline)>
            {text(app.lang, Message::ConsentDecline)}
        </button>
    }
    .into_any()
}

fn agreed(app: &App) -> AnyView {
    let lang = app.lang;
    let here = app.progress.commune().map(|code| title(app, code)).unwrap_or_default();
    let next = app.next_step(None).map_or(Route::Home, |step| step.route());
    view! {
        {parts::heading(text(lang, Message::ConsentSaved))}
        <p>{filled(lang, Message::ConsentCurrent, &[&here])}</p>
        {parts::state_line(app)}
        {parts::primary_link(next, icons::PLAY, text(lang, Message::Continue))}
        {parts::secondary_link(Route::Home, icons::BOOK, text(lang, Message::BackToLessons))}
    }
    .into_any()
}
