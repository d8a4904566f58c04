//! What a chain grants, what a list of revocations takes back, and where a withdrawal has force.

use super::golden::*;
use super::*;
use crate::id::{CommuneCode, Day, DeviceId, LearnerId, LogId, ProvinceKey};
use crate::log::Tail;
use proptest::prelude::*;
use proptest::sample::Index;

/// How one link of a chain narrows the one above.
#[derive(Debug, Clone)]
struct Narrowing {
    /// Of collect and attest, which stay.
    rights: [bool; 2],
    /// Of communes 1 to 8, which stay; the first always does.
    communes: u8,
    /// How many days before and after day 1000 it is valid.
    days: (u32, u32),
}

fn narrowing() -> impl Strategy<Value = Narrowing> {
    (any::<[bool; 2]>(), any::<u8>(), (0..500u32, 0..500u32)).prop_map(|(rights, communes, days)| Narrowing {
        rights,
        communes: communes | 1,
        days,
    })
}

/// Narrowings with as many growing ranks, and the link from which on a team is named.
fn narrowings(links_min: usize) -> impl Strategy<Value = (Vec<Narrowing>, Vec<Rank>, usize)> {
    let ranks = vec![Rank::Province, Rank::Commune, Rank::Team, Rank::Device];
    (links_min..=CHAIN_MAX).prop_flat_map(move |links| {
        (proptest::collection::vec(narrowing(), links), proptest::sample::subsequence(ranks.clone(), links), 0..=links)
    })
}

fn area(mask: u8) -> Area {
    Area::of((0..8).filter(|bit| mask & 1 << bit != 0).map(|bit| CommuneCode(1 + bit)).collect()).unwrap()
}

/// Terms that narrow from link to link. None of them may publish, and none reaches past commune 8.
fn narrowed((narrowings, ranks, team_from): &(Vec<Narrowing>, Vec<Rank>, usize)) -> Vec<Terms> {
    let (mut collect, mut attest, mut communes) = (true, true, 0xff);
    let mut out = Vec::new();
    for (index, (narrowing, rank)) in narrowings.iter().zip(ranks).enumerate() {
        collect &= narrowing.rights[0];
        attest &= narrowing.rights[1];
        communes &= narrowing.communes;
        let mut rights = if index + 1 < ranks.len() { Rights::DELEGATE } else { Rights::NONE };
        rights = if collect { rights.with(Rights::COLLECT) } else { rights };
        rights = if attest { rights.with(Rights::ATTEST) } else { rights };
        let team = if index < *team_from { 0 } else { 5 };
        let (from, until) = (Day(1000 - narrowing.days.0), Day(1000 + narrowing.days.1));
        out.push(Terms { rank: *rank, team, area: area(communes), rights, from, until });
    }
    out
}

fn grant_of(terms: &[Terms]) -> Result<Grant, ChainError> {
    chain_of(terms).grant(&province(), device(terms.len() as u8))
}

proptest! {
    #[test]
    fn a_chain_that_narrows_grants_its_last_terms(links in narrowings(1)) {
        let terms = narrowed(&links);
        let leaf = terms.last().unwrap().clone();
        let grant = grant_of(&terms).unwrap();
        prop_assert_eq!((grant.rank, grant.team, grant.rights), (leaf.rank, leaf.team, leaf.rights));
        prop_assert_eq!(&grant.area, &leaf.area);
        for day in [500, 750, 999, 1000, 1001, 1250, 1500].map(Day) {
            let valid = terms.iter().all(|terms| terms.from <= day && day <= terms.until);
            prop_assert_eq!(grant.valid_on(day), valid);
        }
        prop_assert_eq!(grant.via, (1..=terms.len() as u8).map(device).collect::<Vec<_>>());
    }

    #[test]
    fn a_chain_that_widens_names_the_link(links in narrowings(2), at in any::<Index>(), widening in 0..6) {
        let mut terms = narrowed(&links);
        let at = 1 + at.index(terms.len() - 1);
        let above = terms[at - 1].clone();
        let link = &mut terms[at];
        let fault = match widening {
            0 => {
                link.rank = above.rank;
                LinkFault::Rank { above: above.rank, found: above.rank }
            }
            1 => {
                link.rights = link.rights.with(Rights::PUBLISH);
                LinkFault::Rights { above: above.rights, found: link.rights }
            }
            2 => {
                link.area = Area::Everywhere;
                LinkFault::Area
            }
            3 => {
                let Area::Communes(communes) = &mut link.area else { unreachable!() };
                communes.push(CommuneCode(9));
                LinkFault::Area
            }
            4 => {
                name_team(&mut terms[..at]);
                terms[at].team = 0;
                LinkFault::Team { above: 5, found: 0 }
            }
            _ => {
                terms[at - 1].rights = Rights::NONE;
                drop_rights(&mut terms[at..]);
                LinkFault::Delegate
            }
        };
        prop_assert_eq!(grant_of(&terms), Err(ChainError::Link { link: at + 1, fault }));
    }
}

fn name_team(terms: &mut [Terms]) {
    for terms in terms {
        terms.team = 5;
    }
}

/// So that delegation is all that is missing above.
fn drop_rights(terms: &mut [Terms]) {
    for terms in terms {
        terms.rights = Rights::NONE;
    }
}

#[test]
fn a_changed_bit_anywhere_is_refused() {
    let refused = |name: &str, bytes: &[u8]| match name {
        "chain" => Chain::decode(bytes).map_or(true, |chain| chain.grant(&province(), device(2)).is_err()),
        "revocations" => Revocations::decode(bytes).map_or(true, |list| list.verify(&province()).is_err()),
        "withdrawal by the learner" => {
            Withdrawal::decode(bytes).map_or(true, |changed| changed.learner() != by_learner().learner())
        }
        _ => Withdrawal::decode(bytes).map_or(true, |changed| changed.reach(Some(&province())).is_err()),
    };
    for (name, mut bytes, _) in objects() {
        assert!(name == "withdrawal by the learner" || !refused(name, &bytes), "{name}");
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(refused(name, &bytes), "{name}: bit {bit} is not covered");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn a_chain_is_of_this_province_and_this_device() {
    let expect = |chain: &Chain, error: &str| {
        assert_eq!(chain.grant(&province(), device(2)).unwrap_err().to_string(), error);
    };
    expect(&Chain::default(), "the chain is empty");
    expect(&chain_of(&[commune_terms()]), &format!("the chain speaks of device {}, not of this one", device(1)));
    let (other, ours) = (device(9), device(0));
    let theirs = chain().grant(&ProvinceKey(other.0), device(2)).unwrap_err();
    assert_eq!(theirs.to_string(), format!("link 1 of the chain is issued by {ours}, and should be by {other}"));
    let mut gap = chain();
    gap.0[1] = Credential::issue(&secret(9), device(2), team_terms());
    expect(&gap, &format!("link 2 of the chain is issued by {other}, and should be by {}", device(1)));
    gap.0[1].issuer = device(1);
    expect(&gap, "link 2 of the chain is not covered by its signature");
    expect(&chain_of(&vec![team_terms(); 5]), "the chain has 5 links, and at most 4 are allowed");
    let error = grant_of(&vec![long_terms(); CHAIN_MAX]).unwrap_err();
    assert!(matches!(error, ChainError::TooManyBytes(2049..)), "{error}");
}

#[test]
fn a_chain_of_every_commune_fits() {
    let communes: Vec<_> = (0..102).map(|code| CommuneCode(30_000 + code)).collect();
    let ranks = [Rank::Province, Rank::Commune, Rank::Team, Rank::Device];
    let area = Area::of(communes).unwrap();
    let terms = ranks.map(|rank| Terms { rank, area: area.clone(), rights: Rights::ALL, ..commune_terms() });
    assert!(grant_of(&terms).is_ok());
}

#[test]
fn a_grant_holds_on_days_that_every_link_allows() {
    let days = |from, until| Terms { from: Day(from), until: Day(until), ..team_terms() };
    let above = |from, until| Terms { from: Day(from), until: Day(until), ..commune_terms() };
    let grant = grant_of(&[above(10, 20), days(5, 15)]).unwrap();
    assert_eq!((grant.from, grant.until), (Day(10), Day(15)));
    let held: Vec<_> = (9..=16).filter(|day| grant.valid_on(Day(*day))).collect();
    assert_eq!(held, (10..=15).collect::<Vec<_>>());
    assert_eq!(grant_of(&[above(10, 20), days(21, 30)]), Err(ChainError::NeverValid));
    let error = grant_of(&[above(10, 20), days(15, 14)]).unwrap_err();
    assert_eq!(error.to_string(), "link 2 of the chain ends on day 14 before it begins on day 15");
    assert_eq!(grant_of(&[above(10, 10), days(10, 10)]).unwrap().until, Day(10));
}

#[test]
fn a_grant_allows_a_right_in_its_area_in_its_time() {
    let grant = grant_of(&[commune_terms(), team_terms()]).unwrap();
    assert!(grant.allows(Rights::ATTEST, LONG_XUYEN, SINCE));
    assert!(grant.allows(Rights::ATTEST.with(Rights::COLLECT), LONG_XUYEN, UNTIL));
    assert!(!grant.allows(Rights::ATTEST, CHAU_DOC, SINCE));
    assert!(!grant.allows(Rights::PUBLISH, LONG_XUYEN, SINCE));
    assert!(!grant.allows(Rights::ATTEST.with(Rights::PUBLISH), LONG_XUYEN, SINCE));
    assert!(!grant.allows(Rights::ATTEST, LONG_XUYEN, Day(UNTIL.0 + 1)));
    assert!(!grant.province_wide());
    let everywhere = Terms { rank: Rank::Province, area: Area::Everywhere, ..commune_terms() };
    assert!(grant_of(core::slice::from_ref(&everywhere)).unwrap().province_wide());
    assert!(!grant_of(&[Terms { rank: Rank::Commune, ..everywhere }]).unwrap().province_wide());
    assert!(!grant_of(&[Terms { rank: Rank::Province, ..commune_terms() }]).unwrap().province_wide());
}

#[test]
fn rights_are_named() {
    for text in ["", "collect", "collect,attest", "publish", "collect,attest,publish,delegate"] {
        assert_eq!(text.parse::<Rights>().unwrap().to_string(), text);
    }
    assert_eq!(" delegate, collect ".parse(), Ok(Rights::COLLECT.with(Rights::DELEGATE)));
    let error = "collect,rule".parse::<Rights>().unwrap_err();
    assert_eq!(error.to_string(), "\"rule\" is not a right: collect, attest, publish or delegate");
}

#[test]
fn an_area_is_sorted_and_bounded() {
    let codes = |codes: &[u32]| Area::of(codes.iter().copied().map(CommuneCode).collect());
    assert_eq!(codes(&[3, 1, 3]), Some(Area::Communes(vec![CommuneCode(1), CommuneCode(3)])));
    assert_eq!(codes(&[]), None);
    assert_eq!(codes(&[100_000]), None);
    assert_eq!(codes(&(0..129).collect::<Vec<_>>()), None);
    let (some, fewer) = (codes(&[1, 3, 5]).unwrap(), codes(&[1, 5]).unwrap());
    assert!(some.contains(&fewer) && some.contains(&some) && !fewer.contains(&some));
    assert!(Area::Everywhere.contains(&some) && !some.contains(&Area::Everywhere));
    assert!(some.covers(CommuneCode(3)) && !fewer.covers(CommuneCode(3)));
}

#[test]
fn a_list_is_sorted_before_it_is_signed() {
    let mut reversed = revoked();
    reversed.reverse();
    reversed[1].cuts.reverse();
    assert_eq!(Revocations::sign(&secret(0), 7, reversed), Ok(revocations()));
}

#[test]
fn a_list_that_no_peer_would_read_is_not_signed() {
    let sign = |revoked| Revocations::sign(&secret(0), 1, revoked).map(drop).map_err(|error| error.to_string());
    let device = |number: usize| DeviceId([number as u8, (number >> 8) as u8].repeat(16).try_into().unwrap());
    let cuts = |count: u32| (0..count).map(|incarnation| Cut { incarnation, length: 1, chain: [0; 32] }).collect();
    let many = |devices: usize, count| {
        (0..devices).map(|number| Revoked { device: device(number), cuts: cuts(count) }).collect::<Vec<_>>()
    };
    let bound = |what: &str| Err(format!("the {what} is allowed"));
    assert_eq!(sign(many(512, 1)), Ok(()));
    assert_eq!(sign(many(513, 0)), bound("number of revoked devices is 513, and at most 512"));
    assert_eq!(sign(many(1, 9)), bound("number of a device's cuts is 9, and at most 8"));
    assert_eq!(sign(many(512, 2)), bound("length of the list in bytes is 51780, and at most 49152"));
    let twice = |device| Err(format!("the list of revocations names device {device} or one of its logs twice"));
    assert_eq!(sign([many(1, 0), many(1, 1)].concat()), twice(device(0)));
    assert_eq!(sign(vec![Revoked { device: device(3), cuts: [cuts(1), cuts(1)].concat() }]), twice(device(3)));
}

#[test]
fn a_key_of_small_order_signs_nothing() {
    let mut neutral = [0; 32];
    neutral[0] = 1; // the neutral point, of which every multiple is itself
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&neutral);
    let list = Revocations { signature, ..revocations() };
    assert_eq!(list.verify(&ProvinceKey(neutral)), Err(RevocationError::Signature));
}

#[test]
fn a_successor_only_adds() {
    let held = revocations();
    let next = |epoch, revoked| Revocations::sign(&secret(0), epoch, revoked).unwrap().succeeds(&held);
    let mut more = revoked();
    more.push(Revoked { device: DeviceId([0x01; 32]), cuts: Vec::new() });
    assert_eq!(next(8, more.clone()), Ok(()));
    assert_eq!(next(100, more.clone()), Ok(()));
    assert_eq!(next(7, more.clone()), Err(RevocationError::RolledBack { held: 7, found: 7 }));
    assert_eq!(next(6, more.clone()), Err(RevocationError::RolledBack { held: 7, found: 6 }));
    assert_eq!(next(8, more[1..].to_vec()), Err(RevocationError::Altered(DeviceId([0x0a; 32]))));
    more[0].cuts[1].length = 1;
    assert_eq!(next(8, more), Err(RevocationError::Altered(DeviceId([0x0a; 32]))));
}

#[test]
fn a_listed_device_is_cut_off_at_its_positions() {
    let list = revocations();
    let log = |byte, incarnation| LogId { device: DeviceId([byte; 32]), incarnation };
    assert_eq!(list.cut(&log(0x0c, 0)), None);
    assert_eq!(list.cut(&log(0x0a, 0)), Some(revoked()[0].cuts[0]));
    assert_eq!(list.cut(&log(0x0a, 2)), Some(revoked()[0].cuts[1]));
    for log in [log(0x0a, 1), log(0x0b, 0)] {
        let chain = Tail::start(&log).chain;
        assert_eq!(list.cut(&log), Some(Cut { incarnation: log.incarnation, length: 0, chain }));
    }
}

#[test]
fn revoking_any_device_of_a_chain_ends_the_grant() {
    let grant = grant_of(&[commune_terms(), team_terms()]).unwrap();
    let revoking = |devices: &[DeviceId]| {
        let revoked = devices.iter().map(|device| Revoked { device: *device, cuts: Vec::new() }).collect();
        Revocations::sign(&secret(0), 1, revoked).unwrap().revokes(&grant)
    };
    assert_eq!(revoking(&[]), None);
    assert_eq!(revoking(&[device(3), device(0)]), None);
    assert_eq!(revoking(&[device(1)]), Some(device(1)));
    assert_eq!(revoking(&[device(2)]), Some(device(2)));
}

#[test]
fn a_learner_withdraws_everywhere_and_needs_no_province() {
    let reach = by_learner().reach(None).unwrap();
    assert_eq!(reach, Reach { area: Area::Everywhere, grant: None });
}

#[test]
fn a_device_withdraws_within_its_area() {
    let grant = grant_of(&[commune_terms(), team_terms()]).unwrap();
    let reach = by_device().reach(Some(&province())).unwrap();
    assert_eq!(reach, Reach { area: Area::Communes(vec![LONG_XUYEN]), grant: Some(grant) });
    assert_eq!(by_device().reach(None), Err(WithdrawalError::NoProvince));
}

#[test]
fn a_withdrawal_needs_the_right_on_its_day_and_a_signature() {
    let learner = LearnerId([0xaa; 16]);
    let reach = |signer, day, chain| Withdrawal::sign(&secret(signer), learner, day, chain).reach(Some(&province()));
    let own = Reach { area: Area::Everywhere, grant: None };
    assert_eq!(reach(0, SINCE, Chain::default()), Ok(own));
    assert_eq!(reach(1, SINCE, Chain::default()), Err(WithdrawalError::NotProvince(device(1))));
    assert_eq!(reach(1, SINCE, chain()), Err(WithdrawalError::Chain(ChainError::Subject(device(2)))));
    let collector = Terms { rights: Rights::COLLECT, ..commune_terms() };
    assert_eq!(reach(1, SINCE, chain_of(&[collector])), Err(WithdrawalError::Right));
    assert_eq!(reach(2, Day(SINCE.0 - 1), chain()), Err(WithdrawalError::Day(Day(SINCE.0 - 1))));
    assert_eq!(reach(2, Day(UNTIL.0 + 1), chain()), Err(WithdrawalError::Day(Day(UNTIL.0 + 1))));
    let mut forged = Withdrawal::sign(&secret(3), learner, SINCE, chain());
    let Withdrawal::ByDevice { signer, .. } = &mut forged else { unreachable!() };
    *signer = device(2);
    assert_eq!(forged.reach(Some(&province())), Err(WithdrawalError::Signature));
}
