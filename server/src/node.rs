//! One process from start to stop.
//!
//! Order of the start: data, credential, port, HTTP with the relay, endpoint, sync. The endpoint reaches its own
//! relay over HTTP, so HTTP answers first; the address is printed last, when everything does.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use iroh::{Endpoint, EndpointAddr, RelayUrl, SecretKey, Watcher as _};
use sync::ProvinceKey;
use sync::net::{Dial, Node, NodeConfig, Ticket};
use sync::replica::{Replica, RequestError};
use sync::wire::frame::Scope;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tracing::{info, warn};

use crate::badge::Badges;
use crate::banner::Ready;
use crate::communes::Communes;
use crate::control::Control;
use crate::discovery::Discovery;
use crate::fault::{Fault, Kind};
use crate::http::{self, Confirmations, Courses, Hub, Live, Relay};
use crate::options::{Options, Role, TlsFiles};
use crate::order::{self, Order};
use crate::packs::{self, Exchange, Library};
use crate::reach::{self, Reach};
use crate::site::{HOW_TO_BUILD, Site};
use crate::{credential, endpoint, overview, store};

/// Time for sessions, endpoint and store to end when asked to.
const STOP_SECONDS_MAX: Duration = Duration::from_secs(10);

/// Runs a node until SIGTERM or SIGINT.
///
/// # Errors
///
/// When it cannot start; see [`Fault`].
pub(crate) async fn run(options: Options) -> Result<(), Fault> {
    let mut signals = Signals::new()?;
    let store = store::open(&options.data)?;
    if let Some(text) = &options.credential {
        Order::Install { text: text.clone() }.ask(&store).accepted(credential::NOT_TAKEN)?;
    }
    let province = Arc::new(OnceLock::new());
    let standing = order::standing(&store);
    if let Some(key) = standing.province {
        province.get_or_init(|| key);
    }
    let secret = SecretKey::from_bytes(&store.secret());
    let tls = options.tls.as_ref().map(tls_acceptor).transpose()?;
    let site = Arc::new(Site::built_in()?);
    let library = packs::open(&options.data, Arc::clone(&site), &standing)?;
    let listener = listen(options.http).await?;
    let http = listener.local_addr().map_err(|error| unavailable(options.http, &error))?;

    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let (replica, store_thread) = Replica::spawn(store)
        .map_err(|error| Fault::new(Kind::Software, "cannot start a thread for the store").why(error))?;
    let numbers = overview::read(&replica).await;
    let (publish, newest) = watch::channel(numbers.map_err(|error| unreadable(&options, &error))?);
    tasks.spawn(overview::follow(replica.clone(), publish));
    let mut position = replica.subscribe();
    let store_lost = async move { while position.changed().await.is_ok() {} };
    let relay = Relay::new(secret.public());
    let courses = Courses::new(Arc::clone(&site), library.clone());
    let lessons = courses.current().catalogue.courses.iter().map(|course| course.lessons.len()).sum();
    let badges = Badges::new(secret.to_bytes(), Communes::built_in()?);
    let hub = Arc::new(Hub {
        site,
        courses,
        confirmations: Confirmations::new(replica.clone(), badges.clone(), library.clone()),
        role: options.role,
        endpoint: secret.public(),
        province: province.clone(),
        relay: relay.clone(),
        live: Live::new(newest),
        dashboard_open: options.dashboard_open,
        stop: stopped.clone(),
    });
    let secure = tls.is_some();
    let servers = &mut JoinSet::new();
    servers.spawn(http::serve(listener, tls, http::router(hub), stopped.clone()));
    let own_relay = own_relay(http, secure, &relay, &stopped, servers).await?;

    let reach = Reach::of(http.ip());
    let endpoint = endpoint::bind(secret, reach, http, own_relay).await.map_err(|error| {
        Fault::new(Kind::Unavailable, format!("cannot open a UDP port on {}", http.ip())).why(error)
    })?;
    let config = NodeConfig { role: options.role.wire(), scope: scope(&options) };
    let exchange = Exchange::new(endpoint.clone(), library.clone(), replica.clone(), stopped);
    tasks.spawn(exchange.clone().tend());
    let node = Node::spawn_with(endpoint.clone(), replica.clone(), config, Arc::new(exchange.clone()));
    // A hub reports to the nodes it was told of; the province reports to nobody.
    let upstream = options.role == Role::Hub;
    let dials: Vec<Dial> = options.peers.iter().filter_map(|ticket| node.dial(ticket.addr.clone(), upstream)).collect();
    options.peers.iter().for_each(|ticket| exchange.dial(ticket.addr.clone()));
    control(&options, replica, library, badges, installed(province, dials, exchange.clone()), &mut tasks);
    if reach.announces() {
        tasks.spawn(discover(node.clone(), exchange.clone()));
    }

    let address = address(&options, http, secure, &endpoint);
    let ready = Ready {
        ticket: ticket(&options, &endpoint, &address, secure).to_string(),
        endpoint: endpoint.id().to_string(),
        reachable: reach.announces() || options.public_url.is_some(),
        state: state(&options, lessons, reach),
        address,
    };
    if let Err(error) = ready.print(options.ready_json) {
        warn!("cannot print the address: {error}");
    }

    tokio::select! {
        () = signals.wait() => info!("stopping"),
        () = store_lost => warn!("stopping: the store failed"),
    }
    let end = async {
        let _ = stop.send(true);
        tasks.shutdown().await;
        node.close().await;
        relay.shutdown().await;
        while servers.join_next().await.is_some() {}
        drop((node, exchange));
        // The file is closed when the last handle to it is gone.
        tokio::task::spawn_blocking(|| store_thread.join()).await
    };
    tokio::select! {
        joined = end => {
            if let Ok(Ok(Err(why))) = joined {
                return Err(store_failed(&why));
            }
            info!("stopped");
        }
        () = tokio::time::sleep(STOP_SECONDS_MAX) => warn!("stopped without waiting longer than {STOP_SECONDS_MAX:?}"),
        () = signals.wait() => warn!("stopped at once"),
    }
    Ok(())
}

/// What to do once something was installed: tell phones the province, and try everybody again.
fn installed(province: Arc<OnceLock<ProvinceKey>>, dials: Vec<Dial>, exchange: Exchange) -> impl Fn(ProvinceKey) {
    move |key| {
        province.get_or_init(|| key);
        dials.iter().for_each(Dial::retry);
        exchange.retry();
    }
}

/// Opens the control socket. A node serves without one, too: its commands then need it stopped.
fn control(
    options: &Options,
    replica: Replica,
    library: Library,
    badges: Badges,
    installed: impl Fn(ProvinceKey) + Send + Sync + 'static,
    tasks: &mut JoinSet<()>,
) {
    match Control::bind(&options.data) {
        Ok(control) => drop(tasks.spawn(control.serve(replica, library, badges, installed))),
        Err(error) => warn!("commands cannot reach this node while it runs: {error}"),
    }
}

fn store_failed(why: &str) -> Fault {
    Fault::new(Kind::Unavailable, "the store failed; everything acknowledged until then is kept")
        .why(why)
        .help("see that the disk has room and is sound, then start again")
}

/// The two signals that end a node in order.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens for them.
    ///
    /// # Errors
    ///
    /// When the system does not let it.
    pub(crate) fn new() -> Result<Self, Fault> {
        let listen =
            |kind| signal(kind).map_err(|error| Fault::new(Kind::Software, "cannot listen for signals").why(error));
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// Waits for either.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn tls_acceptor(files: &TlsFiles) -> Result<TlsAcceptor, Fault> {
    http::acceptor(&files.certificate, &files.key).map_err(|error| {
        Fault::new(Kind::Config, "cannot use the certificate and key")
            .why(error)
            .help("give PEM files that this user may read with --tls-cert and --tls-key")
    })
}

/// Opens the port.
///
/// # Errors
///
/// When it cannot be had.
pub(crate) async fn listen(http: SocketAddr) -> Result<TcpListener, Fault> {
    TcpListener::bind(http).await.map_err(|error| unavailable(http, &error))
}

/// Says why an address cannot be listened on.
pub(crate) fn unavailable(http: SocketAddr, error: &io::Error) -> Fault {
    let help = match error.kind() {
        io::ErrorKind::AddrInUse => "stop the program that uses this port, or choose another one with --http ADDR:PORT",
        io::ErrorKind::PermissionDenied => "choose a port above 1023 with --http ADDR:PORT",
        io::ErrorKind::AddrNotAvailable => {
            "choose an address of this machine with --http ADDR:PORT, or 0.0.0.0 for all"
        }
        _ => "choose another address with --http ADDR:PORT",
    };
    Fault::new(Kind::Unavailable, format!("cannot listen on {http}")).why(error).help(help)
}

/// Finds the address under which the node reaches its own relay.
///
/// Under TLS that is a plain port on loopback, which serves the relay alone: a certificate names the
/// address learners type, and the node need not depend on how that one resolves here.
async fn own_relay(
    http: SocketAddr,
    secure: bool,
    relay: &Relay,
    stopped: &watch::Receiver<bool>,
    servers: &mut JoinSet<()>,
) -> Result<RelayUrl, Fault> {
    let address = if secure {
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into()).await?;
        let address = listener.local_addr().map_err(|error| unavailable(http, &error))?;
        let router = Router::new().merge(http::relay_router(relay.clone()));
        servers.spawn(http::serve(listener, None, router, stopped.clone()));
        address
    } else {
        reach::own_address(http)
    };
    let url = format!("http://{address}/");
    url.parse().map_err(|error| Fault::new(Kind::Software, format!("{url} is no relay address")).why(error))
}

/// Dials the hubs that announce themselves, and announces this one anew when its addresses change: a
/// laptop moves from hall to hall. Of each pair the one with the smaller id dials, so that a pair holds
/// one session.
async fn discover(node: Node, exchange: Exchange) {
    let endpoint = node.endpoint();
    let own = endpoint.id();
    let mut addresses = endpoint.watch_addr();
    let mut current = udp_addresses(&addresses.get());
    loop {
        let dial = async {
            match Discovery::start(own, &current) {
                Ok(mut discovery) => {
                    while let Some(found) = discovery.next().await {
                        if own < found.id {
                            exchange.dial(found.clone());
                            // What a stranger says the province has is not believed.
                            node.dial(found, false);
                        }
                    }
                }
                Err(error) => warn!("cannot look for other hubs on this network: {error}"),
            }
            std::future::pending::<()>().await;
        };
        let changed = async {
            loop {
                let now = udp_addresses(&addresses.updated().await.ok()?);
                if now != current {
                    return Some(now);
                }
            }
        };
        current = tokio::select! {
            changed = changed => match changed {
                Some(now) => now,
                None => return,
            },
            () = dial => return,
        };
    }
}

fn udp_addresses(address: &EndpointAddr) -> Vec<SocketAddr> {
    address.ip_addrs().copied().collect()
}

/// Builds the address learners type.
fn address(options: &Options, http: SocketAddr, secure: bool, endpoint: &Endpoint) -> String {
    options.public_url.clone().unwrap_or_else(|| {
        let own = endpoint.addr().ip_addrs().map(SocketAddr::ip).collect::<Vec<IpAddr>>();
        let scheme = if secure { "https" } else { "http" };
        format!("{scheme}://{}", reach::public_address(http, own))
    })
}

/// Builds the ticket: the UDP addresses, and the relay where others can reach it. A certificate does not
/// name an IP address, so under TLS the relay is left out unless the public address is known.
fn ticket(options: &Options, endpoint: &Endpoint, address: &str, secure: bool) -> Ticket {
    let mut reachable = EndpointAddr::new(endpoint.id());
    for ip in endpoint.addr().ip_addrs() {
        reachable = reachable.with_ip_addr(*ip);
    }
    if (!secure || options.public_url.is_some())
        && let Ok(relay) = address.parse()
    {
        reachable = reachable.with_relay_url(relay);
    }
    Ticket { role: options.role.wire(), addr: reachable }
}

/// Lists whose logs the node asks others for.
fn scope(options: &Options) -> Scope {
    if options.communes.is_empty() { Scope::All } else { Scope::Communes(options.communes.clone()) }
}

/// Tells the operator what the node is and does.
fn state(options: &Options, lessons: usize, reach: Reach) -> Vec<String> {
    let mut lines = vec![match options.role {
        Role::Hub => "Máy của tổ công nghệ số cộng đồng".to_owned(),
        Role::Province => "Máy của tỉnh".to_owned(),
    }];
    lines.push(if lessons == 0 {
        format!("Chưa có bài học: chương trình được dựng không kèm trang web. Dựng lại bằng: {HOW_TO_BUILD}")
    } else {
        format!("Bài học: {lessons}")
    });
    let communes: Vec<_> = options.communes.iter().map(|code| code.0.to_string()).collect();
    lines.push(format!(
        "Xã, phường, đặc khu: {}",
        if communes.is_empty() { "tất cả".to_owned() } else { communes.join(", ") }
    ));
    lines.push(format!("Máy khác được báo trước (--peer): {}", options.peers.len()));
    if reach.announces() {
        lines.push("Tự tìm máy khác trong mạng này: có".to_owned());
    }
    lines
}

fn unreadable(options: &Options, error: &RequestError) -> Fault {
    Fault::new(Kind::Data, format!("cannot read the store in {}", options.data.display()))
        .why(error)
        .help("restore a backup of the folder, or choose another one with --data")
}
