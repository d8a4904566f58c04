//! Two versions of one log: clones of a phone, and a phone that was set back.

use super::*;

#[test]
fn clones_of_a_phone_find_out_and_nothing_of_either_is_lost() {
    let (one, two) = (Device::new(9, Role::Phone), Device::with_store(9, 8, Role::Phone));
    for phone in [&one, &two] {
        phone.consent(30_307);
    }
    let hub = Device::new(2, Role::Hub);
    one.keep(2, 1, 100);
    sync(&one, &hub);
    two.keep(2, 2, 100);
    let notices = sync_all(&two, &hub).notices;
    let forked = Notice::Rejected(Rejection::Forked { log: one.store.own_log().unwrap(), common: 1 });
    assert!(notices.contains(&forked), "{notices:?}");
    // What both signed before they parted counts once; the second phone has said the rest again.
    assert_eq!(hub.totals(), BTreeMap::from([(30_307, (1, 1))]));
    sync(&one, &hub);
    sync(&two, &hub);
    assert_eq!(hub.totals(), BTreeMap::from([(30_307, (1, 2))]));
    for phone in [&one, &two] {
        assert_ne!(phone.store.own_log().unwrap().incarnation, 0);
        assert!(phone.own().done.iter().all(|done| done.sent));
    }
    let Response::Forks(forks) = hub.one(Request::Forks) else { panic!() };
    assert_eq!(forks.len(), 1);
    forks[0].verify().unwrap();
}

#[test]
fn a_version_that_makes_no_sense_after_what_is_held_is_a_fork_too() {
    let (one, two) = (Device::new(9, Role::Phone), Device::with_store(9, 8, Role::Phone));
    let hub = Device::new(2, Role::Hub);
    one.consent(30_307);
    one.keep(2, 1, 100);
    sync(&one, &hub);
    // The clone moves, which declares its learner again: its next entry names a slot that the hub's version lacks.
    two.consent(30_307);
    two.consent(30_316);
    two.keep(2, 2, 100);
    let notices = sync_all(&two, &hub).notices;
    let forked = Notice::Rejected(Rejection::Forked { log: one.store.own_log().unwrap(), common: 1 });
    assert!(notices.contains(&forked), "{notices:?}");
    sync_all(&two, &hub);
    assert_ne!(two.store.own_log().unwrap().incarnation, 0);
    assert_eq!(hub.totals()[&30_316], (1, 1));
}

#[test]
fn word_of_a_fork_reaches_who_holds_one_version() {
    let (one, two) = (Device::new(9, Role::Phone), Device::with_store(9, 8, Role::Phone));
    for phone in [&one, &two] {
        phone.consent(30_307);
    }
    let [first, second, third] = [2, 3, 5].map(|n| Device::new(n, Role::Hub));
    let late = Device::new(6, Role::Hub);
    one.keep(2, 1, 100);
    two.keep(2, 2, 100);
    sync(&one, &first);
    sync(&two, &second);
    // One version goes on before anybody knows of the other.
    sync(&first, &third);
    assert_eq!(third.totals(), BTreeMap::from([(30_307, (1, 1))]));
    sync(&second, &first);
    assert_eq!(first.totals(), BTreeMap::from([(30_307, (1, 0))]));
    // Who has the other version, one of them, or none hears of it, with a cursor and without.
    for hub in [&second, &third, &late] {
        sync(&first, hub);
        assert_eq!(hub.totals(), first.totals());
        let Response::Forks(forks) = hub.one(Request::Forks) else { panic!() };
        assert_eq!(forks.len(), 1);
        forks[0].verify().unwrap();
    }
    // And the phones begin anew, so that nothing of either is lost.
    for (phone, hub) in [(&one, &third), (&two, &late), (&one, &third), (&two, &late)] {
        sync_all(phone, hub);
        sync(hub, &first);
    }
    assert_eq!(first.totals(), BTreeMap::from([(30_307, (1, 2))]));
    for hub in [&second, &third, &late] {
        sync(&first, hub);
        assert_eq!(hub.totals(), first.totals());
    }
}

#[test]
fn a_restored_phone_takes_its_own_log_back() {
    let (phone, hub) = (Device::new(1, Role::Phone), Device::new(2, Role::Hub));
    phone.keep(2, 1, 50);
    phone.consent(30_307);
    phone.keep(2, 2, 100);
    sync(&phone, &hub);
    let restored = Device::with_store(1, 7, Role::Phone);
    sync(&restored, &hub);
    assert_eq!(restored.own().done.len(), 2);
    restored.keep(2, 3, 100);
    sync(&restored, &hub);
    assert_eq!(hub.totals(), BTreeMap::from([(30_307, (1, 3))]));
    assert_eq!(restored.store.own_log().unwrap().incarnation, 0);
}
