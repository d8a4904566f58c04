//! Joins the state to the browser: takes the page over, listens to taps, carries effects out.

use std::cell::{Cell, RefCell};

use app::{
    messages::{Lang, Message, filled, text},
    paper::Record,
    route::{Pane, Route},
    state::{Action, App, Effect, Load, LoadError, Moment, Worker},
    views,
};
use content::pack::{Catalogue, Hash};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, MouseEvent};

use crate::{aloud, browser, fetch, keep, offline, people, shelf, worker};

/// The parts of a lesson, the same on the server's page and, where it is shown whole, on ours.
const BLOCKS: &str = ".lesson-head, .piece, .lesson-end, .sources";

thread_local! {
    static APP: RefCell<Option<ArcRwSignal<App>>> = const { RefCell::new(None) };
    /// Whether what the page needs has come, or has not.
    static TAKEN: Cell<bool> = const { Cell::new(false) };
    /// Whether `<main>` is ours: where what the page needs did not come, the server's stays, and its links load pages.
    static OURS: Cell<bool> = const { Cell::new(false) };
    /// Whether a new screen's heading is still to come into focus.
    static UNSETTLED: Cell<bool> = const { Cell::new(false) };
}

/// Starts: reads what the last visit left, then fetches what the page was made from.
pub(crate) fn start() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
        broken();
    }));
    // A bundle whose panics are traps without a text runs no hook; the browser reports the trap here.
    browser::listen(&browser::window(), "error", |event| {
        let said = js_sys::Reflect::get(&event, &"message".into()).ok().and_then(|said| said.as_string());
        if said.is_some_and(|said| said.contains("RuntimeError")) {
            broken();
        }
    });
    let root = browser::document().document_element();
    let lang = root.and_then(|root| root.get_attribute("lang"));
    let mut app = App {
        lang: lang.as_deref().and_then(Lang::parse).unwrap_or_default(),
        route: opened(),
        live: true,
        origin: browser::window().location().origin().unwrap_or_default(),
        ..App::default()
    };
    keep::restore(&mut app);
    // A tab that the phone threw away comes back where it was: at a lesson's end, if that was reached.
    if let Some(end @ Route::Finished { course, lesson }) = Route::parse(&address())
        && app.progress.is_done(course, lesson)
    {
        app.route = Some(end);
    }
    if app.people.locked {
        // The PIN is asked for on another page, which leads back here.
        keep::come_back(&address());
        let _ = browser::window().location().replace(&Route::Me(Pane::People).to_string());
        return;
    }
    let moment = Moment { day: browser::day(), nonce: browser::nonce() };
    let left = app.settle_gone(moment);
    APP.set(Some(ArcRwSignal::new(app)));
    listen();
    left.into_iter().for_each(run);
    wasm_bindgen_futures::spawn_local(async {
        fetch::messages().await;
        if offline::is_shell() {
            // What is kept decides what can be shown before the hub answers.
            act(Action::ShelfRead(shelf::held().await));
        }
        run(Effect::LoadCatalogue);
    });
}

/// Returns the screen that the page was opened at: a step of a lesson, or what the server rendered.
fn opened() -> Option<Route> {
    let step = Route::parse(&address()).filter(|route| matches!(route, Route::Step { .. }));
    step.or_else(|| Route::parse(&browser::window().location().pathname().unwrap_or_default()))
}

/// Tells whether a list of courses, which may be old, shows this screen without the hub.
pub(crate) fn is_enough(list: &Catalogue) -> bool {
    app().with_untracked(|app| match app.route.and_then(Route::lesson) {
        Some((course, lesson)) => list.lesson(course, lesson).is_some_and(|lesson| app.shelf.holds(&lesson.blob)),
        None => true,
    })
}

/// Says that this page has to be loaded again; everything kept so far is kept.
fn broken() {
    let root = browser::document().document_element();
    let lang = root.and_then(|root| root.get_attribute("lang"));
    say(text(lang.as_deref().and_then(Lang::parse).unwrap_or_default(), Message::Broken));
}

fn moment() -> Moment {
    Moment { day: browser::day(), nonce: browser::nonce() }
}

fn app() -> ArcRwSignal<App> {
    APP.with_borrow(Clone::clone).unwrap_or_else(|| ArcRwSignal::new(App::default()))
}

/// Returns whether the worker has answered.
pub(crate) fn worker_answered() -> bool {
    app().with_untracked(|app| app.progress.phone.is_some() || matches!(app.progress.worker, Worker::Failed(Some(_))))
}

/// Gives a worker that has just answered everything that waited for it.
pub(crate) fn give_what_waited() {
    app().with_untracked(|app| app.progress.outbox.iter().for_each(worker::post));
    offline::start();
}

/// Returns whether a blob is kept on this phone.
pub(crate) fn holds(blob: &Hash) -> bool {
    app().with_untracked(|app| app.shelf.holds(blob))
}

/// Returns whether reading aloud shall be slow.
pub(crate) fn is_slow() -> bool {
    app().with_untracked(|app| app.aloud.slow)
}

/// Takes one action, carries out what follows, and shows the result.
pub(crate) fn act(action: Action) {
    let no_worker = matches!(action, Action::WorkerBroken);
    let told = matches!(action, Action::Worker(_));
    let effects = app().try_update(|app| app.update(action, moment())).unwrap_or_default();
    effects.into_iter().for_each(run);
    if told {
        app().with_untracked(|app| {
            if let Some(learner) = app.progress.learner() {
                keep::done(&app.progress.to_text());
                keep::record(&Record::text_of(learner));
            }
        });
    }
    if no_worker {
        offline::start();
    }
    if !TAKEN.get() {
        take_over();
    }
    if UNSETTLED.get() {
        browser::after(0, focus_heading);
    }
}

/// Replaces the server's `<main>` as soon as the same can be built here.
fn take_over() {
    let signal = app();
    let ready = signal.with_untracked(|app| match (app.route, &app.catalogue) {
        (_, Load::Waiting) => None,
        (_, Load::Failed(_)) if offline::is_shell() => Some(Ok(())),
        (_, Load::Failed(error)) => Some(Err(error.clone())),
        (Some(route), Load::Ready(_)) => match route.lesson().and_then(|key| app.lessons.get(&key)) {
            Some(Load::Waiting) => None,
            Some(Load::Failed(error)) if !offline::is_shell() => Some(Err(error.clone())),
            Some(Load::Failed(_) | Load::Ready(_)) | None => Some(Ok(())),
        },
        (None, Load::Ready(_)) => Some(Ok(())),
    });
    match ready {
        None => return,
        Some(Ok(())) => swap(signal),
        // The server's text is better than an empty page: it stays, with a word on what is missing.
        Some(Err(error)) => notice(signal.with_untracked(|app| app.lang), &error),
    }
    TAKEN.set(true);
    app().with_untracked(|app| browser::document().set_title(&views::title(app)));
    browser::when_idle(worker::start);
    aloud::start();
    wasm_bindgen_futures::spawn_local(async { act(Action::ShelfRead(shelf::held().await)) });
}

fn swap(signal: ArcRwSignal<App>) {
    let document = browser::document();
    let Some(old) = document.get_element_by_id("main") else {
        return;
    };
    // A played exercise is shorter than the same one to read: who has read past it stays where they are.
    let seen = browser::seen(BLOCKS);
    let stays = signal.with_untracked(|app| reads_on(app, seen));
    if stays {
        signal.update_untracked(|app| {
            app.update(Action::StayWhole, moment());
        });
    }
    // So do the words, and the place, of who began to type before anyone was here to listen.
    if let Some(query) = browser::typed(&old) {
        signal.update_untracked(|app| {
            let action = if app.route == Some(Route::Commune) { Action::Search(query) } else { Action::Find(query) };
            app.update(action, moment());
        });
    }
    let focused = browser::focused(&old);
    let alone = signal.with_untracked(|app| matches!(app.route, Some(Route::Step { .. })) && !app.is_whole());
    let top = browser::window().scroll_y().unwrap_or(0.0);
    let view = move || move || signal.with(|app| views::screen(app, act));
    browser::replace_main(|main| leptos::mount::mount_to(main, view).forget());
    OURS.set(true);
    if let Some(again) = focused.and_then(|id| document.get_element_by_id(&id)) {
        browser::focus(&again);
    }
    match seen {
        // The whole page was rolled to the step, which now stands alone.
        _ if alone => {
            browser::window().scroll_to_with_x_and_y(0.0, 0.0);
        }
        Some(seen) => browser::see_again(BLOCKS, seen),
        None => browser::window().scroll_to_with_x_and_y(0.0, top),
    }
}

/// Returns whether a lesson's reader is past its first step already, or was sent to a place beyond it.
fn reads_on(app: &App, seen: Option<(u32, f64)>) -> bool {
    let Some(open) = app.open_lesson().and_then(Load::ready) else {
        return false;
    };
    // The head is the first part; the blocks of the first step follow it.
    let first = open.steps.blocks(0).len();
    let past = seen.is_some_and(|(at, _)| usize::try_from(at).is_ok_and(|at| at > first));
    let sent = browser::window().location().hash().is_ok_and(|hash| hash.starts_with("#khoi-"));
    matches!(app.route, Some(Route::Lesson { .. })) && (past || sent)
}

fn notice(lang: Lang, error: &LoadError) {
    match error {
        LoadError::Network => say(text(lang, Message::FetchFailed)),
        LoadError::Damaged(what) => say(&filled(lang, Message::Damaged, &[what])),
    }
}

/// Says something above what is on the screen.
fn say(words: &str) {
    let document = browser::document();
    let (Some(main), Ok(notice)) = (document.get_element_by_id("main"), document.create_element("p")) else {
        return;
    };
    notice.set_class_name("notice");
    let _ = notice.set_attribute("role", "alert");
    notice.set_text_content(Some(words));
    let _ = main.prepend_with_node_1(&notice);
}

fn listen() {
    // Errors of pictures do not bubble; who listens for them does so on their way down.
    browser::listen_first(&browser::document(), "error", |event| {
        if let Some(picture) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
            shelf::show(picture);
        }
    });
    browser::listen(&browser::document(), "click", |event| {
        if let Some(event) = event.dyn_ref::<MouseEvent>() {
            follow(event);
        }
    });
    people::listen();
    browser::listen(&browser::window(), "popstate", |_| {
        if OURS.get() {
            act(Action::Moved(Route::parse(&address())));
            settle(false);
        }
    });
}

fn address() -> String {
    let location = browser::window().location();
    [location.pathname().unwrap_or_default(), location.hash().unwrap_or_default()].concat()
}

/// Follows a tapped link of ours without leaving the page.
fn follow(event: &MouseEvent) {
    let other = event.button() != 0 || event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
    if other || event.default_prevented() || !OURS.get() {
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest("a[href]").ok().flatten());
    let Some(href) = link.and_then(|link| link.get_attribute("href")) else {
        return;
    };
    if let Some(id) = href.strip_prefix('#') {
        event.prevent_default();
        show_place(id);
    } else if !href.contains('?')
        && let Some(route) = Route::parse(&href).filter(|route| route.is_learners())
    {
        event.prevent_default();
        act(Action::Go(route));
    }
}

/// Goes to a place within the page, and back again with the back button.
fn show_place(id: &str) {
    let Some(place) = browser::document().get_element_by_id(id) else {
        return;
    };
    push(&address());
    place.scroll_into_view();
    browser::focus(&place);
}

/// Shows an address as a new entry of the history, which remembers the one before it.
fn push(to: &str) {
    if let Ok(history) = browser::window().history() {
        let _ = history.push_state_with_url(&JsValue::from_str(&address()), "", Some(to));
    }
}

/// Goes back where that leads to an address; else shows it in place of this one.
fn back_to(to: &str) {
    let Ok(history) = browser::window().history() else {
        return;
    };
    let before = history.state().unwrap_or_default();
    if before.as_string().as_deref() == Some(to) {
        let _ = history.back();
    } else {
        let _ = history.replace_state_with_url(&before, "", Some(to));
    }
}

/// Brings the new screen's heading forward, at once or as soon as what it needs has come.
fn settle(top: bool) {
    UNSETTLED.set(true);
    if top {
        browser::after(0, || browser::window().scroll_to_with_x_and_y(0.0, 0.0));
    }
    browser::after(0, focus_heading);
}

fn focus_heading() {
    let heading = browser::document().query_selector("#main h1").ok().flatten();
    if let Some(heading) = heading
        && UNSETTLED.replace(false)
    {
        app().with_untracked(|app| browser::document().set_title(&views::title(app)));
        browser::focus(&heading);
    }
}

fn run(effect: Effect) {
    match effect {
        Effect::Visit(route) if !route.is_learners() => {
            let _ = browser::window().location().assign(&route.to_string());
        }
        Effect::Visit(route) => {
            push(&route.to_string());
            settle(true);
        }
        Effect::Return(route) => {
            back_to(&route.to_string());
            settle(true);
        }
        Effect::FocusHeading => settle(true),
        Effect::Focus(id) => browser::after(0, move || {
            if let Some(element) = browser::document().get_element_by_id(&id) {
                element.scroll_into_view();
                browser::focus(&element);
            }
        }),
        Effect::Follow(id) => browser::after(0, move || {
            if let Some(element) = browser::document().get_element_by_id(&id) {
                browser::show(&element);
                browser::focus(&element);
            }
        }),
        Effect::Reveal(id) => browser::after(0, move || {
            // The words first, then the place pointed at: of two that do not fit it is the one to see.
            for said in [".judged", ".told", ".here"] {
                let said = ["#", &id, " ", said].concat();
                browser::document().query_selector(&said).ok().flatten().as_ref().map(browser::reveal);
            }
        }),
        Effect::LoadCatalogue => wasm_bindgen_futures::spawn_local(offline::load_catalogue()),
        Effect::LoadLesson(key, hash) => {
            let held = holds(&hash);
            wasm_bindgen_futures::spawn_local(async move {
                act(Action::LessonLoaded(key, hash, fetch::lesson(hash, held).await));
            });
        }
        Effect::Measure(course, blobs) => wasm_bindgen_futures::spawn_local(async move {
            act(Action::Measured(course, shelf::measure(&blobs).await));
        }),
        Effect::KeepBlobs(course, blobs) => wasm_bindgen_futures::spawn_local(keep_blobs(course, blobs)),
        Effect::DropBlobs(blobs) => wasm_bindgen_futures::spawn_local(async move {
            if shelf::remove(&blobs).await.is_ok() {
                act(Action::BlobsDropped(blobs));
            }
        }),
        Effect::LoadCommunes => {
            wasm_bindgen_futures::spawn_local(async { act(Action::CommunesLoaded(fetch::communes().await)) });
        }
        Effect::Send(item) => {
            let keeping = keep::item(&item);
            app().update(|app| app.progress.keeping = keeping);
            worker::post(&item);
        }
        Effect::Forget(nonce) => keep::forget(nonce),
        Effect::KeepAnswers(key, text) => keep::answers(key, &text),
        Effect::ForgetAnswers(key) => keep::forget_answers(key),
        Effect::RememberDeclined(declined) => keep::declined(declined),
        Effect::Aloud(deed) => aloud::run(deed),
        Effect::RememberWhole(whole) => keep::whole(whole),
        Effect::KeepReview(text) => keep::review(&text),
        Effect::AskToLast => offline::ask_to_last(),
        Effect::UseNewer => offline::use_newer(),
        Effect::KeepPeople(text) => keep::people(&text),
        Effect::Face(number) => {
            app().update(|app| keep::face(app, number));
        }
        Effect::EraseOwn(number) => keep::erase_own(number),
        Effect::Draw(draw) => people::draw(draw),
        // What the learner's own page does.
        Effect::Ask(_) | Effect::SaveFile(_) | Effect::Resume => {}
    }
}

/// Keeps blobs one after the other, so that each that came is held whatever happens to the next.
async fn keep_blobs(course: u16, blobs: Vec<Hash>) {
    for blob in blobs {
        let kept = shelf::keep(blob).await;
        let stopped = kept.is_err();
        act(Action::BlobKept(course, kept));
        if stopped {
            return;
        }
    }
}
