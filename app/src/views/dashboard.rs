//! The province's page: totals with their source, then every commune.

use std::sync::Arc;

use leptos::prelude::*;

use super::icons;
use crate::{
    communes::Commune,
    messages::{Lang, Message, filled, text},
    province::{self, Column, Feed, Order, Row},
    route::Route,
};

/// How the figures reach the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Live {
    /// As the server rendered them.
    #[default]
    Still,
    /// From the feed.
    Live,
    /// The feed broke; the browser tries again by itself.
    Lost,
}

/// Everything the province's page shows.
#[derive(Debug, Clone, Default)]
pub struct Dashboard {
    /// Language of the page.
    pub lang: Lang,
    /// The province's communes.
    pub communes: Arc<Vec<Commune>>,
    /// The newest figures.
    pub feed: Feed,
    /// Whole minutes that passed here since they came.
    pub elapsed_minutes: u64,
    /// How they come.
    pub live: Live,
    /// Text of the search.
    pub query: String,
    /// Order of the list.
    pub order: Order,
}

/// What a person or the feed did.
#[derive(Debug, Clone)]
pub enum Change {
    /// The search text changed.
    Search(String),
    /// The heading of a column was tapped.
    Sort(Column),
    /// New figures came.
    Feed(Feed),
    /// The feed broke.
    Lost,
    /// Time passed since the figures came, in whole minutes.
    Elapsed(u64),
}

impl Dashboard {
    /// Starts with what is known when the page opens: the communes with the most learners first.
    pub fn of(lang: Lang, communes: Arc<Vec<Commune>>, feed: Feed) -> Self {
        let order = Order { column: Column::Learners, descending: true };
        Self { lang, communes, feed, order, ..Self::default() }
    }

    /// Takes one change.
    pub fn update(&mut self, change: Change) {
        match change {
            Change::Search(query) => self.query = query,
            Change::Sort(column) => self.order = self.order.tapped(column),
            Change::Feed(feed) => {
                self.feed = feed;
                self.elapsed_minutes = 0;
                self.live = Live::Live;
            }
            Change::Lost => self.live = Live::Lost,
            Change::Elapsed(minutes) => self.elapsed_minutes = minutes,
        }
    }

    fn age(&self, received_minutes: Option<u64>) -> Option<String> {
        let now = self.feed.at_minutes.saturating_add(self.elapsed_minutes);
        Some(age(self.lang, now.saturating_sub(received_minutes?)))
    }
}

/// Says how long ago something was.
fn age(lang: Lang, minutes: u64) -> String {
    let (message, count) = match minutes {
        0 => return text(lang, Message::ProvinceNow).to_owned(),
        1..60 => (Message::ProvinceMinutes, minutes),
        60..1440 => (Message::ProvinceHours, minutes / 60),
        _ => (Message::ProvinceDays, minutes / 1440),
    };
    filled(lang, message, &[&province::number(count)])
}

/// Surrounds the figures; the bundle replaces `<main>` alone.
pub fn page(dashboard: &Dashboard) -> AnyView {
    let lang = dashboard.lang;
    view! {
        <header class="top">
            <a href="/tinh">
                <span class="brand">{text(lang, Message::Brand)}</span>
                <span class="place">{text(lang, Message::Province)}</span>
            </a>
        </header>
        <main id="main">{main(dashboard, |_| ())}</main>
    }
    .into_any()
}

/// Shows the figures: the content of `<main>`.
pub fn main(dashboard: &Dashboard, act: fn(Change)) -> AnyView {
    let lang = dashboard.lang;
    view! {
        <div class="dash-head">
            <h1 tabindex="-1">{text(lang, Message::ProvinceTitle)}</h1>
            {live(dashboard)}
        </div>
        {totals(dashboard)}
        <div class="dash-notes">
            <p>{text(lang, Message::ProvinceSource)}</p>
            <p><strong>{text(lang, Message::ProvinceNotOfficial)}</strong></p>
            <p><a href=Route::Confirmation.to_string()>{text(lang, Message::ConfirmationCheck)}</a></p>
        </div>
        {table(dashboard, act)}
    }
    .into_any()
}

fn live(dashboard: &Dashboard) -> AnyView {
    let (class, words) = match dashboard.live {
        Live::Still => ("live", Message::ProvinceStatic),
        Live::Live => ("live on", Message::ProvinceLive),
        Live::Lost => ("live lost", Message::ProvinceLost),
    };
    view! { <p class=class role="status"><span class="live-dot"></span>{text(dashboard.lang, words)}</p> }.into_any()
}

fn totals(dashboard: &Dashboard) -> AnyView {
    let lang = dashboard.lang;
    let totals = dashboard.feed.totals();
    let age = dashboard.age(totals.received_minutes);
    let all = dashboard.communes.len().to_string();
    let card = |figure: String, words: String| {
        view! { <li><span class="figure">{figure}</span><span class="figure-words">{words}</span></li> }.into_any()
    };
    let plain = |message| text(lang, message).to_owned();
    let cards = [
        card(province::number(totals.learners), plain(Message::ProvinceTotalLearners)),
        card(province::number(totals.confirmed), plain(Message::ProvinceTotalConfirmed)),
        card(province::number(totals.lessons), plain(Message::ProvinceTotalLessons)),
        card(province::number(totals.communes as u64), filled(lang, Message::ProvinceTotalCommunes, &[&all])),
        card(age.unwrap_or_else(|| plain(Message::ProvinceNoData)), plain(Message::ProvinceTotalAge)),
    ];
    view! { <ul class="totals">{cards}</ul> }.into_any()
}

fn table(dashboard: &Dashboard, act: fn(Change)) -> AnyView {
    let lang = dashboard.lang;
    let rows = province::rows(&dashboard.communes, &dashboard.feed);
    let all = rows.len().to_string();
    let rows = province::arrange(rows, &dashboard.query, dashboard.order);
    let shown = filled(lang, Message::ProvinceShown, &[&rows.len().to_string(), &all]);
    let rows: Vec<AnyView> = rows.iter().map(|found| row(dashboard, found)).collect();
    let head = [
        (Column::Commune, Message::ProvinceColumnCommune),
        (Column::Learners, Message::ProvinceColumnLearners),
        (Column::Confirmed, Message::ProvinceColumnConfirmed),
        (Column::Lessons, Message::ProvinceColumnLessons),
        (Column::Age, Message::ProvinceColumnAge),
    ]
    .map(|(column, words)| heading(dashboard, act, column, words));
    view! {
        <div class="dash-tools">
            <label class="search">
                <span class="search-label">{text(lang, Message::ProvinceSearch)}</span>
                <span class="search-box">
                    {icons::icon(icons::SEARCH)}
                    <input
                        type="search"
                        autocomplete="off"
                        maxlength="64"
                        prop:value=dashboard.query.clone()
                        on:input=move |event| act(Change::Search(event_target_value(&event)))
                    />
                </span>
            </label>
            <p class="count" role="status">{shown}</p>
        </div>
        <div class="table">
            <table>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn heading(dashboard: &Dashboard, act: fn(Change), column: Column, words: Message) -> AnyView {
    let Order { column: sorted, descending } = dashboard.order;
    let (sort, arrow) = match (sorted == column, descending) {
        (false, _) => ("none", ""),
        (true, false) => ("ascending", "▲"),
        (true, true) => ("descending", "▼"),
    };
    view! {
        <th scope="col" aria-sort=sort>
            <button type="button" on:click=move |_| act(Change::Sort(column))>
                {text(dashboard.lang, words)}
                <span class="arrow" aria-hidden="true">{arrow}</span>
            </button>
        </th>
    }
    .into_any()
}

fn row(dashboard: &Dashboard, row: &Row) -> AnyView {
    let lang = dashboard.lang;
    let title = row.title.clone().unwrap_or_else(|| filled(lang, Message::ProvinceUnknown, &[&row.code.to_string()]));
    let former = row.title.as_ref().map(|_| filled(lang, Message::ProvinceFormer, &[&row.former_province]));
    let (class, figures, age) = match row.figures {
        Some(figures) => (
            "",
            [figures.learners, figures.confirmed, figures.lessons].map(province::number),
            dashboard.age(figures.received_minutes).unwrap_or_default(),
        ),
        None => ("empty", [(); 3].map(|()| "–".to_owned()), text(lang, Message::ProvinceNoData).to_owned()),
    };
    let figures = figures.map(|figure| view! { <td>{figure}</td> });
    view! {
        <tr class=class>
            <th scope="row">{title} <span class="former-province">{former}</span></th>
            {figures}
            <td>{age}</td>
        </tr>
    }
    .into_any()
}
