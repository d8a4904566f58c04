//! Joins the dashboard to the node's feed.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

use app::{
    communes,
    messages::{self, Lang},
    province::Feed,
    views::dashboard::{self, Change, Dashboard},
};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Event, EventSource, HtmlElement, MessageEvent, Response, Window};

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
        texts().await;
        let list = communes_list().await.ok().and_then(|text| communes::parse(&text).ok());
        if let Some(list) = list {
            let root = document().document_element();
            let lang = root.and_then(|root| root.get_attribute("lang"));
            let lang = lang.as_deref().and_then(Lang::parse).unwrap_or_default();
            let dashboard = Dashboard::of(lang, Arc::new(list), Feed::default());
            DASHBOARD.set(Some(ArcRwSignal::new(dashboard)));
            listen();
        }
    });
}

fn window() -> Window {
    web_sys::window().unwrap_or_else(|| JsValue::UNDEFINED.unchecked_into())
}

fn document() -> Document {
    window().document().unwrap_or_else(|| JsValue::UNDEFINED.unchecked_into())
}

async fn communes_list() -> Result<String, JsValue> {
    named("data-communes").await
}

/// Fetches the texts of the page's language, where the page names them; without them it is Vietnamese.
async fn texts() {
    if let Ok(texts) = named("data-messages").await {
        messages::take(texts.into_bytes());
    }
}

/// Fetches the file that an attribute of the page names.
async fn named(attribute: &str) -> Result<String, JsValue> {
    let address = document().body().and_then(|body| body.get_attribute(attribute)).ok_or(JsValue::NULL)?;
    let response: Response = JsFuture::from(window().fetch_with_str(&address)).await?.dyn_into()?;
    Ok(JsFuture::from(response.text()?).await?.as_string().unwrap_or_default())
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
    let (Some(old), Ok(new)) = (document().get_element_by_id("main"), document().create_element("main")) else {
        return;
    };
    new.set_id("main");
    let new: HtmlElement = new.unchecked_into();
    let view = move || move || signal.with(|dashboard| dashboard::main(dashboard, act));
    leptos::mount::mount_to(new.clone(), view).forget();
    let _ = old.replace_with_with_node_1(&new);
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
    let _ = window().set_interval_with_callback_and_timeout_and_arguments_0(tick.as_ref().unchecked_ref(), MINUTE_MS);
    tick.forget();
    // The handle lives as long as the page.
    std::mem::forget(source);
}

#[expect(clippy::cast_sign_loss, reason = "a float cast saturates; a clock set back reads as no time")]
fn elapsed_minutes() -> u64 {
    ((js_sys::Date::now() - CAME_MS.get()) / f64::from(MINUTE_MS)) as u64
}
