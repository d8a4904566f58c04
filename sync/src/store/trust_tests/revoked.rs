//! A device or an issuer whose rights the province takes away.

use super::*;

#[test]
fn a_revoked_hub_is_cut_off_where_the_province_says_and_its_honest_records_stay() {
    let phones = [phone(1, LONG_XUYEN), phone(2, LONG_XUYEN)];
    let (rogue, hub) = (Device::new(5, Role::Hub), Device::new(6, Role::Hub));
    let province = Device::new(4, Role::Province);
    for phone in &phones {
        sync(phone, &rogue);
    }
    attest(&rogue, learner_of(&phones[0]), 2);
    sync(&rogue, &province);
    let cut = head(&province, &rogue.store.own_log().unwrap());
    attest(&rogue, learner_of(&phones[1]), 2);
    sync(&rogue, &hub);
    assert_eq!((confirmed(&province), confirmed(&hub)), (1, 2));
    let log = rogue.store.own_log().unwrap();
    let wanted = vec![crate::session::SpanWanted { offer: 0, log, from: 0 }];
    let query = Query::Read { wanted, budget: usize::MAX };
    let Response::Session(Answer::Read(spans)) = rogue.one(Request::Session(query)) else { panic!() };
    let crate::session::Span { count, payloads, signature, .. } = spans[0].clone();
    let whole = Extension { log, from: 0, count, payloads, signature: signature.unwrap() };

    let revoked = vec![Revoked { device: rogue.store.device(), cuts: vec![cut] }];
    assert!(matches!(revoke(&province, 1, revoked.clone()), Answer::Standing(_)));
    let talk = sync_all(&rogue, &province);
    assert!(talk.notices.iter().any(|notice| matches!(notice, Notice::Untrusted(why) if why.contains("revoked"))));
    assert_eq!(confirmed(&province), 1);
    // The hub learns of it before any record, and drops what came after the cut.
    sync(&hub, &province);
    assert_eq!((confirmed(&province), confirmed(&hub)), (1, 1));
    assert_eq!(hub.totals(), province.totals());
    // What was cut is not taken from anybody again, and what stays travels on without the device.
    assert!(matches!(ingest(&hub, vec![whole.clone()])[..], [Err(Rejection::Revoked { .. })]));
    assert!(matches!(ingest(&province, vec![whole])[..], [Err(Rejection::Revoked { .. })]));
    assert_eq!((confirmed(&province), confirmed(&hub)), (1, 1));
    let fresh = Device::new(7, Role::Hub);
    sync(&fresh, &hub);
    assert_eq!((confirmed(&fresh), fresh.totals()), (1, hub.totals()));

    assert!(matches!(revoke(&province, 1, Vec::new()), Answer::NotRevoked(_)));
    assert!(matches!(revoke(&province, 2, Vec::new()), Answer::NotRevoked(_)));
    assert!(matches!(revoke(&province, 2, revoked), Answer::Standing(_)));
}

#[test]
fn nothing_counts_under_a_chain_whose_issuer_was_revoked() {
    let learner = phone(1, LONG_XUYEN);
    let team = SigningKey::from_bytes(&[150; 32]);
    let seed = Seed { secret: [8; 32], store: [8; 16] };
    let hub =
        Device { store: Store::open(InMemoryBackend::new(), &seed).unwrap(), role: Role::Hub, scope: Scope::All, n: 8 };
    let terms =
        |rank| Terms { rank, team: 7, area: Area::Everywhere, rights: Rights::ALL, from: Day(0), until: Day(60_000) };
    let mut chain = Vec::new();
    let links = vec![
        Credential::issue(&province(), device_of(&team), terms(Rank::Team)),
        Credential::issue(&team, hub.store.device(), terms(Rank::Device)),
    ];
    Chain(links).encode(&mut chain);
    assert_eq!(hub.one(Request::Enrol { chain, now: NOW }), Response::Done);
    let province = Device::new(4, Role::Province);
    sync(&learner, &hub);
    attest(&hub, learner_of(&learner), 2);
    sync(&hub, &province);
    assert_eq!(confirmed(&province), 1);
    revoke(&province, 1, vec![Revoked { device: device_of(&team), cuts: Vec::new() }]);
    assert_eq!(confirmed(&province), 0);
    let talk = sync_all(&hub, &province);
    assert!(talk.notices.iter().any(|notice| matches!(notice, Notice::Untrusted(why) if why.contains("revoked"))));
    // With a cut of its own the hub's earlier records count again.
    let cut = head(&province, &hub.store.own_log().unwrap());
    let mut revoked = vec![Revoked { device: device_of(&team), cuts: Vec::new() }];
    revoked.push(Revoked { device: hub.store.device(), cuts: vec![cut] });
    revoke(&province, 2, revoked);
    assert_eq!(confirmed(&province), 1);
}
