//! Joins the dashboard to the node's feed.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

use app::{
    browser::{self, fetch},
    province::Feed,
    views::dashboard::{self, Change, Dashboard},
};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventSource, MessageEvent};

/// Where the node sends its figures.
const FEED: &str = "/tinh/feed";
/// Largest feed read, in bytes.
const FEED_BYTES_MAX: usize = 256 * 1024;
/// How often ages are counted on while no figures come.
const MINUTE_MS: i32 = 60_000;

thread_local! {
    static DASHBOARD: RefCell<Option<ArcRwSignal<Dashboard>>> = const { RefCell::new(None) };
    /// Whether `<main>` is ours.
    static TAKEN: Cell<bool> = const { Cell::new(false) };
    /// When the newest figures came, by the browser's clock, in milliseconds.
    static CAME_MS: Cell<f64> = const { Cell::new(0.0) };
}

/// Starts: fetches the communes, then listens to the feed. Until it speaks the server's page stays.
pub(crate) fn start() {
    wasm_bindgen_futures::spawn_local(async {
        fetch::messages().await;
        if let Ok(list) = fetch::communes().await {
            let dashboard = Dashboard::of(browser::lang(), Arc::new(list), Feed::default());
            DASHBOARD.set(Some(ArcRwSignal::new(dashboard)));
            listen();
        }
    });
}

fn act(change: Change) {
    let Some(signal) = DASHBOARD.with_borrow(Option::clone) else {
        return;
    };
    let came = matches!(change, Change::Feed(_));
    signal.update(|dashboard| dashboard.update(change));
    if came {
        CAME_MS.set(js_sys::Date::now());
        if !TAKEN.replace(true) {
            take_over(signal);
        }
    }
}

fn take_over(signal: ArcRwSignal<Dashboard>) {
    let view = move || move || signal.with(|dashboard| dashboard::main(dashboard, act));
    browser::replace_main(|main| leptos::mount::mount_to(main, view).forget());
}

fn listen() {
    let Ok(source) = EventSource::new(FEED) else {
        return;
    };
    let message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        let text = event.data().as_string().filter(|text| text.len() <= FEED_BYTES_MAX);
        if let Some(feed) = text.and_then(|text| serde_json::from_str::<Feed>(&text).ok()) {
            act(Change::Feed(feed));
        }
    });
    source.set_onmessage(Some(message.as_ref().unchecked_ref()));
    message.forget();
    // The browser opens the feed again by itself.
    let lost = Closure::<dyn FnMut(Event)>::new(|_| act(Change::Lost));
    source.set_onerror(Some(lost.as_ref().unchecked_ref()));
    lost.forget();
    let tick = Closure::<dyn FnMut()>::new(|| act(Change::Elapsed(elapsed_minutes())));
    let _ = browser::window()
        .set_interval_with_callback_and_timeout_and_arguments_0(tick.as_ref().unchecked_ref(), MINUTE_MS);
    tick.forget();
    // The handle lives as long as the page.
    std::mem::forget(source);
}

#[expect(clippy::cast_sign_loss, reason = "a float cast saturates; a clock set back reads as no time")]
fn elapsed_minutes() -> u64 {
    ((js_sys::Date::now() - CAME_MS.get()) / f64::from(MINUTE_MS)) as u64
}
