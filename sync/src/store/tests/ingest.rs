//! What a store takes of what peers bring, and what it refuses.

use super::*;
use crate::log::HeadSignature;

#[test]
fn what_is_checked_ahead_is_taken_and_refused_as_one_by_one() {
    let mut extensions: Vec<Extension> = (100..140).map(|n| extension(n, u16::from(n % 5))).collect();
    extensions[3].signature.0[7] ^= 1;
    extensions[5].payloads.truncate(20);
    extensions[8].count += 1;
    extensions[13].from = 1;
    extensions[21] = extensions[20].clone();
    extensions[34] = extension(133, 6);
    let (together, apart) = (Device::new(2, Role::Hub), Device::new(3, Role::Hub));
    // The second time everything is held, and what was checked as if it were not is not used.
    for _ in 0..2 {
        let results = ingest(&together, extensions.clone());
        let alone = extensions.iter().flat_map(|extension| ingest(&apart, vec![extension.clone()]));
        assert_eq!(results, alone.collect::<Vec<_>>());
        assert_eq!(results.iter().filter(|result| result.is_err()).count(), 4);
        assert_eq!(together.totals(), apart.totals());
    }
}

#[test]
fn what_its_signature_does_not_cover_is_refused_whole() {
    let hub = Device::new(2, Role::Hub);
    let good = extension(10, 3);
    let mut forged = good.clone();
    forged.signature = HeadSignature([1; 64]);
    let mut changed = good.clone();
    *changed.payloads.last_mut().unwrap() ^= 1;
    let mut short = good.clone();
    short.count -= 1;
    let mut other = good.clone();
    other.log.incarnation = 1;
    let results = ingest(&hub, vec![forged, changed, short, other]);
    assert!(
        matches!(
            results[..],
            [
                Err(Rejection::Signature(_)),
                Err(Rejection::Signature(_)),
                Err(Rejection::Count { .. }),
                Err(Rejection::Signature(_))
            ]
        ),
        "{results:?}"
    );
    assert!(hub.totals().is_empty());
    assert_eq!(ingest(&hub, vec![good.clone()]), vec![Ok(4)]);
    let gap = Extension { from: 9, ..good.clone() };
    assert!(matches!(ingest(&hub, vec![gap])[..], [Err(Rejection::Gap { held: 4, from: 9, .. })]));
    let long = Extension { from: u64::MAX - 1, ..good };
    assert!(matches!(ingest(&hub, vec![long])[..], [Err(Rejection::TooLong { .. })]));
}
