//! The connection to the hub that served this page: over the hub's own relay, kept alive.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::str::FromStr;
use std::time::Duration;

use app::protocol::Link;
use iroh::endpoint::presets;
use iroh::{Endpoint, EndpointAddr, EndpointId, RelayMap, RelayMode, RelayUrl, SecretKey};
use js_sys::JSON;
use n0_future::FutureExt;
use n0_future::task::JoinSet;
use n0_future::time::sleep;
use sync::ProvinceKey;
use sync::net::{Dial, LinkState, Node, NodeConfig};
use sync::replica::Replica;
use sync::store::Request;
use sync::wire::frame::{Role, Scope};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{RequestCache, RequestInit, Response};

use crate::js::{Thrown, property, scope, settle, warn};
use crate::signal::Signal;

/// What a hub says of itself, on the page's own origin.
const HUB_PATH: &str = "/hub.json";
/// Bound of that text; it is about 230 characters.
const HUB_CHARS_MAX: u32 = 4096;

/// Waits between attempts to find the hub grow from the first to the last.
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_LAST: Duration = Duration::from_mins(1);
/// How often a hub that does not answer is looked for anew: another laptop may serve this address now.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// The connection, and how it stands.
pub(crate) struct Uplink {
    state: Cell<Link>,
    started: Cell<bool>,
    changed: Rc<Signal>,
    node: RefCell<Option<Node>>,
}

/// How to reach a hub.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hub {
    endpoint: EndpointId,
    relay: RelayUrl,
    /// The province that it was enrolled by.
    province: Option<ProvinceKey>,
}

impl Uplink {
    /// Makes one that is offline; `changed` is raised whenever that changes.
    pub(crate) fn new(changed: Rc<Signal>) -> Self {
        Self { state: Cell::new(Link::Offline), started: Cell::new(false), changed, node: RefCell::new(None) }
    }

    /// How it stands.
    pub(crate) fn state(&self) -> Link {
        self.state.get()
    }

    /// Starts to connect, once.
    pub(crate) fn start(self: &Rc<Self>, replica: Replica, secret: [u8; 32], tasks: &mut JoinSet<()>) {
        if !self.started.replace(true) {
            tasks.spawn(Rc::clone(self).run(replica, secret));
        }
    }

    /// Ends the connection in good order.
    pub(crate) fn close(&self) {
        if let Some(node) = self.node.take() {
            spawn_local(async move { node.close().await });
        }
    }

    async fn run(self: Rc<Self>, replica: Replica, secret: [u8; 32]) {
        let online = online();
        let mut pause = RETRY_FIRST;
        loop {
            self.set(Link::Connecting);
            let served = match find().await {
                Ok(hub) => self.serve(&hub, &replica, secret, &online).await,
                Err(why) => Err(why),
            };
            self.set(Link::Offline);
            match served {
                // The hub has another address now.
                Ok(()) => pause = RETRY_FIRST,
                Err(why) => {
                    warn(&format!("no hub, trying again in {pause:?}: {why}"));
                    let woken = async { online.raised().await }.or(async {
                        sleep(pause).await;
                        false
                    });
                    pause = if woken.await { RETRY_FIRST } else { (pause * 2).min(RETRY_LAST) };
                }
            }
        }
    }

    /// Keeps a session with a hub, until another one has taken its place.
    async fn serve(&self, hub: &Hub, replica: &Replica, secret: [u8; 32], online: &Signal) -> Result<(), String> {
        let endpoint = Endpoint::builder(presets::Minimal)
            .secret_key(SecretKey::from_bytes(&secret))
            .relay_mode(RelayMode::Custom(RelayMap::from(hub.relay.clone())))
            .bind()
            .await
            .map_err(|error| error.to_string())?;
        if let Some(province) = hub.province {
            pin(replica, province).await;
        }
        let config = NodeConfig { role: Role::Phone, scope: Scope::Own };
        let node = Node::spawn(endpoint, replica.clone(), config);
        *self.node.borrow_mut() = Some(node.clone());
        let addr = EndpointAddr::new(hub.endpoint).with_relay_url(hub.relay.clone());
        let dial = node.dial(addr, true).ok_or("the hub has this phone's own key")?;
        self.follow(hub, &node, &dial, online).await;
        self.node.take();
        node.close().await;
        Ok(())
    }

    async fn follow(&self, hub: &Hub, node: &Node, dial: &Dial, online: &Signal) {
        let mut state = dial.state();
        loop {
            let now = link(*state.borrow_and_update());
            self.set(now);
            let changed = async { if state.changed().await.is_ok() { Wake::Changed } else { Wake::Ended } };
            let online = async {
                online.raised().await;
                Wake::Online
            };
            let waited = async {
                sleep(LOOK_AGAIN).await;
                Wake::Waited
            };
            match changed.or(online).or(waited).await {
                Wake::Online => {
                    node.endpoint().network_change().await;
                    dial.retry();
                }
                Wake::Waited if now != Link::Connected && find().await.is_ok_and(|found| found != *hub) => return,
                Wake::Changed | Wake::Waited => {}
                Wake::Ended => return,
            }
        }
    }

    fn set(&self, state: Link) {
        if self.state.replace(state) != state {
            self.changed.raise();
        }
    }
}

/// Why a wait ended.
#[derive(Debug)]
enum Wake {
    Changed,
    Online,
    Waited,
    Ended,
}

fn link(state: LinkState) -> Link {
    match state {
        LinkState::Offline => Link::Offline,
        LinkState::Connecting => Link::Connecting,
        LinkState::Connected => Link::Connected,
    }
}

/// Trusts the province of the first hub met. At a hub of another one the session goes on: it takes the
/// phone's own log as any hub does, and is not believed when it says what has arrived.
async fn pin(replica: &Replica, province: ProvinceKey) {
    if let Err(error) = replica.request(Request::Pin { province }).await {
        warn(&format!("the hub names another province: {error}"));
    }
}

/// Raised whenever the browser says that the network is back.
fn online() -> Rc<Signal> {
    let signal = Rc::new(Signal::default());
    let raised = Rc::clone(&signal);
    let heard = Closure::<dyn FnMut()>::new(move || raised.raise());
    scope().set_ononline(Some(heard.as_ref().unchecked_ref()));
    // Replaced by the next one, if this store is closed and another opened.
    heard.forget();
    signal
}

/// Asks the page's origin which hub it is.
async fn find() -> Result<Hub, String> {
    let text = fetch().await.map_err(|thrown| thrown.to_string())?;
    let json = JSON::parse(&text).map_err(|_| format!("{HUB_PATH} is not JSON"))?;
    let field = |name: &str| {
        let value = property::<JsValue>(&json, name).and_then(|value| value.as_string());
        value.ok_or_else(|| format!("{HUB_PATH} lacks {name:?}"))
    };
    let endpoint =
        EndpointId::from_str(&field("endpoint")?).map_err(|error| format!("{HUB_PATH}: endpoint: {error}"))?;
    let relay = match field("relay")? {
        path if path.is_empty() => return Err("the hub has no relay".to_owned()),
        path if path.starts_with('/') => format!("{}{path}", scope().location().origin()),
        url => url,
    };
    let relay = RelayUrl::from_str(&relay).map_err(|error| format!("{HUB_PATH}: relay: {error}"))?;
    let province = field("province").ok().map(|key| ProvinceKey::from_str(&key));
    let province = province.transpose().map_err(|error| format!("{HUB_PATH}: province: {error}"))?;
    Ok(Hub { endpoint, relay, province })
}

async fn fetch() -> Result<String, Thrown> {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    let url = format!("{}{HUB_PATH}", scope().location().origin());
    let response: Response = settle(scope().fetch_with_str_and_init(&url, &init)).await?;
    let text: js_sys::JsString = settle(response.text()?).await?;
    // A page that stands in for the hub's answer is cut, and then is no JSON.
    Ok(text.substring(0, HUB_CHARS_MAX).into())
}
