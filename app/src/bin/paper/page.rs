//! Joins the screen to the browser.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

use app::{
    paper::{
        Answer, Did, Kind, Paper, Sharing, TEXT_CHARS_MAX, Trust, Word, criteria_from_text, sheet, titles_from_text,
        word,
    },
    views::paper as view,
};
use js_sys::Reflect;
use leptos::prelude::*;
use sync::ProvinceKey;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

use crate::{browser, draw, hub, judge, keep};

/// How the part of an address begins that is a confirmation.
const MARK: &str = "#bdhvs";

thread_local! {
    static PAPER: RefCell<Option<ArcRwSignal<Paper>>> = const { RefCell::new(None) };
    /// What confirmations are checked against.
    static PROVINCE: Cell<Option<ProvinceKey>> = const { Cell::new(None) };
    static LISTED: RefCell<Option<keep::Listed>> = const { RefCell::new(None) };
}

/// Starts: shows what the browser keeps, then asks the hub for what is newer.
pub(crate) fn start() {
    let open = !browser::store::people().locked;
    let paper = Paper {
        lang: browser::lang(),
        criteria: criteria_from_text(&browser::address("data-criteria")),
        titles: titles_from_text(&browser::address("data-titles")),
        origin: browser::window().location().origin().unwrap_or_default(),
        record: if open { keep::record() } else { None },
        locked: !open,
        live: true,
        ..Paper::default()
    };
    PROVINCE.set(keep::province());
    LISTED.set(keep::revocations(PROVINCE.get().as_ref()));
    PAPER.set(Some(ArcRwSignal::new(paper)));
    change(|paper| {
        let kept = paper.record.as_ref().and_then(|_| keep::confirmation());
        paper.own = kept.map(|text| checked(&text));
        paper.badge = paper.record.is_some() && keep::badge().is_some();
        look(paper);
        paper.trust = trust(false);
    });
    mount();
    browser::listen(&browser::window(), "hashchange", |_| {
        // Other places of the page are no confirmation.
        if address().starts_with(MARK) {
            change(look);
            focus_heading();
            // A confirmation of one's own may have a badge beside it.
            spawn_local(ask());
        }
    });
    spawn_local(ask_all());
}

fn signal() -> ArcRwSignal<Paper> {
    PAPER.with_borrow(Clone::clone).unwrap_or_else(|| ArcRwSignal::new(Paper::default()))
}

fn change(f: impl FnOnce(&mut Paper)) {
    signal().update(f);
}

fn mount() {
    let signal = signal();
    let view = move || move || signal.with(|paper| view::screen(paper, act));
    browser::replace_main(|main| leptos::mount::mount_to(main, view).forget());
}

/// Brings the new screen's heading forward, as soon as it is there.
fn focus_heading() {
    browser::after(0, focus_heading_now);
}

fn focus_heading_now() {
    let heading = browser::document().query_selector("#main h1").ok().flatten();
    if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<HtmlElement>().ok()) {
        browser::window().scroll_to_with_x_and_y(0.0, 0.0);
        let _ = heading.focus();
    }
}

fn address() -> String {
    browser::window().location().hash().unwrap_or_default()
}

fn checked(text: &str) -> app::paper::Checked {
    LISTED.with_borrow(|listed| {
        let list = listed.as_ref().and_then(|(_, list)| list.as_ref());
        judge::check(text, PROVINCE.get().as_ref(), list, browser::day())
    })
}

/// Looks at what follows the sign in the address. The learner's own confirmation is kept, as from a hub.
fn look(paper: &mut Paper) {
    paper.shown = Some(address()).filter(|address| address.starts_with(MARK)).map(|address| checked(&address));
    take_own(paper);
}

fn take_own(paper: &mut Paper) {
    let own = paper.record.as_ref().map(|record| record.learner.clone());
    let is_own =
        |shown: &app::paper::Checked| shown.verdict.as_ref().is_ok_and(|facts| Some(&facts.learner) == own.as_ref());
    if let Some(shown) = paper.shown.take_if(|shown| is_own(shown)) {
        keep::keep_confirmation(&shown.text);
        paper.own = Some(shown);
        forget_address();
    }
}

/// Takes the confirmation out of the address, so that the page is the learner's own when it is loaded again.
fn forget_address() {
    if let Ok(history) = browser::window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some("/xac-nhan"));
    }
}

fn trust(other: bool) -> Trust {
    LISTED.with_borrow(|listed| {
        let listed = listed.as_ref();
        Trust {
            province: PROVINCE.get().map(|key| key.to_string()),
            other,
            list: listed.and_then(|(day, list)| Some((list.as_ref()?.epoch, *day))),
            none_on: listed.and_then(|(day, list)| list.is_none().then_some(*day)),
        }
    })
}

/// Asks the hub for everything, and checks anew what is on the screen.
async fn ask_all() {
    if let Ok(list) = browser::fetch::communes().await {
        change(|paper| paper.communes = Arc::new(list));
    }
    let said = hub::province().await.and_then(|key| key.parse::<ProvinceKey>().ok());
    if let (None, Some(key)) = (PROVINCE.get(), &said) {
        keep::keep_province(key);
        PROVINCE.set(Some(*key));
    }
    if let Some(list) = hub::revocations().await {
        take_list(list.as_deref());
    }
    let other = said.is_some() && said != PROVINCE.get();
    change(|paper| {
        paper.trust = trust(other);
        for checked_before in [&mut paper.own, &mut paper.shown].into_iter().flatten() {
            *checked_before = checked(&checked_before.text);
        }
        take_own(paper);
    });
    ask().await;
}

/// Keeps a revocation list, unless a newer one is held.
fn take_list(text: Option<&str>) {
    let Some(province) = PROVINCE.get() else {
        return;
    };
    let came = text.and_then(|text| keep::signed(&province, text));
    if text.is_some() && came.is_none() {
        return;
    }
    let epoch = |listed: &keep::Listed| listed.1.as_ref().map(|list| list.epoch);
    let listed = (browser::day(), came);
    let newer = LISTED.with_borrow(|held| held.as_ref().is_none_or(|held| epoch(held) <= epoch(&listed)));
    if newer {
        keep::keep_revocations(&listed);
        LISTED.set(Some(listed));
    }
}

/// Asks the hub whether this learner was confirmed.
async fn ask() {
    let Some(learner) = signal().with_untracked(|paper| paper.record.as_ref().map(|record| record.learner.clone()))
    else {
        return;
    };
    change(|paper| paper.answer = Answer::Awaited);
    let said = hub::confirmation(&learner).await;
    change(|paper| match said {
        hub::Said::Confirmed(text, badge) => took(paper, &learner, &text, badge.as_deref()),
        hub::Said::None => paper.answer = Answer::None,
        hub::Said::Nothing => paper.answer = Answer::Unreachable,
    });
}

/// Takes the hub's confirmation, unless the one held is believed and this one is not, or bears a name that the
/// hub's cannot have.
fn took(paper: &mut Paper, learner: &str, text: &str, badge: Option<&str>) {
    paper.answer = Answer::Confirmed;
    let came = checked(text);
    let Ok(facts) = &came.verdict else {
        paper.own.get_or_insert(came);
        return;
    };
    let same = |held: &app::paper::Facts| {
        !held.holder.is_empty() && held.courses == facts.courses && held.criteria == facts.criteria
    };
    if facts.learner == learner && !paper.confirmed().is_some_and(same) {
        keep::keep_confirmation(&came.text);
        paper.own = Some(came);
    }
    if let Some(badge) = badge {
        keep::keep_badge(badge);
        paper.badge = true;
    }
}

fn act(did: Did) {
    match did {
        Did::Check => {
            let typed = take_text(view::FIELD_ID);
            let cut: String = typed.chars().take(TEXT_CHARS_MAX + 1).collect();
            change(|paper| paper.shown = Some(checked(&cut)));
            focus_heading();
        }
        Did::Ask => spawn_local(ask()),
        Did::Share(kind) => spawn_local(share(kind)),
    }
}

/// Takes what stands in a field out of it.
fn take_text(id: &str) -> String {
    let Some(field) = browser::document().get_element_by_id(id) else {
        return String::new();
    };
    let text = Reflect::get(&field, &"value".into()).ok().and_then(|value| value.as_string());
    // A field that keeps its text is not worth a word.
    let _ = Reflect::set(&field, &"value".into(), &"".into());
    text.unwrap_or_default()
}

async fn share(kind: Kind) {
    change(|paper| paper.sharing = Sharing::Making);
    let made = make(kind).await;
    change(|paper| {
        paper.sharing = match made {
            Ok(Some(name)) => Sharing::Made(name.to_owned()),
            Ok(None) => Sharing::Nothing,
            Err(_) => Sharing::Failed,
        }
    });
}

/// Makes a file and hands it over; returns its name if the person took it.
async fn make(kind: Kind) -> Result<Option<&'static str>, JsValue> {
    let paper = signal().get_untracked();
    let facts = paper.confirmed().ok_or(JsValue::NULL)?;
    let text = paper.own.as_ref().map_or("", |own| &own.text);
    let drawn = sheet(&paper, facts, text).map_err(|_| JsValue::NULL)?;
    let (name, media_type, bytes) = match kind {
        Kind::Picture => ("giay-xac-nhan.png", "image/png", draw::png(&drawn).await?),
        Kind::Print => {
            let title = word(paper.lang, Word::Title);
            ("giay-xac-nhan.pdf", "application/pdf", draw::print(&drawn, title).await?)
        }
        Kind::Badge => {
            let badge = keep::badge().ok_or(JsValue::NULL)?;
            ("huy-hieu-so.json", "application/json", badge.into_bytes())
        }
    };
    Ok(draw::hand_over(name, media_type, &bytes).await?.then_some(name))
}
