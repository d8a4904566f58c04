//! What is the learner's own: who learns, the PIN, what is kept, taking it along, erasing it.

use leptos::prelude::*;

use super::{Act, Author, icons, parts};
use crate::{
    communes::Commune,
    messages::{Message, filled, text},
    qr,
    route::{Pane, Route},
    state::{
        Action, App, Arrival, COLOURS, DoneLesson, Erasure, MeAction, PICTURES, PIN_DIGITS, Person, Ticket,
        TicketError, Worker, date, to_hex,
    },
};

/// Pictures of learners, with their words.
const PICTURE: [(&str, Message); PICTURES as usize] = [
    (
        r#"<path d="M12 4c-3 4-3 9 0 13 3-4 3-9 0-13ZM12 17C9 12 6 10 3.5 10c0 4.5 3.5 7 8.5 7 5 0 8.5-2.5 8.5-7C18 10 15 12 12 17ZM5 20.500h14"/>"#,
        Message::PictureLotus,
    ),
    (
        r#"<path d="M7.5 9C4.5 9 3 7.5 3 4.5 5 6 7 6.5 9 6.500h6c2 0 4-.5 6-2C21 7.5 19.5 9 16.5 9M7.5 9 9 17c.3 2 1.5 3 3 3s2.7-1 3-3l1.5-8M9.8 11.500v.1m4.4-.1v.1M10.8 17v.1m2.4-.1v.1"/>"#,
        Message::PictureBuffalo,
    ),
    (
        r#"<path d="M2.5 14c3 2.5 16 2.5 19 0-1 3.5-3.5 5-9.5 5s-8.5-1.5-9.5-5ZM7 14.500c0-5 2-7 5-7s5 2 5 7M12 7.500V4"/>"#,
        Message::PictureBoat,
    ),
    (
        r#"<path d="M12.5 21c-.5-4-.5-8 .5-12M13 9C10 5.5 6.5 5 4 7.500M13 9C9 8.5 6 10 5 13.500M13 9c3-3.5 6-4 8-1.500M13 9c3.5 0 6 1.5 6.5 5M13 9c0-2.5-.8-4-2.5-5.500M9 21h7"/>"#,
        Message::PicturePalm,
    ),
    (
        r#"<path d="M3 12c3-5 9.5-6.5 14-1l3.5-3v8L17 13c-4.5 5.5-11 4-14-1ZM7.5 11v.1M12 9.500c1 1.5 1 3.5 0 5"/>"#,
        Message::PictureFish,
    ),
    (
        r#"<circle cx="12" cy="12" r="4.5"/><path d="M12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M5.3 18.700l1.4-1.400M17.3 6.700l1.4-1.4"/>"#,
        Message::PictureSun,
    ),
    (
        r#"<path d="M14.5 6C9 5 4.5 10 5 14.500c.5 4.5 6 6.5 10.5 3 4.5-3.5 5-10-1-11.500Zm0 0c.5-1.5 1-2.5 2.5-3M14.5 6c2-1.5 4-1.5 6-.5"/>"#,
        Message::PictureMango,
    ),
    (
        r#"<path d="m12 3 2.7 5.8 6.3.7-4.7 4.3 1.3 6.200L12 16.9 6.4 20l1.3-6.200L3 9.500l6.3-.7Z"/>"#,
        Message::PictureStar,
    ),
];

fn words_of(app: &App, picture: u8) -> &'static str {
    text(app.lang, PICTURE[usize::from(picture % PICTURES)].1)
}

/// Returns the inside of a picture, and the style that gives it its colour.
fn looks(picture: u8, colour: u8) -> (&'static str, String) {
    let digit = char::from_digit((colour % COLOURS).into(), 10).unwrap_or('0');
    (PICTURE[usize::from(picture % PICTURES)].0, format!("--face:var(--face-{digit})"))
}

fn face(picture: u8, colour: u8, class: &'static str) -> AnyView {
    let (inside, style) = looks(picture, colour);
    view! {
        <span class=class style=style aria-hidden="true">
            <svg viewBox="0 0 24 24" inner_html=inside></svg>
        </span>
    }
    .into_any()
}

/// Shows who is in front of the phone, and leads to what is theirs.
///
/// The server does not know who it is and shows the first picture, so that nothing below moves when the app knows.
pub(crate) fn chip(app: &App) -> AnyView {
    let me = app.people.me();
    let (inside, colour) = looks(me.picture, me.colour);
    let words = [words_of(app, me.picture), text(app.lang, Message::Mine)].join(" · ");
    // One element for leptos, which makes code for each; nothing in it comes from outside.
    let html = [
        "<span class=\"face\" aria-hidden=\"true\" style=\"",
        &colour,
        "\"><svg viewBox=\"0 0 24 24\">",
        inside,
        "</svg></span><span>",
        &words,
        "</span>",
    ];
    view! { <a class="chip needs-js" href="/toi" inner_html=html.concat()></a> }.into_any()
}

/// Shows the page: the content of `<main>`.
pub fn screen(app: &App, act: Act) -> AnyView {
    if !app.live {
        return waiting(app);
    }
    if app.people.locked {
        return locked(app, act);
    }
    let pane = match app.route {
        Some(Route::Me(pane)) => pane,
        _ => Pane::Own,
    };
    match pane {
        Pane::Own => own(app),
        Pane::People if app.me.asked.is_some() => locked(app, act),
        Pane::People => people(app, act),
        Pane::Pin => pin(app, act),
        Pane::Kept => kept(app, act),
        Pane::Move => moving(app, act),
        Pane::Erase => erase(app, act),
    }
}

fn waiting(app: &App) -> AnyView {
    view! {
        {parts::heading(text(app.lang, Message::Mine))}
        <p class="loading" role="status">{text(app.lang, Message::MoveWait)}</p>
    }
    .into_any()
}

fn to(pane: Pane, icon: &'static str, words: &'static str) -> AnyView {
    parts::secondary_link(Route::Me(pane), icon, words)
}

fn back(app: &App) -> AnyView {
    to(Pane::Own, icons::BACK, text(app.lang, Message::Mine))
}

fn own(app: &App) -> AnyView {
    let lang = app.lang;
    let me = app.people.me();
    view! {
        <div class="own-head">
            {face(me.picture, me.colour, "face big")}
            <div>
                {parts::heading(text(lang, Message::Mine))}
                <p>{words_of(app, me.picture)}</p>
            </div>
        </div>
        {to(Pane::People, icons::TEAM, text(lang, Message::PeopleLink))}
        {to(Pane::Kept, icons::SEARCH, text(lang, Message::KeptLink))}
        {to(Pane::Move, icons::PHONE, text(lang, Message::MoveLink))}
        {to(Pane::Pin, icons::SAFE, text(lang, Message::PinLink))}
        {to(Pane::Erase, icons::BIN, text(lang, Message::EraseLink))}
        // Below what is tapped: it grows when the worker answers, and when the hub does.
        {erasure(app)}
        {parts::state_line(app)}
    }
    .into_any()
}

fn people(app: &App, act: Act) -> AnyView {
    view! {
        {parts::heading(text(app.lang, Message::PeopleTitle))}
        {undo(app, act)}
        {everybody(app, act)}
    }
    .into_any()
}

/// Shows who learns on this phone, and the pictures for who begins.
fn everybody(app: &App, act: Act) -> AnyView {
    let lang = app.lang;
    let all: Vec<AnyView> = app.people.here().map(|person| tile(app, act, person)).collect();
    let new = (0..PICTURES).map(|picture| {
        let words = words_of(app, picture);
        let choose = move |_| act(Action::Me(MeAction::Add(picture)));
        view! {
            <li>
                <button type="button" class="person" on:click=choose>
                    {face(picture, 1, "face big")}
                    <span>{words}</span>
                </button>
            </li>
        }
    });
    let room = app.people.has_room();
    let how = if room { Message::PeopleAddHow } else { Message::PeopleFull };
    view! {
        <p>{text(lang, Message::PeopleIntro)}</p>
        <ul class="people">{all}</ul>
        <section class="own-part" aria-labelledby="them-nguoi">
            <h2 id="them-nguoi">{text(lang, Message::PeopleAdd)}</h2>
            <p>{text(lang, how)}</p>
            {room.then(|| view! { <ul class="people">{new.collect::<Vec<_>>()}</ul> })}
        </section>
    }
    .into_any()
}

fn tile(app: &App, act: Act, person: &Person) -> AnyView {
    let Person { number, picture, colour, .. } = *person;
    let now = number == app.people.current && !app.people.locked;
    let note = match (now, person.pin) {
        (true, _) => Some(Message::PeopleNow),
        (false, Some(_)) => Some(Message::PeopleLocked),
        (false, None) => None,
    };
    view! {
        <li>
            <button
                type="button"
                class="person"
                aria-current=now.then_some("true")
                on:click=move |_| act(Action::Me(MeAction::Choose(number)))
            >
                {face(picture, colour, "face big")}
                <span>{words_of(app, picture)}</span>
                {note.map(|note| view! { <small>{text(app.lang, note)}</small> })}
            </button>
        </li>
    }
    .into_any()
}

/// Offers to take back who was just removed.
fn undo(app: &App, act: Act) -> Option<AnyView> {
    let gone = app.people.gone()?;
    let words = filled(app.lang, Message::Removed, &[words_of(app, gone.picture)]);
    let again =
        parts::secondary(act, || Action::Me(MeAction::TakeBack), icons::BACK, text(app.lang, Message::TakeBack));
    Some(view! { <div class="notice" role="status"><p>{words}</p>{again}</div> }.into_any())
}

/// Asks for a learner's PIN; until it is given nothing of theirs is shown.
fn locked(app: &App, act: Act) -> AnyView {
    let lang = app.lang;
    let Some(person) = app.me.asked.and_then(|number| app.people.find(number)) else {
        return people(app, act);
    };
    let forgot = if app.me.forgot {
        view! {
            <div class="notice" role="status">
                <p>{text(lang, Message::PinForgotHow)}</p>
                <p>{text(lang, Message::PinForgotKept)}</p>
            </div>
        }
        .into_any()
    } else {
        quiet(act, || Action::Me(MeAction::Forgot), text(lang, Message::PinForgot))
    };
    view! {
        <div class="own-head">
            {face(person.picture, person.colour, "face big")}
            {parts::heading(words_of(app, person.picture))}
        </div>
        <p>{text(lang, Message::PinAsk)}</p>
        {pin_field(app, act)}
        {forgot}
        <section class="own-part" aria-labelledby="ai-hoc">
            <h2 id="ai-hoc">{text(lang, Message::PeopleTitle)}</h2>
            {everybody(app, act)}
        </section>
    }
    .into_any()
}

fn pin_field(app: &App, act: Act) -> AnyView {
    let lang = app.lang;
    let hint = app.me.wrong.then(|| text(lang, Message::PinWrong));
    view! {
        <label class="pin">
            <span>{text(lang, Message::PinLink)}</span>
            <input
                type="password"
                inputmode="numeric"
                autocomplete="off"
                maxlength=PIN_DIGITS.to_string()
                prop:value=app.me.typed.clone()
                on:input=move |event| act(Action::Me(MeAction::Typed(event_target_value(&event))))
            />
        </label>
        <p class="early" role="status">{hint}</p>
    }
    .into_any()
}

fn quiet(act: Act, action: fn() -> Action, words: &'static str) -> AnyView {
    view! { <button type="button" class="quiet" on:click=move |_| act(action())>{words}</button> }.into_any()
}

fn pin(app: &App, act: Act) -> AnyView {
    let lang = app.lang;
    let set = if app.people.me().pin.is_some() {
        view! {
            <p class="now" role="status">{text(lang, Message::PinOn)}</p>
            {parts::secondary(act, || Action::Me(MeAction::DropPin), icons::BIN, text(lang, Message::PinOff))}
        }
        .into_any()
    } else {
        view! {
            <p>{text(lang, Message::PinHow)}</p>
            {pin_field(app, act)}
            {parts::primary(act, || Action::Me(MeAction::SetPin), icons::TICK, text(lang, Message::PinSet))}
        }
        .into_any()
    };
    view! {
        {parts::heading(text(lang, Message::PinLink))}
        <p>{text(lang, Message::PinWhy)}</p>
        {set}
        {back(app)}
    }
    .into_any()
}

fn row(name: &'static str, value: String) -> AnyView {
    view! { <li><span class="small">{name}</span><strong>{value}</strong></li> }.into_any()
}

fn kept(app: &App, act: Act) -> AnyView {
    let lang = app.lang;
    let say = |message| text(lang, message);
    let me = app.people.me();
    let id = me.id.filter(|id| !app.progress.lacks(*id));
    let learner = app.progress.learner();
    let done: &[DoneLesson] = learner.map_or(&[], |learner| &learner.done);
    let all = done.len().to_string();
    let of = |count: u32| filled(lang, Message::KeptOf, &[&count.to_string(), &all]);
    let none = || say(Message::KeptNothing).to_owned();
    let commune = app.progress.commune();
    let consent = match (commune, app.ticket().and_then(|ticket| ticket.consent)) {
        (None, _) => say(Message::KeptNoConsent).to_owned(),
        (Some(_), Some((_, day))) => date(day),
        (Some(_), None) => say(Message::KeptYes).to_owned(),
    };
    let yes = if me.pin.is_some() { Message::KeptYes } else { Message::KeptNo };
    let lessons: Vec<AnyView> = done.iter().map(|done| lesson_row(app, done)).collect();
    view! {
        {parts::heading(say(Message::KeptLink))}
        <ul class="own-rows">
            {row(say(Message::KeptPicture), words_of(app, me.picture).to_owned())}
            {row(say(Message::KeptId), id.map_or_else(none, |id| to_hex(&id)))}
            {row(say(Message::KeptCommune), commune.map_or_else(none, |code| commune_name(app, code)))}
            {row(say(Message::KeptConsent), consent)}
            {row(say(Message::KeptSent), of(learner.map_or(0, |learner| learner.sent)))}
            {row(say(Message::KeptArrived), of(learner.map_or(0, |learner| learner.arrived)))}
            {row(say(Message::KeptPin), say(yes).to_owned())}
        </ul>
        <h2>{say(Message::KeptLessons)}</h2>
        {lessons.is_empty().then(|| view! { <p>{say(Message::NothingYet)}</p> })}
        <ul class="own-rows">{lessons}</ul>
        {save(app, act)}
        {back(app)}
    }
    .into_any()
}

fn lesson_row(app: &App, done: &DoneLesson) -> AnyView {
    let author = Author::of(app, done.course);
    let title = app.step((done.course, done.lesson)).map(|step| author.text(&step.lesson.title));
    let title = title.unwrap_or_else(|| [done.course.to_string(), done.lesson.to_string()].join("."));
    let when = filled(app.lang, Message::KeptLesson, &[&date(done.day), &done.score.to_string()]);
    view! { <li><strong inner_html=title></strong><span class="small">{when}</span></li> }.into_any()
}

fn commune_name(app: &App, code: u32) -> String {
    app.commune(code).map_or_else(|| code.to_string(), Commune::title)
}

fn save(app: &App, act: Act) -> AnyView {
    let picture = words_of(app, app.people.me().picture);
    view! {
        <button type="button" class="secondary" on:click=move |_| act(Action::Me(MeAction::SaveFile(picture)))>
            {icons::icon(icons::KEEP)}
            <span>{text(app.lang, Message::SaveFile)}</span>
        </button>
        <p>{text(app.lang, Message::SaveFileCare)}</p>
    }
    .into_any()
}

fn moving(app: &App, act: Act) -> AnyView {
    let lang = app.lang;
    let wrong = match &app.me.arrival {
        Arrival::Here(ticket) => return arriving(app, act, ticket),
        Arrival::Taken => return taken(app),
        Arrival::Bad(TicketError::Newer { .. }) => Some(Message::MoveNewer),
        Arrival::Bad(_) => Some(Message::MoveDamaged),
        Arrival::Withdrawn => Some(Message::MoveWithdrawn),
        Arrival::Nothing => None,
    };
    let code = app.ticket().and_then(|ticket| qr::code(&[&*app.origin, "/toi#chuyen=", &ticket.to_text()].concat()));
    let none = app.progress.learner().is_none() && app.progress.phone.is_some();
    let wait = if none { Message::NothingYet } else { Message::MoveWait };
    let code = code.map_or_else(
        || view! { <p class="loading" role="status">{text(lang, wait)}</p> }.into_any(),
        |code| {
            let (size, path) = code.path();
            let frame = ["0 0 ", &size.to_string(), " ", &size.to_string()].concat();
            view! {
                <p>{text(lang, Message::MoveHow)}</p>
                <svg class="code" viewBox=frame role="img" aria-label=text(lang, Message::MoveCode)>
                    <path d=path></path>
                </svg>
                <p><strong>{text(lang, Message::MoveCare)}</strong></p>
            }
            .into_any()
        },
    );
    view! {
        {parts::heading(text(lang, Message::MoveLink))}
        {wrong.map(|wrong| view! { <p class="notice" role="alert">{text(lang, wrong)}</p> })}
        {code}
        {save(app, act)}
        <label class="pick-file">
            {text(lang, Message::MoveFile)}
            <input type="file" accept=".json,application/json" />
        </label>
        {back(app)}
    }
    .into_any()
}

fn taken(app: &App) -> AnyView {
    let lang = app.lang;
    view! {
        {parts::heading(text(lang, Message::MoveDone))}
        {parts::state_line(app)}
        {parts::primary_link(Route::Home, icons::BOOK, text(lang, Message::BackToLessons))}
    }
    .into_any()
}

/// Shows what would be taken over, before it is.
fn arriving(app: &App, act: Act, ticket: &Ticket) -> AnyView {
    let lang = app.lang;
    let sends = ticket.consent.map(|(commune, _)| {
        view! { <p>{text(lang, Message::MoveSends)} " " {commune_name(app, commune)} "."</p> }
    });
    view! {
        <div class="own-head">
            {face(ticket.picture, 1, "face big")}
            {parts::heading(text(lang, Message::MoveAsk))}
        </div>
        <p><strong>{filled(lang, Message::MoveLessons, &[&ticket.done.len().to_string()])}</strong></p>
        {sends}
        {parts::primary(act, || Action::Me(MeAction::TakeOver), icons::KEEP, text(lang, Message::MoveTake))}
        {quiet(act, || Action::Me(MeAction::LeaveIt), text(lang, Message::MoveLeave))}
    }
    .into_any()
}

fn erase(app: &App, act: Act) -> AnyView {
    let lang = app.lang;
    let next = [Message::EraseHere, Message::EraseHub, Message::EraseProvince, Message::EraseEver]
        .map(|line| view! { <li>{text(lang, line)}</li> });
    // A learner whom the store has not named yet cannot be erased there; where it does not open, what the page holds is.
    let failed = matches!(app.progress.worker, Worker::Failed(_));
    let ready = app.people.me().id.is_some() || app.progress.phone.is_some() || failed;
    let waits = || view! { <p class="loading" role="status">{text(lang, Message::MoveWait)}</p> };
    let elsewhere = || view! { <p class="notice" role="alert">{text(lang, Message::EraseElsewhere)}</p> };
    let removal = || {
        view! {
            <p>{text(lang, Message::EraseNext)}</p>
            <ul class="sent-items">{next}</ul>
            {parts::primary(act, || Action::Me(MeAction::Withdraw), icons::BIN, text(lang, Message::EraseNow))}
            <section class="own-part" aria-labelledby="xoa-may">
                <h2 id="xoa-may">{text(lang, Message::RemoveTitle)}</h2>
                <p>{text(lang, Message::RemoveHow)}</p>
                <p>{text(lang, Message::RemoveMore)}</p>
                {parts::secondary(act, || Action::Me(MeAction::Remove), icons::BIN, text(lang, Message::RemoveTitle))}
            </section>
        }
    };
    view! {
        {parts::heading(text(lang, Message::EraseLink))}
        {app.me.elsewhere.then(elsewhere)}
        {erasure(app)}
        {(!ready).then(waits)}
        {ready.then(removal)}
        {back(app)}
    }
    .into_any()
}

/// Shows how far the latest withdrawal on this phone came.
fn erasure(app: &App) -> Option<AnyView> {
    let lang = app.lang;
    let erasure = app.erasure()?;
    let said = |words| text(lang, words).to_owned();
    let here = erasure != Erasure::Here;
    let (sent, arrived) = (matches!(erasure, Erasure::Sent | Erasure::Arrived), erasure == Erasure::Arrived);
    let hub = if sent { Message::EraseSent } else { Message::EraseWaiting };
    let province = if arrived { Message::EraseArrived } else { Message::EraseWaitingProvince };
    let phone = if here { Message::EraseDoneHere } else { Message::EraseOnHere };
    let view = view! {
        <section class="state" aria-labelledby="da-rut">
            <h2 id="da-rut">{text(lang, Message::EraseLink)}</h2>
            <ul role="status">
                {parts::state_step(icons::PHONE, here, &said(phone))}
                {here.then(|| parts::state_step(icons::TEAM, sent, &said(hub)))}
                {sent.then(|| parts::state_step(icons::HALL, arrived, &said(province)))}
            </ul>
        </section>
    };
    Some(view.into_any())
}
