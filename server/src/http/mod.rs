//! Everything a hub serves on its one port.
//!
//! | address | what |
//! |---|---|
//! | `/`, `/bai/{course}/{lesson}`, `/xa`, `/toi`, `/on-tap`, `/xac-nhan` | pages, rendered by `app` |
//! | `/xac-nhan/{learner}`, `/revocations`, `/criteria.toml` | what a team confirmed, who may no more, what is asked |
//! | `/app/*` | the embedded site |
//! | `/sw.js`, `/vo`, `/app.webmanifest`, `/icon/*` | what a phone keeps to open the app without the hub |
//! | `/catalogue`, `/pack/{hash}` | the courses: those built in, and the published ones |
//! | `/hub.json`, `/healthz` | what the app and a monitor need to know |
//! | `/relay`, `/ping` | the embedded relay |
//! | `/tinh`, `/tinh/feed` | the dashboard, on the province's node |

mod confirmations;
mod courses;
mod encoding;
mod feed;
mod guard;
mod language;
mod offline;
mod pages;
pub(crate) mod policy;
pub(crate) mod preview;
mod problem;
mod relay;
mod resource;
mod serve;
mod stream;
mod tls;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use app::render::Page;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use content::Criteria;
use content::pack::Hash;
use iroh::EndpointId;
use iroh_relay::http::{RELAY_PATH, RELAY_PROBE_PATH};
use sync::ProvinceKey;
use tokio::sync::watch;

pub(crate) use confirmations::Confirmations;
pub(crate) use courses::Courses;
pub(crate) use feed::Live;
pub(crate) use relay::Relay;
pub(crate) use resource::{Cache, Resource};
pub(crate) use serve::serve;
pub(crate) use tls::acceptor;

use crate::options::Role;
use crate::site::Site;
use guard::Peer;
use problem::Problem;

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct Hub {
    /// The embedded files.
    pub(crate) site: Arc<Site>,
    /// The courses, and the pages made from them.
    pub(crate) courses: Courses,
    /// What was confirmed of learners.
    pub(crate) confirmations: Confirmations,
    /// Whether this node is a team's or the province's.
    pub(crate) role: Role,
    /// Whom the app dials.
    pub(crate) endpoint: EndpointId,
    /// The province that this node trusts, once it was enrolled.
    pub(crate) province: Arc<OnceLock<ProvinceKey>>,
    /// The relay it dials through.
    pub(crate) relay: Relay,
    /// The numbers of the dashboard, as they change.
    pub(crate) live: Live,
    /// Whether other machines see the dashboard.
    pub(crate) dashboard_open: bool,
    /// Turns true when the node stops.
    pub(crate) stop: watch::Receiver<bool>,
}

type Shared = State<Arc<Hub>>;

/// Makes the routes of a hub.
pub(crate) fn router(hub: Arc<Hub>) -> Router {
    let routes = Router::new()
        .route("/", get(page))
        .route("/xa", get(page))
        .route("/on-tap", get(page))
        .route("/toi", get(page))
        .route("/bai/{course}/{lesson}", get(page))
        .route("/xac-nhan", get(page))
        .route("/xac-nhan/{learner}", get(confirmation))
        .route("/revocations", get(revocations))
        .route("/criteria.toml", get(criteria))
        .route("/tinh", get(dashboard))
        .route("/tinh/feed", get(dashboard_feed))
        .route("/app/{file}", get(file))
        .route("/pack/{hash}", get(blob))
        .route("/catalogue", get(catalogue))
        .route(offline::WORKER_PATH, get(kept))
        .route(offline::SHELL_PATH, get(kept))
        .route(offline::OWN_SHELL_PATH, get(kept))
        .route(offline::MANIFEST_PATH, get(kept))
        .route("/icon/{file}", get(kept))
        .route("/hub.json", get(hub_json))
        .route("/healthz", get(healthz))
        .merge(relay_router(hub.relay.clone()))
        .fallback(nothing);
    guarded(routes).with_state(hub)
}

/// Adds what holds for every address: bounds on requests, headers of answers, the language of pages.
fn guarded<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    let routes = routes.layer(middleware::from_fn(language::remember));
    routes.layer(middleware::from_fn(guard::bounds)).layer(middleware::from_fn(policy::headers))
}

/// Makes the routes of the relay alone.
pub(crate) fn relay_router<S: Clone + Send + Sync + 'static>(relay: Relay) -> Router<S> {
    Router::new()
        .route(RELAY_PATH, get(move |request: Request| async move { relay.upgrade(request).await }))
        .route(RELAY_PROBE_PATH, get(|| async { Relay::probe() }))
}

async fn page(State(hub): Shared, request: Request) -> Response {
    match hub.courses.page(&request) {
        Ok(page) => page.respond(request.headers()),
        Err(problem) => hub.refuse(problem, &request),
    }
}

async fn dashboard(State(hub): Shared, request: Request) -> Response {
    match hub.may_see_dashboard(&request) {
        Ok(()) => {
            let feed = hub.live.newest();
            hub.courses.render(&request, Page::Province(&feed)).respond(request.headers())
        }
        Err(problem) => hub.refuse(problem, &request),
    }
}

async fn dashboard_feed(State(hub): Shared, request: Request) -> Response {
    match hub.may_see_dashboard(&request).and_then(|()| hub.live.stream(hub.stop.clone())) {
        Ok(events) => events.into_response(),
        Err(problem) => hub.refuse(problem, &request),
    }
}

async fn confirmation(State(hub): Shared, Path(learner): Path<String>, request: Request) -> Response {
    match hub.confirmations.of(&learner).await {
        Ok(answer) => answer,
        Err(problem) => hub.refuse(problem, &request),
    }
}

async fn revocations(State(hub): Shared, request: Request) -> Response {
    match hub.confirmations.revoked().await {
        Ok(answer) => answer,
        Err(problem) => hub.refuse(problem, &request),
    }
}

async fn criteria() -> Response {
    ([(CONTENT_TYPE, "application/toml")], Criteria::built_in_text()).into_response()
}

async fn file(State(hub): Shared, request: Request) -> Response {
    let path = request.uri().path();
    match hub.site.file(path) {
        Some(file) => file.respond(request.headers()),
        None => hub.refuse(Problem::NotFound, &request),
    }
}

async fn kept(State(hub): Shared, request: Request) -> Response {
    match hub.courses.offline().and_then(|offline| offline.find(request.uri())) {
        Some(found) => found.respond(request.headers()),
        None => hub.refuse(Problem::NotFound, &request),
    }
}

async fn catalogue(State(hub): Shared, request: Request) -> Response {
    match hub.courses.list() {
        Some(list) => list.respond(request.headers()),
        None => hub.refuse(Problem::NotFound, &request),
    }
}

async fn blob(State(hub): Shared, Path(hash): Path<String>, request: Request) -> Response {
    let path = request.uri().path();
    let Ok(hash) = hash.parse::<Hash>() else { return hub.refuse(Problem::BadAddress, &request) };
    if let Some(blob) = hub.site.file(path) {
        return blob.respond(request.headers());
    }
    match stream::respond(hub.courses.library(), hash, request.headers()).await {
        Some(answer) => answer,
        None => hub.refuse(Problem::NotFound, &request),
    }
}

async fn nothing(State(hub): Shared, request: Request) -> Response {
    hub.refuse(Problem::NotFound, &request)
}

/// Tells the app whom to dial. The relay is the origin of the page itself: a hub is reached under
/// several names, and only the browser knows by which. The province's key is for a phone that knows none
/// yet, so that it can judge who says that a record has arrived there.
async fn hub_json(State(hub): Shared) -> Response {
    json(&serde_json::json!({
        "endpoint": hub.endpoint.to_string(),
        "relay": "/",
        "role": hub.role.name(),
        "province": hub.province.get().map(ProvinceKey::to_string),
    }))
}

async fn healthz(State(hub): Shared) -> Response {
    let catalogue = &hub.courses.current().catalogue;
    json(&serde_json::json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "role": hub.role.name(),
        "lessons": catalogue.courses.iter().map(|course| course.lessons.len()).sum::<usize>(),
        "editions": catalogue.courses.iter().map(|course| (course.course.to_string(), course.edition)).collect::<BTreeMap<_, _>>(),
    }))
}

fn json(value: &serde_json::Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], format!("{value}\n")).into_response()
}

impl Hub {
    /// Answers a request that cannot be served.
    fn refuse(&self, problem: Problem, request: &Request) -> Response {
        let path = request.uri().path();
        if problem.is_for_learners(path) {
            self.courses.not_found(problem.status(), request)
        } else {
            problem.respond(path)
        }
    }

    /// Tells whether a request may see the dashboard, or why not.
    fn may_see_dashboard(&self, request: &Request) -> Result<(), Problem> {
        let headers: &HeaderMap = request.headers();
        let peer = request.extensions().get::<Peer>();
        if self.role != Role::Province {
            Err(Problem::NotProvince)
        } else if self.dashboard_open || guard::is_local(peer, headers) {
            Ok(())
        } else {
            Err(Problem::NotHere)
        }
    }
}
