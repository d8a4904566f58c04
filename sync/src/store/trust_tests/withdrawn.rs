//! A learner who withdraws: erased everywhere, and nothing brings them back.

use super::*;
use crate::authority::Withdrawal;
use crate::entry::ErasedDeclaration;
use crate::store::disk::Disk;

#[test]
fn a_withdrawal_erases_everywhere_and_the_logs_still_hold() {
    let (mut phone, neighbour) = (phone(1, LONG_XUYEN), phone(2, LONG_XUYEN));
    let (hub, away) = (Device::new(5, Role::Hub), Device::new(6, Role::Hub));
    let province = Device::new(4, Role::Province);
    for phone in [&phone, &neighbour] {
        sync(phone, &hub);
    }
    attest(&hub, learner_of(&phone), 2);
    sync(&hub, &away);
    sync(&away, &province);
    let learner = learner_of(&phone);
    assert_eq!((province.totals(), confirmed(&province)), (BTreeMap::from([(LONG_XUYEN, (2, 2))]), 1));

    assert_eq!(phone.one(Request::WithdrawOwn { learner }), Response::Done);
    assert_eq!(phone.one(Request::Own), Response::Own(Vec::new()));
    sync(&phone, &hub);
    sync(&hub, &province);
    for device in [&hub, &province] {
        assert_eq!((device.totals(), confirmed(device)), (BTreeMap::from([(LONG_XUYEN, (1, 1))]), 0));
        assert_eq!(learners(device), 1);
    }
    // Who was away meanwhile, and offers what it had, is told, and resurrects nothing.
    sync(&away, &hub);
    assert_eq!((away.totals(), confirmed(&away)), (hub.totals(), 0));
    assert_eq!(hub.totals(), province.totals());
    // Who was never told gets the reason before the digests, and the chain holds.
    let fresh = Device::new(7, Role::Hub);
    let talk = sync_all(&fresh, &away);
    assert_eq!(fresh.totals(), hub.totals(), "{:?}", talk.notices);
    // The phone learns on, as somebody new.
    phone.n = 101;
    phone.keep(2, 2, 100);
    phone.consent(LONG_XUYEN);
    assert_ne!(learner_of(&phone), learner);
}

#[test]
fn no_byte_of_who_withdrew_is_left_in_any_file() {
    let on_disk = |n: u8, role| {
        let disk = Disk::holding(Vec::new());
        let store = Store::open(disk.open(), &Seed { secret: [n; 32], store: [n; 16] }).unwrap();
        let scope = if role == Role::Phone { Scope::Own } else { Scope::All };
        let device = Device { store, role, scope, n };
        let request = match role {
            Role::Phone => Request::Pin { province: province_key() },
            _ => device.enrolment(Rank::Team, Area::Everywhere),
        };
        assert_eq!(device.one(request), Response::Done);
        (device, disk)
    };
    let (phone, phone_disk) = on_disk(1, Role::Phone);
    let (hub, hub_disk) = on_disk(2, Role::Hub);
    let neighbours: Vec<Extension> = (40..90).map(|n| extension(n, 30)).collect();
    ingest(&hub, neighbours);
    for lesson in 1..30 {
        phone.keep(3, lesson, 77);
    }
    phone.consent(LONG_XUYEN);
    sync(&phone, &hub);
    let learner = learner_of(&phone);
    attest(&hub, learner, 3);
    // The learner's key, of which no part is repeated elsewhere; a payload and the beginning of the next.
    let secrets: [&[u8]; 2] = [&[1 ^ 0xff; 16], &[0x20, 3, 7, 77, 0, 0x20]];
    let holds = |disk: &Disk, secret: &[u8]| disk.bytes().windows(secret.len()).any(|window| window == secret);
    assert!(secrets.iter().all(|secret| holds(&hub_disk, secret) && holds(&phone_disk, secret)));
    phone.one(Request::WithdrawOwn { learner });
    sync(&phone, &hub);
    for disk in [&phone_disk, &hub_disk] {
        for secret in secrets {
            assert!(!holds(disk, secret), "{secret:?}");
        }
    }
    assert_eq!(hub.totals().len(), 51);
    assert_eq!(hub.totals()[&LONG_XUYEN], (0, 0));
}

#[test]
fn a_team_withdraws_in_its_communes_and_an_offline_phone_does_not_undo_it() {
    let phone = phone(1, LONG_XUYEN);
    let (hub, other) = (Device::hub_of(5, &[LONG_XUYEN]), Device::hub_of(6, &[ELSEWHERE]));
    let province = Device::new(4, Role::Province);
    sync(&phone, &hub);
    sync(&phone, &province);
    let learner = learner_of(&phone);
    // The other team's withdrawal has no force here.
    assert_eq!(other.one(Request::WithdrawFor { learner, day: TODAY }), Response::Done);
    sync(&other, &province);
    assert_eq!(province.totals(), BTreeMap::from([(LONG_XUYEN, (1, 1))]));
    assert_eq!(hub.one(Request::WithdrawFor { learner, day: TODAY }), Response::Done);
    sync(&hub, &province);
    assert_eq!(province.totals(), BTreeMap::from([(LONG_XUYEN, (0, 0))]));
    // The phone did more meanwhile.
    phone.keep(2, 5, 100);
    sync(&phone, &hub);
    sync(&phone, &province);
    assert_eq!(phone.one(Request::Own), Response::Own(Vec::new()));
    for device in [&hub, &province] {
        assert_eq!(device.totals(), BTreeMap::from([(LONG_XUYEN, (0, 0))]));
        assert_eq!(learners(device), 0);
    }
    let own = phone.store.own_log().unwrap();
    assert_eq!(head(&phone, &own), head(&province, &own));
}

#[test]
fn a_phone_hears_of_a_withdrawal_that_came_before_its_log_wherever_it_was_cut_off() {
    for cut in 0..12 {
        let phone = phone(1, LONG_XUYEN);
        let (first, second) = (Device::new(5, Role::Hub), Device::new(6, Role::Hub));
        sync(&phone, &first);
        let learner = learner_of(&phone);
        assert_eq!(first.one(Request::WithdrawFor { learner, day: TODAY }), Response::Done);
        // Only the withdrawal reaches the second hub: the log that it erased stays behind.
        let mut withdrawal = Vec::new();
        let chain = Chain::decode(&standing(&first).chain).unwrap();
        Withdrawal::sign(&SigningKey::from_bytes(&[5; 32]), learner, TODAY, chain).encode(&mut withdrawal);
        second.one(Request::Session(Query::Withdraw { withdrawals: vec![withdrawal], now: NOW }));
        let mut talk = Talk::start(&phone, &second);
        for _ in 0..cut {
            talk.step();
        }
        drop(talk);
        sync(&phone, &second);
        assert_eq!(phone.one(Request::Own), Response::Own(Vec::new()), "cut after {cut} deliveries");
        assert_eq!(learners(&second), 0);
    }
}

fn standing(device: &Device) -> crate::session::Standing {
    match device.one(Request::Session(Query::Standing)) {
        Response::Session(Answer::Standing(standing)) => standing,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nobody_is_erased_who_has_not_withdrawn() {
    let hub = Device::new(5, Role::Hub);
    let honest = extension(10, 0);
    let declared = ErasedDeclaration { learner: LearnerId([10; 16]), commune: CommuneCode(30_010), inner: [1; 32] };
    let erased = signed(10, 0, &[Entry::ErasedDeclaration(declared)]);
    assert!(matches!(ingest(&hub, vec![erased])[..], [Err(Rejection::NotWithdrawn { .. })]));
    assert!(ingest(&hub, vec![honest])[0].is_ok());
    assert_eq!(learners(&hub), 1);
}
