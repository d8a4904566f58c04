//! The few calls to the browser that the pages need.

pub mod fetch;
pub mod store;

use std::cell::Cell;

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    Document, Element, Event, EventTarget, FocusOptions, HtmlElement, HtmlInputElement, ScrollIntoViewOptions,
    ScrollLogicalPosition, Window,
};

use crate::{messages::Lang, state::NONCE_RANDOM_BITS};

/// Milliseconds in a day.
const DAY_MS: f64 = 86_400_000.0;
/// Vietnam is seven hours ahead of UTC, all year.
const VIETNAM_MS: f64 = 7.0 * 3_600_000.0;

/// Returns the window that the page is in.
pub fn window() -> Window {
    web_sys::window().unwrap_or_else(|| JsValue::UNDEFINED.unchecked_into())
}

/// Returns the page.
pub fn document() -> Document {
    window().document().unwrap_or_else(|| JsValue::UNDEFINED.unchecked_into())
}

/// Returns the language in which the server wrote the page.
pub fn lang() -> Lang {
    let root = document().document_element();
    root.and_then(|root| Lang::parse(&root.get_attribute("lang")?)).unwrap_or_default()
}

/// Puts an element that `fill` fills in the place of the page's `<main>`.
pub fn replace_main(fill: impl FnOnce(HtmlElement)) {
    let Some(old) = document().get_element_by_id("main") else {
        return;
    };
    // The same element without what is in it.
    let Ok(new) = old.clone_node() else {
        return;
    };
    let new: HtmlElement = new.unchecked_into();
    fill(new.clone());
    let _ = old.replace_with_with_node_1(&new);
}

/// Reads what the server wrote into the page's `data-` attributes, such as where something is.
pub fn address(name: &str) -> String {
    document().body().and_then(|body| body.get_attribute(name)).unwrap_or_default()
}

thread_local! {
    /// How far the phone's clock is behind the hub's, where that is more than a day.
    static BEHIND_MS: Cell<f64> = const { Cell::new(0.0) };
}

/// Sets [`day`] by the time of an answer, as HTTP writes it, where the phone's clock is more than a day off; tells
/// whether it is. Cheap phones forget the date with their battery.
pub fn set_clock(date: &str) -> bool {
    let behind = js_sys::Date::parse(date) - js_sys::Date::now();
    let wrong = behind.abs() > DAY_MS;
    BEHIND_MS.set(if wrong { behind } else { 0.0 });
    wrong
}

/// Returns the day in Vietnam, counted from 1970-01-01.
#[expect(clippy::cast_sign_loss, reason = "a float cast saturates; clocks before 1970 read as day 0")]
pub fn day() -> u32 {
    ((js_sys::Date::now() + BEHIND_MS.get() + VIETNAM_MS) / DAY_MS) as u32
}

/// Returns a number that is random, and grows with time so that items keep their order.
#[expect(clippy::cast_sign_loss, reason = "a float cast saturates")]
pub fn nonce() -> u64 {
    let random = js_sys::Math::random() * f64::from(1u32 << NONCE_RANDOM_BITS);
    ((js_sys::Date::now() as u64) << NONCE_RANDOM_BITS) | random as u64
}

/// Calls `f` on every such event for as long as the page lives.
pub fn listen(target: &EventTarget, event: &str, f: impl FnMut(Event) + 'static) {
    let f = Closure::<dyn FnMut(Event)>::new(f);
    // A target that refuses listeners is no browser we know; the page stays readable.
    let _ = target.add_event_listener_with_callback(event, f.as_ref().unchecked_ref());
    f.forget();
}

/// Calls `f` on every such event below `target`, before the element it happens to hears of it.
pub fn listen_first(target: &EventTarget, event: &str, f: impl FnMut(Event) + 'static) {
    let f = Closure::<dyn FnMut(Event)>::new(f);
    let _ = target.add_event_listener_with_callback_and_bool(event, f.as_ref().unchecked_ref(), true);
    f.forget();
}

/// Calls `f` once, after at least so many milliseconds.
pub fn after(ms: i32, f: impl FnOnce() + 'static) {
    let f = Closure::once_into_js(f);
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(f.unchecked_ref(), ms);
}

/// Calls `f` when the browser has nothing better to do, where it can tell; else soon.
pub fn when_idle(f: impl FnOnce() + 'static) {
    const SOON_MS: i32 = 400;
    let has = js_sys::Reflect::has(&window(), &"requestIdleCallback".into()).unwrap_or(false);
    if has {
        let f = Closure::once_into_js(f);
        let _ = window().request_idle_callback(f.unchecked_ref());
    } else {
        after(SOON_MS, f);
    }
}

/// Brings an element to the top of the screen, unless it is in its upper half already: who follows
/// step by step finds the next one where the last one was.
pub fn show(element: &Element) {
    let height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or_default();
    let top = element.get_bounding_client_rect().top();
    if top < 0.0 || top > height / 2.0 {
        element.scroll_into_view();
    }
}

/// Scrolls as little as shows the whole element; the stylesheet says how much the bar at the foot covers.
pub fn reveal(element: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Finds the first element of a kind that is on the screen: which one, and how far from its top.
pub fn seen(selector: &str) -> Option<(u32, f64)> {
    let all = document().query_selector_all(selector).ok()?;
    (0..all.length()).find_map(|at| {
        let place = all.item(at)?.dyn_into::<Element>().ok()?.get_bounding_client_rect();
        (place.bottom() > 0.0).then_some((at, place.top()))
    })
}

/// Scrolls until what [`seen`] found is where it was.
pub fn see_again(selector: &str, (at, top): (u32, f64)) {
    let all = document().query_selector_all(selector).ok();
    let element = all.and_then(|all| all.item(at)).and_then(|node| node.dyn_into::<Element>().ok());
    if let Some(element) = element {
        window().scroll_by_with_x_and_y(0.0, element.get_bounding_client_rect().top() - top);
    }
}

/// Puts the focus on an element without moving the page.
pub fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
}

/// Returns the text of a search in an element, if one was typed there.
pub fn typed(within: &Element) -> Option<String> {
    let field = within.query_selector("input[type=search]").ok()??;
    field.dyn_into::<HtmlInputElement>().ok().map(|field| field.value()).filter(|text| !text.is_empty())
}

/// Returns the id of what has the focus in an element.
pub fn focused(within: &Element) -> Option<String> {
    document().active_element().filter(|element| within.contains(Some(element))).map(|element| element.id())
}
