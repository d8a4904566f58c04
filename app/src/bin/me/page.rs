//! Joins the state to the browser: takes the page over, listens to taps, carries effects out.

use std::cell::RefCell;
use std::sync::Arc;

use app::{
    route::{Pane, Route},
    state::{Action, App, Arrival, Effect, FRAGMENT, MeAction, Moment, Worker},
    views,
};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, MouseEvent};

use crate::{browser, fetch, files, keep, people, worker};

thread_local! {
    static APP: RefCell<Option<ArcRwSignal<App>>> = const { RefCell::new(None) };
}

/// Starts: reads what the last visit left, and shows it.
pub(crate) fn start() {
    let mut app = App {
        lang: browser::lang(),
        route: Route::parse(&address()),
        live: true,
        origin: browser::window().location().origin().unwrap_or_default(),
        ..App::default()
    };
    keep::restore(&mut app);
    if let Some(ticket) = ticket() {
        app.me.arrival = Arrival::of(&ticket);
        app.route = Some(Route::Me(Pane::Move));
    }
    APP.set(Some(ArcRwSignal::new(app)));
    wasm_bindgen_futures::spawn_local(async {
        fetch::messages().await;
        listen();
        // A link of the page that the server rendered may have been tapped meanwhile.
        self::app().update(|app| {
            if matches!(app.me.arrival, Arrival::Nothing) {
                app.route = Route::parse(&address());
            }
        });
        show(self::app());
        worker::start();
        act(Action::CatalogueLoaded(fetch::catalogue().await));
        act(Action::CommunesLoaded(fetch::communes().await));
    });
}

fn app() -> ArcRwSignal<App> {
    APP.with_borrow(Clone::clone).unwrap_or_else(|| ArcRwSignal::new(App::default()))
}

/// Returns whether the worker has answered.
pub(crate) fn worker_answered() -> bool {
    app().with_untracked(|app| app.progress.phone.is_some() || matches!(app.progress.worker, Worker::Failed(Some(_))))
}

/// Takes one action, carries out what follows, and shows the result.
pub(crate) fn act(action: Action) {
    let moment = Moment { day: browser::day(), nonce: browser::nonce() };
    let effects = app().try_update(|app| step(app, action, moment)).unwrap_or_default();
    effects.into_iter().for_each(run);
    if app().with_untracked(|app| app.people.locked) {
        browser::store::lock();
    }
}

/// Gives a worker that has just answered everything that waited for it.
pub(crate) fn give_what_waited() {
    app().with_untracked(|app| app.progress.outbox.iter().for_each(worker::post));
}

fn step(app: &mut App, action: Action, moment: Moment) -> Vec<Effect> {
    match action {
        Action::Me(action) => return app.update_me(action, moment),
        Action::Worker(message) => return app.hear_me(message, moment),
        Action::WorkerBroken => app.progress.worker = Worker::Failed(None),
        Action::CatalogueLoaded(result) => app.catalogue = result.map(Arc::new).into(),
        Action::CommunesLoaded(result) => app.communes = result.map(Arc::new).into(),
        // The page of lessons does these.
        _ => {}
    }
    Vec::new()
}

/// Puts what is built here in the place of the server's `<main>`.
fn show(signal: ArcRwSignal<App>) {
    let view = move || move || signal.with(|app| views::me::screen(app, act));
    browser::replace_main(|main| leptos::mount::mount_to(main, view).forget());
}

fn listen() {
    people::listen();
    files::listen();
    browser::listen(&browser::document(), "click", |event| {
        if let Some(event) = event.dyn_ref::<MouseEvent>() {
            follow(event);
        }
    });
    browser::listen(&browser::window(), "popstate", |_| {
        if let Some(ticket) = ticket() {
            return act(Action::Me(MeAction::Came(ticket)));
        }
        act(Action::Me(MeAction::Moved(Route::parse(&address()))));
        settle();
    });
}

fn address() -> String {
    let location = browser::window().location();
    [location.pathname().unwrap_or_default(), location.hash().unwrap_or_default()].concat()
}

/// Takes what another phone's link brings out of the address, so that neither the history nor a look at the
/// screen shows it.
fn ticket() -> Option<String> {
    let hash = browser::window().location().hash().ok().filter(|hash| hash.starts_with(FRAGMENT))?;
    if let Ok(history) = browser::window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&Route::Me(Pane::Move).to_string()));
    }
    Some(hash)
}

/// Follows a tapped link of ours; one to another page too, after what it ends is done.
fn follow(event: &MouseEvent) {
    let other = event.button() != 0 || event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest("a[href]").ok().flatten());
    let href = link.and_then(|link| link.get_attribute("href")).unwrap_or_default();
    if other || event.default_prevented() || href.contains('?') {
        return;
    }
    if let Some(place) = href.strip_prefix('#').and_then(|id| browser::document().get_element_by_id(id)) {
        // Not by the address: its fragment names the part that is shown.
        event.prevent_default();
        place.scroll_into_view();
        browser::focus(&place);
    } else if let Some(route) = Route::parse(&href) {
        event.prevent_default();
        act(Action::Me(MeAction::Go(route)));
    }
}

/// Returns where the PIN was asked for, once.
fn came_from() -> Option<String> {
    let session = browser::window().session_storage().ok().flatten()?;
    let address = session.get_item(keep::NEXT).ok().flatten();
    let _ = session.remove_item(keep::NEXT);
    // Only an address of ours, whoever wrote it.
    address.filter(|address| Route::parse(address).is_some())
}

fn settle() {
    browser::after(0, || {
        browser::window().scroll_to_with_x_and_y(0.0, 0.0);
        if let Some(heading) = browser::document().query_selector("#main h1").ok().flatten() {
            browser::focus(&heading);
        }
    });
}

fn run(effect: Effect) {
    match effect {
        Effect::Visit(route @ Route::Me(_)) => {
            if let Ok(history) = browser::window().history() {
                let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&route.to_string()));
            }
            settle();
        }
        Effect::Visit(route) => {
            let _ = browser::window().location().assign(&route.to_string());
        }
        Effect::Resume => match came_from() {
            Some(address) => {
                let _ = browser::window().location().replace(&address);
            }
            None => settle(),
        },
        Effect::FocusHeading => settle(),
        Effect::Send(item) => {
            let keeping = keep::item(&item);
            app().update(|app| app.progress.keeping = keeping);
            worker::post(&item);
        }
        Effect::Forget(nonce) => keep::forget(nonce),
        Effect::RememberDeclined(declined) => keep::declined(declined),
        Effect::KeepPeople(text) => keep::people(&text),
        Effect::Face(number) => {
            app().update(|app| keep::face(app, number));
            files::tell();
        }
        Effect::EraseOwn(number) => keep::erase_own(number),
        Effect::Draw(draw) => people::draw(draw),
        Effect::Ask(question) => worker::post(&question),
        Effect::SaveFile(text) => files::save(&text),
        // What the page of lessons does.
        _ => {}
    }
}
