//! A world of phones, hubs and a province in virtual time, with the real core and the real store.

mod faults;
mod links;
mod people;

use std::collections::{BTreeSet, VecDeque};

use ed25519_dalek::SigningKey;
use sync::authority::{Area, Chain, Credential, Rank, Revoked, Rights, Terms};
use sync::log::device_of;
use sync::session::{Query, Session};
use sync::store::{Request, Response, Seed, Store};
use sync::wire::frame::{Role, Scope};
use sync::{CommuneCode, Day, LearnerId, Minutes, ProvinceKey};

use super::chance::Chance;
use super::disk::Disk;

/// Where virtual time begins, and how far a clock may be off: about five years.
const EPOCH: u64 = 29_900_000;
const CLOCK_OFF_MAX: usize = 2_600_000;
const LESSONS: usize = 8;
const COMMUNES: usize = 3;
/// The commune of the hub that works for one only.
pub(super) const SCOPED_COMMUNE: u32 = 30_000;
/// Bound of the deliveries after which a healed world must be quiet.
const QUIET_MAX: u32 = 200_000;
/// How much a hostile device remembers.
pub(super) const SEEN_MAX: usize = 64;

/// What a phone's learner did, in the simulator's own words.
#[derive(Debug, Default, Clone)]
pub(super) struct Facts {
    /// Who it was last.
    pub(super) learner: Option<LearnerId>,
    /// What the phone said is saved.
    pub(super) saved: BTreeSet<u16>,
    /// What was tried, saved or not.
    pub(super) tried: BTreeSet<u16>,
    /// What the phone said has arrived.
    pub(super) arrived: BTreeSet<u16>,
    /// The communes that were named.
    pub(super) communes: BTreeSet<u32>,
    /// Whether the phone was ever set back to a backup.
    pub(super) set_back: bool,
}

/// What a node is for in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Phone,
    /// A hub on the way to the province.
    Hub,
    /// A hub that works for one commune.
    Scoped,
    /// A hub that is revoked some day.
    Rogue,
    Province,
}

pub(super) struct Node {
    pub(super) disk: Disk,
    pub(super) store: Option<Store>,
    pub(super) seed: Seed,
    pub(super) part: Part,
    clock: u64,
    pub(super) facts: Facts,
    /// A copy of the disk, made earlier, and what was known then.
    backup: Option<(Vec<u8>, Facts)>,
}

impl Node {
    pub(super) const fn role(&self) -> Role {
        match self.part {
            Part::Phone => Role::Phone,
            Part::Hub | Part::Scoped | Part::Rogue => Role::Hub,
            Part::Province => Role::Province,
        }
    }

    pub(super) fn scope(&self) -> Scope {
        match self.part {
            Part::Phone => Scope::Own,
            Part::Scoped => Scope::Communes(vec![CommuneCode(SCOPED_COMMUNE)]),
            Part::Hub | Part::Rogue | Part::Province => Scope::All,
        }
    }
}

/// A connection: two sessions and the bytes between them. The first node reports to the second.
struct Link {
    nodes: [usize; 2],
    sessions: [Session; 2],
    wires: [VecDeque<Vec<u8>>; 2],
    /// Nothing arrives at this side any more.
    deaf: Option<usize>,
}

/// What went wrong, for the report of a seed.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Faults {
    pub(super) crashes: u32,
    pub(super) full_disks: u32,
    pub(super) rotten_disks: u32,
    pub(super) cuts: u32,
    pub(super) deaf: u32,
    pub(super) forged: u32,
    pub(super) set_back: u32,
    pub(super) attested: u32,
    pub(super) withdrawn: u32,
    pub(super) revoked: u32,
    pub(super) forks: u32,
    pub(super) deliveries: u32,
}

impl Faults {
    /// Sums the reports of many seeds.
    pub(super) const fn add(&mut self, other: &Self) {
        self.crashes += other.crashes;
        self.full_disks += other.full_disks;
        self.rotten_disks += other.rotten_disks;
        self.cuts += other.cuts;
        self.deaf += other.deaf;
        self.forged += other.forged;
        self.set_back += other.set_back;
        self.attested += other.attested;
        self.withdrawn += other.withdrawn;
        self.revoked += other.revoked;
        self.forks += other.forks;
        self.deliveries += other.deliveries;
    }
}

pub(super) struct World {
    pub(super) chance: Chance,
    province: SigningKey,
    minutes: u64,
    pub(super) nodes: Vec<Node>,
    links: Vec<Link>,
    /// What went over the wires last, for a hostile device to replay.
    pub(super) seen: VecDeque<Vec<u8>>,
    /// Phone and hub that were ever connected.
    pub(super) met: BTreeSet<(usize, usize)>,
    /// The newest revocation list.
    pub(super) revoked: Option<(u64, Revoked)>,
    /// Learners whom somebody tried to withdraw.
    pub(super) withdrawn: BTreeSet<LearnerId>,
    /// Keys of learners.
    pub(super) keys: Vec<(LearnerId, [u8; 16])>,
    pub(super) faults: Faults,
}

/// Whether a query makes the store change, so that its sessions must be told.
pub(super) const fn writes(query: &Query) -> bool {
    matches!(
        query,
        Query::Ingest { .. }
            | Query::Credit { .. }
            | Query::CreditTo { .. }
            | Query::Revoke { .. }
            | Query::Withdraw { .. }
            | Query::Forked(_)
    )
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let phones = 1 + chance.below(4);
        let hubs = 1 + chance.below(3);
        let mut parts = vec![Part::Phone; phones];
        parts.extend(vec![Part::Hub; hubs]);
        parts.extend([Part::Scoped, Part::Rogue, Part::Province]);
        let province = SigningKey::from_bytes(&chance.bytes());
        let node = |part: Part, chance: &mut Chance| {
            let seed = Seed { secret: chance.bytes(), store: chance.bytes() };
            let clock = EPOCH + chance.below(CLOCK_OFF_MAX) as u64;
            Node { disk: Disk::new(), store: None, seed, part, clock, facts: Facts::default(), backup: None }
        };
        let nodes = parts.into_iter().map(|part| node(part, &mut chance)).collect();
        let mut world = Self {
            chance,
            province,
            minutes: 0,
            nodes,
            links: Vec::new(),
            seen: VecDeque::new(),
            met: BTreeSet::new(),
            revoked: None,
            withdrawn: BTreeSet::new(),
            keys: Vec::new(),
            faults: Faults::default(),
        };
        for node in 0..world.nodes.len() {
            world.boot(node);
        }
        world
    }

    /// Does one thing that chance chooses, then looks whether what must hold still does.
    pub(super) fn step(&mut self) {
        self.minutes += self.chance.below(30) as u64;
        match self.chance.below(120) {
            0..55 => self.deliver(),
            55..67 => self.connect(),
            67..79 => self.learn(),
            79..84 => self.consent(),
            84..87 => self.cut(),
            87..91 => self.forge(),
            91..95 => self.set_back(),
            95..98 => self.crash(),
            98..103 => self.fill(),
            103 => self.rot(),
            104 => self.deafen(),
            105..113 => self.attest(),
            113..115 => self.withdraw_own(),
            115..117 => self.withdraw_for(),
            _ => self.revoke(),
        }
        self.check();
    }

    /// No more faults: everyone talks until nobody has anything new to say.
    pub(super) fn heal(&mut self) {
        self.links.clear();
        for node in 0..self.nodes.len() {
            self.restart(node);
        }
        // Along the chain: up with the records, down with the receipts and with what others brought, one
        // step a round; and a round more for what a fork makes its device say again.
        for _ in 0..self.hubs().len() + 4 {
            for node in 0..self.nodes.len() - 1 {
                self.open(node, self.upstream(node));
                self.quiet();
                // A credential that is to be shown again makes a session end at once.
                self.links.clear();
                self.open(node, self.upstream(node));
                self.quiet();
            }
            self.links.clear();
        }
        self.check();
    }

    /// A phone reports to a hub, hubs in a row, the last one to the province; so do the others.
    fn upstream(&self, node: usize) -> usize {
        let hubs = self.hubs();
        match self.nodes[node].part {
            Part::Phone => hubs[node % hubs.len()],
            Part::Hub if Some(&node) != hubs.last() => node + 1,
            _ => self.nodes.len() - 1,
        }
    }

    pub(super) fn hubs(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|node| self.nodes[*node].part == Part::Hub).collect()
    }

    fn quiet(&mut self) {
        for _ in 0..QUIET_MAX {
            let Some((link, side)) = self.waiting().first().copied() else { return };
            self.deliver_to(link, side, usize::MAX);
        }
        panic!("a healed world does not come to rest");
    }

    pub(super) fn now(&self, node: usize) -> Minutes {
        Minutes(self.nodes[node].clock + self.minutes)
    }

    fn boot(&mut self, node: usize) {
        self.nodes[node].seed.store = self.chance.bytes();
        let Node { disk, seed, .. } = &self.nodes[node];
        let store = Store::open(disk.open(), seed).expect("a crash leaves a store that opens");
        self.nodes[node].store = Some(store);
        self.enrol(node);
    }

    /// Gives a node its credential, or a phone the province's key. On a full disk it fails, and is done
    /// when the node starts again.
    fn enrol(&mut self, node: usize) {
        let (rank, area) = match self.nodes[node].part {
            Part::Phone => {
                let province = ProvinceKey(device_of(&self.province).0);
                self.execute(node, Request::Pin { province });
                return;
            }
            Part::Province => (Rank::Province, Area::Everywhere),
            Part::Scoped => (Rank::Team, Area::of(vec![CommuneCode(SCOPED_COMMUNE)]).expect("one commune")),
            Part::Hub | Part::Rogue => (Rank::Team, Area::Everywhere),
        };
        let rights = Rights::COLLECT.with(Rights::ATTEST);
        let terms = Terms { rank, team: 0, area, rights, from: Day(0), until: Day(65_535) };
        let device = self.nodes[node].store.as_ref().map(Store::device).expect("a node is up");
        let mut chain = Vec::new();
        Chain(vec![Credential::issue(&self.province, device, terms)]).encode(&mut chain);
        let now = self.now(node);
        self.execute(node, Request::Enrol { chain, now });
    }

    fn restart(&mut self, node: usize) {
        self.nodes[node].store = None;
        self.links.retain(|link| !link.nodes.contains(&node));
        self.boot(node);
    }

    pub(super) fn execute(&mut self, node: usize, request: Request) -> Response {
        let store = self.nodes[node].store.as_ref().expect("a node is up");
        store.execute(&[request]).pop().expect("one answer for one request")
    }
}
