//! A month of the whole province in virtual time: every team's hub, with the networks that halls have.
//!
//! Each hub keeps a real store and talks over the real core. Phones are their signed logs: what a phone
//! would push in a session of its own is given to the hub's store as it would be there. On most days most
//! hubs reach nobody; a tenth never reach the province and hand their records to a neighbour of the same
//! commune, which carries them.

use std::collections::{BTreeMap, HashMap, VecDeque};

use ed25519_dalek::SigningKey;
use sync::authority::{Area, Chain, Credential, Rank, Rights, Terms};
use sync::session::{Answer, Config, Event, Extension, Output, Query, Session};
use sync::store::paged::Paged;
use sync::store::{Request, Response, Seed, Store};
use sync::wire::frame::{Role, Scope};
use sync::{CommuneCode, Day, DeviceId, LogId, Minutes};
use tests::logs;

use super::chance::Chance;

/// Teams of the province, and its communes.
const HUBS: usize = 1_340;
const HUBS_QUICK: usize = 24;
const COMMUNES: usize = 102;
const DAYS: u32 = 30;
/// Residents who come to a hub in a month, and how likely one of them learns something on a day.
const PHONES_A_HUB: usize = 4;
const LEARNS_PER_MILLE: usize = 250;
/// How likely a hub has a network on a day; how likely a session is cut; how many never reach the province.
const ONLINE_PER_MILLE: usize = 350;
const CUT_PER_MILLE: usize = 200;
const CARRIED_PER_MILLE: usize = 100;
const FIRST_DAY: u32 = 20_779;

struct Hub {
    store: Store,
    role: Role,
    scope: Scope,
    carried: bool,
    /// Number of each phone, and the lessons it has done.
    phones: Vec<(u32, u16)>,
    spent: Spent,
}

/// What the sessions of a hub cost.
#[derive(Debug, Default, Clone, Copy)]
struct Spent {
    sessions: u64,
    bytes: u64,
    rounds: u64,
}

/// When each entry of each log was made.
type Made = HashMap<LogId, Vec<u32>>;

struct Province {
    root: SigningKey,
    hub: Hub,
    /// How many days old entries were when they came, and how many.
    ages: BTreeMap<u32, u64>,
}

impl Hub {
    fn new(root: &SigningKey, chance: &mut Chance, role: Role, commune: Option<CommuneCode>) -> Self {
        let seed = Seed { secret: chance.bytes(), store: chance.bytes() };
        let store = Store::open(Paged::default(), &seed).expect("an empty image opens");
        let scope = commune.map_or(Scope::All, |commune| Scope::Communes(vec![commune]));
        let area = commune.and_then(|commune| Area::of(vec![commune])).unwrap_or(Area::Everywhere);
        let rank = if role == Role::Province { Rank::Province } else { Rank::Team };
        let rights = Rights::COLLECT.with(Rights::ATTEST);
        let terms = Terms { rank, team: 0, area, rights, from: Day(0), until: Day(65_535) };
        let mut chain = Vec::new();
        Chain(vec![Credential::issue(root, store.device(), terms)]).encode(&mut chain);
        let enrol = Request::Enrol { chain, now: minutes(0) };
        assert_eq!(store.execute(&[enrol]), [Response::Done]);
        Self { store, role, scope, carried: false, phones: Vec::new(), spent: Spent::default() }
    }

    fn session(&self, peer: DeviceId, upstream: bool) -> Session {
        let device = self.store.device();
        Session::new(Config { device, peer, role: self.role, scope: self.scope.clone(), upstream })
    }
}

/// Noon of a day, counted from the first.
fn minutes(day: u32) -> Minutes {
    Minutes(u64::from(FIRST_DAY + day) * 24 * 60 + 12 * 60)
}

/// One session from `first` to `second`, until both are quiet or, if `cut`, after that many deliveries.
fn talk(first: &Hub, second: &Hub, day: u32, cut: usize, arrived: &mut dyn FnMut(&Extension)) -> Spent {
    let hubs = [first, second];
    let mut sessions = [first.session(second.store.device(), true), second.session(first.store.device(), false)];
    let mut wires: [VecDeque<Vec<u8>>; 2] = Default::default();
    let mut spent = Spent { sessions: 1, ..Spent::default() };
    let mut event = |side: usize, event: Event<'_>, wires: &mut [VecDeque<Vec<u8>>; 2], spent: &mut Spent| {
        let now = minutes(day);
        let mut outputs = VecDeque::from(sessions[side].handle(event, now));
        while let Some(output) = outputs.pop_front() {
            match output {
                Output::Send(bytes) => {
                    outputs.extend(sessions[side].handle(Event::Sent(bytes.len()), now));
                    spent.bytes += bytes.len() as u64;
                    wires[side].push_back(bytes);
                }
                Output::Ask(query) => {
                    if let (1, Query::Ingest { extensions, .. }) = (side, &query) {
                        extensions.iter().for_each(&mut *arrived);
                    }
                    let answer = hubs[side].store.execute(&[Request::Session(query)]).pop();
                    let Some(Response::Session(answer)) = answer else { panic!("a session was answered {answer:?}") };
                    let wrote = matches!(answer, Answer::Ingest(_) | Answer::Withdrawn(_) | Answer::Done);
                    outputs.extend(sessions[side].handle(Event::Answer(answer), now));
                    if wrote {
                        outputs.extend(sessions[side].handle(Event::Changed, now));
                    }
                }
                Output::Notice(_) | Output::Close => {}
            }
        }
    };
    event(0, Event::Opened, &mut wires, &mut spent);
    event(1, Event::Opened, &mut wires, &mut spent);
    let mut last = None;
    for _ in 0..cut {
        let Some(side) = (0..2).find(|side| !wires[1 - side].is_empty()) else { break };
        // Everything that waits arrives at once: half a round trip.
        let bytes: Vec<u8> = wires[1 - side].drain(..).flatten().collect();
        event(side, Event::Received(&bytes), &mut wires, &mut spent);
        spent.rounds += u64::from(last != Some(side));
        last = Some(side);
    }
    spent
}

/// Residents learn on a day: their phones' logs grow at the hub.
fn learn(hub: &mut Hub, commune: CommuneCode, day: u32, chance: &mut Chance, made: &mut Made) {
    let mut extensions = Vec::new();
    for (phone, lessons) in &mut hub.phones {
        if !chance.per_mille(LEARNS_PER_MILLE) {
            continue;
        }
        *lessons += 1 + chance.below(2) as u16;
        let log = logs::phone(*phone, commune, *lessons);
        made.entry(log.log).or_default().resize(log.payloads.len(), day);
        let payloads = log.payloads.concat();
        extensions.push(Extension {
            log: log.log,
            from: 0,
            count: log.payloads.len() as u64,
            payloads,
            signature: log.signature,
        });
    }
    if extensions.is_empty() {
        return;
    }
    let peer = hub.store.device();
    let query = Query::Ingest { peer, scope: hub.scope.clone(), extensions, now: minutes(day) };
    match hub.store.execute(&[Request::Session(query)]).pop() {
        Some(Response::Session(Answer::Ingest(results))) => assert!(results.iter().all(Result::is_ok), "{results:?}"),
        other => panic!("{other:?}"),
    }
}

fn add(to: &mut Spent, spent: Spent) {
    to.sessions += spent.sessions;
    to.bytes += spent.bytes;
    to.rounds += spent.rounds;
}

/// A hub reports to the province; what arrives is counted by its age.
fn report(province: &mut Province, hub: &mut Hub, day: u32, cut: usize, made: &Made) {
    let ages = &mut province.ages;
    let spent = talk(hub, &province.hub, day, cut, &mut |extension| {
        for entry in extension.from..extension.from + extension.count {
            // A log of a hub's own tells its credential only.
            let of = made.get(&extension.log).and_then(|made| made.get(entry as usize));
            if let Some(made) = of {
                *ages.entry(day - made).or_default() += 1;
            }
        }
    });
    add(&mut hub.spent, spent);
}

/// A neighbour of the same commune that does reach the province.
fn neighbour(hubs: &[Hub], of: usize) -> Option<usize> {
    let same = |other: &usize| *other != of && other % COMMUNES == of % COMMUNES && !hubs[*other].carried;
    (0..hubs.len()).find(same)
}

/// Runs a month, heals, and compares what the province counts with what was done.
fn run(count: usize, seed: u64) {
    let mut chance = Chance::new(seed);
    let root = SigningKey::from_bytes(&chance.bytes());
    let hub = Hub::new(&root, &mut chance, Role::Province, None);
    let mut province = Province { root, hub, ages: BTreeMap::new() };
    let commune = |hub: usize| CommuneCode(30_000 + (hub % COMMUNES) as u32);
    let mut hubs: Vec<Hub> =
        (0..count).map(|hub| Hub::new(&province.root, &mut chance, Role::Hub, Some(commune(hub)))).collect();
    for (index, hub) in hubs.iter_mut().enumerate() {
        hub.carried = chance.per_mille(CARRIED_PER_MILLE);
        hub.phones = (0..PHONES_A_HUB).map(|phone| ((index * PHONES_A_HUB + phone) as u32, 0)).collect();
    }
    let mut made = Made::new();
    for day in 0..=DAYS {
        // The last day is a good one: nobody learns, and everybody gets through.
        let last = day == DAYS;
        for index in 0..count {
            if !last {
                learn(&mut hubs[index], commune(index), day, &mut chance, &mut made);
            }
            if !last && !chance.per_mille(ONLINE_PER_MILLE) {
                continue;
            }
            let cut = if !last && chance.per_mille(CUT_PER_MILLE) { 1 + chance.below(6) } else { 1_000 };
            match neighbour(&hubs, index).filter(|_| hubs[index].carried) {
                None => report(&mut province, &mut hubs[index], day, cut, &made),
                Some(other) => {
                    let spent = talk(&hubs[index], &hubs[other], day, cut, &mut |_| {});
                    add(&mut hubs[index].spent, spent);
                }
            }
        }
    }
    for hub in hubs.iter_mut().filter(|hub| !hub.carried) {
        report(&mut province, hub, DAYS, 1_000, &made);
    }
    check(&province, &hubs, &commune);
    show(&province, &hubs, &made);
}

/// The province counts what was done, and no hub holds anything of another commune.
fn check(province: &Province, hubs: &[Hub], commune: &dyn Fn(usize) -> CommuneCode) {
    let mut expected: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for (index, hub) in hubs.iter().enumerate() {
        for (_, lessons) in hub.phones.iter().filter(|(_, lessons)| *lessons > 0) {
            let total = expected.entry(commune(index).0).or_default();
            total.0 += 1;
            total.1 += u64::from(*lessons);
        }
    }
    assert_eq!(totals(&province.hub), expected);
    for (index, hub) in hubs.iter().enumerate() {
        assert!(totals(hub).keys().all(|found| *found == commune(index).0), "hub {index} holds another commune");
    }
}

fn totals(hub: &Hub) -> BTreeMap<u32, (u64, u64)> {
    match hub.store.execute(&[Request::Totals]).pop() {
        Some(Response::Totals(totals)) => {
            totals.iter().map(|total| (total.commune.0, (total.learners, total.lessons))).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// Prints what it cost, and how old the data was when it came.
fn show(province: &Province, hubs: &[Hub], made: &Made) {
    let entries: usize = made.values().map(Vec::len).sum();
    let count = hubs.len() as u64;
    let mut all = Spent::default();
    for hub in hubs {
        add(&mut all, hub.spent);
    }
    let mut bytes: Vec<u64> = hubs.iter().map(|hub| hub.spent.bytes).collect();
    bytes.sort_unstable();
    println!(
        "{count} hubs, {DAYS} days, {} logs of {entries} entries: {} sessions; a hub: {} sessions, {} bytes \
         (median {}, most {}), {} half round trips in ten sessions",
        made.len(),
        all.sessions,
        all.sessions / count,
        all.bytes / count,
        bytes[bytes.len() / 2],
        bytes[bytes.len() - 1],
        all.rounds * 10 / all.sessions,
    );
    let arrived: u64 = province.ages.values().sum();
    let mut seen = 0;
    let shares = [50, 90, 99, 100];
    let mut shares = shares.iter().peekable();
    for (age, number) in &province.ages {
        seen += number;
        while let Some(share) = shares.next_if(|share| seen * 100 >= arrived * **share) {
            println!("{share} of 100 entries were at most {age} days old when they came");
        }
    }
}

#[test]
fn a_month_of_some_hubs_converges() {
    run(HUBS_QUICK, 1);
}

pub(super) mod long {
    /// As many hubs as the province has teams.
    #[test]
    fn a_month_of_every_hub_converges() {
        super::run(super::HUBS, 1);
    }
}
