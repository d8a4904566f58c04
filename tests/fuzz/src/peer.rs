//! A hostile peer: a script of bytes that talks to a real session over a real store.
//!
//! # Script
//!
//! ```text
//! who    1 B   bits 0-1 what this node is: 0 phone · 1 hub · 2 province · 3 a hub of one commune
//!              bits 2-4 who the peer is: 0 a stranger · 1 the hub · 2 the phone · 3 the revoked device
//!                       4 this device itself; further ones are strangers
//!              bit 5    this node reports to the peer
//!              bit 6    the network takes nothing of what is sent
//!              bit 7    answers of the store wait for the next step
//! cut    1 B   how many bytes arrive at a time, less one
//! steps        each begins with a byte:
//!              below the number of golden frames: that frame
//!              128 + that: the frame with the byte at `at` changed by `by`; two bytes follow, `at` and `by`
//!              253         the store changed
//!              254         a frame of a length of one byte; it and the body follow
//!              255         what follows is not split into frames at all
//!              others      the next byte, alone
//! ```

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use redb::StorageBackend;
use redb::backends::InMemoryBackend;
use sync::authority::{Area, Chain, Credential, Rank, Rights, Terms};
use sync::session::{Config, Event, Extension, Output, Query, SEND_BYTES_MAX, Session};
use sync::sketch::{Item, Sketch};
use sync::store::{NewLearner, Request, Response, Seed, Store};
use sync::wire::codec::put_slice;
use sync::wire::frame::{
    self, Ack, Changes, Cursor, Entries, FRAME_BYTES_MAX, Frame, Hello, Items, Offer, Presented, Receipt, Role, Scope,
    Want,
};
use sync::{Day, DeviceId, StoreId};

use crate::golden::{self, COMMUNE, HUB, NOW, PHONE, REVOKED};

/// Bound of a store's image: a new one takes 2 MB, and what a peer may leave in one session is little.
const IMAGE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Bound of what is sent for a script, beside [`SEND_BYTES_MAX`]: what was asked before the limit.
const SENT_BYTES_MAX: usize = SEND_BYTES_MAX + 2 * FRAME_BYTES_MAX;
/// Bound of the queries for one event: a frame asks few, and one event brings a script at most.
const ASKED_MAX: usize = 4096;

const CHANGED: u8 = 253;
const FRAMED: u8 = 254;
const BARE: u8 = 255;
const ALTERED: u8 = 128;

/// A store in memory that tells how long its image is.
#[derive(Debug)]
struct Measured {
    inner: InMemoryBackend,
    bytes: Arc<AtomicU64>,
}

impl StorageBackend for Measured {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.bytes.store(len, Ordering::Relaxed);
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.inner.write(offset, data)
    }
}

/// A node of one kind with its store, which lives on from script to script.
#[derive(Debug)]
pub struct Node {
    role: Role,
    scope: Scope,
    number: u8,
    store: Store,
    bytes: Arc<AtomicU64>,
    /// The store's position when it was made; past it, something of a peer was taken.
    position: u64,
}

impl Node {
    /// Makes a node with a learner's log, and the log that a phone brought.
    pub fn new(kind: u8) -> Self {
        let (role, scope) = match kind {
            0 => (Role::Phone, Scope::Own),
            1 => (Role::Hub, Scope::All),
            2 => (Role::Province, Scope::All),
            _ => (Role::Hub, Scope::Communes(vec![COMMUNE])),
        };
        let number = 10 + kind;
        let bytes = Arc::default();
        let backend = Measured { inner: InMemoryBackend::new(), bytes: Arc::clone(&bytes) };
        let seed = Seed { secret: [number; 32], store: [number; 16] };
        let store = Store::open(backend, &seed).expect("an empty image becomes a store");
        let mut node = Self { role, scope, number, store, bytes, position: 0 };
        node.settle_in();
        node.position = node.store.position().expect("a store has a position");
        node
    }

    fn settle_in(&self) {
        let new = NewLearner { secret: [self.number; 16], key: [self.number; 16] };
        let (learner, commune, day, now) = (None, COMMUNE, golden::TODAY, NOW);
        let extensions = vec![golden::extension(PHONE, &golden::entries(PHONE, 2))];
        let peer = golden::device(PHONE);
        let requests = [
            self.enrolment(),
            Request::Consent { learner, commune, day, new, now },
            Request::Session(Query::Ingest { peer, scope: Scope::All, extensions, now }),
        ];
        let responses = self.store.execute(&requests);
        assert!(!responses.iter().any(|response| matches!(response, Response::Failed(_))), "{responses:?}");
    }

    fn enrolment(&self) -> Request {
        if self.role == Role::Phone {
            return Request::Pin { province: golden::province() };
        }
        let rank = if self.role == Role::Province { Rank::Province } else { Rank::Team };
        let (rights, from, until) = (Rights::COLLECT.with(Rights::ATTEST), Day(0), Day(40_000));
        let terms = Terms { rank, team: 0, area: Area::Everywhere, rights, from, until };
        let mut chain = Vec::new();
        Chain(vec![Credential::issue(&golden::provincial(), self.store.device(), terms)]).encode(&mut chain);
        Request::Enrol { chain, now: NOW }
    }

    /// Whether the store is as it was made, but for what it remembers of its peers.
    pub fn is_fresh(&self) -> bool {
        self.store.position().is_ok_and(|position| position == self.position)
    }
}

/// Which kind of node a script talks to.
pub fn kind(script: &[u8]) -> u8 {
    script.first().map_or(0, |who| who & 3)
}

/// Plays a script to a node.
///
/// # Panics
/// When the session or the store breaks a bound.
pub fn play(node: &Node, script: &[u8]) {
    let [who, cut, steps @ ..] = script else { return };
    let mut talk = Talk::new(node, *who);
    talk.event(Event::Opened);
    let mut rest = steps;
    while !talk.session.is_closed()
        && let Some((step, after)) = rest.split_first()
    {
        rest = talk.step(*step, after, usize::from(*cut) + 1);
        talk.answer_all();
    }
    talk.answer_all();
    assert!(node.bytes.load(Ordering::Relaxed) <= IMAGE_BYTES_MAX, "the store grew out of its bound");
}

struct Talk<'a> {
    node: &'a Node,
    session: Session,
    outputs: VecDeque<Output>,
    /// Queries whose answers wait.
    asked: VecDeque<Query>,
    deaf: bool,
    late: bool,
    received: usize,
    sent: usize,
}

impl<'a> Talk<'a> {
    fn new(node: &'a Node, who: u8) -> Self {
        let device = node.store.device();
        let peer = match who >> 2 & 7 {
            1 => golden::device(HUB),
            2 => golden::device(PHONE),
            3 => golden::device(REVOKED),
            4 => device,
            _ => DeviceId([0x77; 32]),
        };
        let (role, scope, upstream) = (node.role, node.scope.clone(), who >> 5 & 1 == 1);
        Self {
            node,
            session: Session::new(Config { device, peer, role, scope, upstream }),
            outputs: VecDeque::new(),
            asked: VecDeque::new(),
            deaf: who >> 6 & 1 == 1,
            late: who >> 7 == 1,
            received: 0,
            sent: 0,
        }
    }

    /// Does one step, and returns what is left of the script.
    fn step<'s>(&mut self, step: u8, after: &'s [u8], cut: usize) -> &'s [u8] {
        let golden = |number: u8| FRAMES.get(usize::from(number)).cloned();
        let (bytes, rest) = match (step, after) {
            (CHANGED, _) => {
                self.event(Event::Changed);
                return after;
            }
            (BARE, _) => (after.to_vec(), &after[after.len()..]),
            (FRAMED, [length, rest @ ..]) => {
                let (body, rest) = rest.split_at(rest.len().min(usize::from(*length)));
                let mut bytes = Vec::new();
                put_slice(&mut bytes, body);
                (bytes, rest)
            }
            (ALTERED.., [at, by, rest @ ..]) if golden(step - ALTERED).is_some() => {
                let mut bytes = golden(step - ALTERED).unwrap_or_default();
                let at = usize::from(*at) % bytes.len();
                bytes[at] ^= by;
                (bytes, rest)
            }
            (_, _) => match golden(step) {
                Some(bytes) => (bytes, after),
                None => (after.iter().copied().take(1).collect(), after.get(1..).unwrap_or_default()),
            },
        };
        for piece in bytes.chunks(cut) {
            self.received += piece.len();
            self.event(Event::Received(piece));
        }
        rest
    }

    fn event(&mut self, event: Event<'_>) {
        self.outputs.extend(self.session.handle(event, NOW));
        self.work();
        if !self.late {
            self.answer_all();
        }
    }

    /// Does what the session put out, and collects its queries.
    fn work(&mut self) {
        while let Some(output) = self.outputs.pop_front() {
            match output {
                Output::Send(bytes) => {
                    self.sent += bytes.len();
                    if !self.deaf {
                        self.outputs.extend(self.session.handle(Event::Sent(bytes.len()), NOW));
                    }
                }
                Output::Ask(query) => self.asked.push_back(query),
                Output::Notice(_) | Output::Close => {}
            }
        }
        assert!(self.asked.len() <= ASKED_MAX + self.received, "more queries than bytes");
        if self.deaf {
            // What is asked in few bytes may be long; each byte received may also be answered by some.
            assert!(self.sent <= SENT_BYTES_MAX + 64 * self.received, "more is sent than the network takes");
        }
    }

    fn answer_all(&mut self) {
        while let Some(query) = self.asked.pop_front() {
            let request = Request::Session(query);
            let Some(Response::Session(answer)) = self.node.store.execute(&[request]).pop() else {
                panic!("a session was answered something else")
            };
            self.outputs.extend(self.session.handle(Event::Answer(answer), NOW));
            self.work();
        }
    }
}

/// Frames that a peer may send, whole.
pub static FRAMES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| frames().iter().map(encoded).collect());

fn encoded(frame: &Frame) -> Vec<u8> {
    let mut out = Vec::new();
    frame.encode(&mut out);
    out
}

fn hello(role: Role, scope: Scope, credential: Presented) -> Hello {
    let store = StoreId([0x51; 16]);
    Hello { store, role, wants_receipts: true, scope, cursor: None, credential, epoch: None, holds: None }
}

fn frames() -> Vec<Frame> {
    let chain = Presented::Chain(golden::chain_bytes(HUB));
    let commune = Scope::Communes(vec![COMMUNE]);
    let hub = hello(Role::Hub, commune.clone(), chain.clone());
    let known = Presented::Known(golden::chain(HUB).digest());
    let cursor = Some(Cursor { store: StoreId([11; 16]), position: 1 });
    let mut frames = vec![
        Frame::Hello(hello(Role::Phone, Scope::Own, Presented::Nothing)),
        Frame::Hello(hub.clone()),
        Frame::Hello(Hello { epoch: Some(7), ..hub.clone() }),
        Frame::Hello(Hello { credential: known, cursor, ..hub.clone() }),
        Frame::Hello(Hello { credential: Presented::Chain(golden::chain_bytes(REVOKED)), ..hub }),
        Frame::Hello(hello(Role::Province, Scope::All, chain)),
    ];
    let (mut list, mut withdrawals) = (Vec::new(), [Vec::new(), Vec::new()]);
    golden::revocations().encode(&mut list);
    golden::withdrawal().encode(&mut withdrawals[0]);
    golden::own_withdrawal().encode(&mut withdrawals[1]);
    frames.extend([
        Frame::Revocations(list),
        Frame::Withdrawn(withdrawals.into()),
        Frame::Withdrawn(Vec::new()),
        Frame::Forked(Box::new(golden::fork(PHONE))),
        Frame::Forked(Box::new(golden::fork(11))),
        Frame::Want(Vec::new()),
        Frame::Want(vec![Want { offer: 0, from: 0 }]),
        Frame::Want(vec![Want { offer: 0, from: 1 }, Want { offer: 1, from: 0 }]),
        Frame::Again(Want { offer: 0, from: 0 }),
        Frame::Ack(vec![Ack { offer: 0, length: 3 }]),
        Frame::Ack(Vec::new()),
        Frame::Changes(Changes { upto: 9, offers: Vec::new(), receipts: vec![receipt(10, 2), receipt(PHONE, 9)] }),
    ]);
    for (number, log) in logs() {
        frames.extend(bringing(number, &log));
    }
    frames.extend(reconciling());
    frames
}

/// A peer whose cursor was lost: it can take a sketch, and sends one.
fn reconciling() -> Vec<Frame> {
    let credential = Presented::Chain(golden::chain_bytes(HUB));
    let hub = hello(Role::Hub, Scope::Communes(vec![COMMUNE]), credential);
    let cursor = Some(Cursor { store: StoreId([0x99; 16]), position: 5 });
    let items: Vec<Item> = (1..=3_u64).filter_map(|number| Item::from_bytes(number.to_le_bytes())).collect();
    let mut sketch = Sketch::new();
    for item in &items {
        sketch.add(*item);
    }
    let block = |symbols| Frame::Sketch(frame::Sketch { logs: 3, block: sketch.encode_block(symbols) });
    vec![
        Frame::Hello(Hello { cursor, holds: Some(1), ..hub.clone() }),
        Frame::Hello(Hello { cursor, holds: Some(1000), scope: Scope::All, ..hub }),
        block(0..32),
        block(32..64),
        Frame::Items(Items::More),
        Frame::Items(Items::Lacking(items)),
        Frame::Items(Items::TooMany),
    ]
}

fn receipt(number: u8, length: u64) -> Receipt {
    Receipt { log: golden::log(number), length }
}

/// Logs that a peer may bring, each whole: the longer of one that is held, those of others, and one that
/// does not continue what is held.
fn logs() -> Vec<(u8, Extension)> {
    let mut other = golden::entries(PHONE, 3);
    other.remove(1);
    let logs = [
        (PHONE, golden::entries(PHONE, 5)),
        (HUB, golden::attesting()),
        (REVOKED, golden::entries(REVOKED, 3)),
        (PHONE, other),
        (10, golden::entries(10, 2)),
    ];
    logs.into_iter().map(|(number, entries)| (number, golden::extension(number, &entries))).collect()
}

/// The offer of a log, as the only one, and its entries: in one piece, and in two.
fn bringing(number: u8, log: &Extension) -> [Frame; 3] {
    let tail = golden::tail(&log.log, &log.payloads);
    let mut chain = [0; 8];
    chain.copy_from_slice(&tail.chain[..8]);
    let offers = vec![Offer { log: log.log, length: log.count, chain }];
    let upto = u64::from(number);
    let Extension { count, payloads, signature, .. } = log.clone();
    let whole = Entries { offer: 0, from: 0, count, payloads, signature: Some(signature) };
    let start = Entries { signature: None, ..whole.clone() };
    [Frame::Changes(Changes { upto, offers, receipts: Vec::new() }), Frame::Entries(whole), Frame::Entries(start)]
}
