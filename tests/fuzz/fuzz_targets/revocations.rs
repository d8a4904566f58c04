//! Lists of revocations: what is read is written alike, and every device listed is found.
//!
//! `cd tests && cargo +nightly fuzz run revocations -- -runs=10000000 -max_len=512`

#![no_main]

use fuzz::golden;
use libfuzzer_sys::fuzz_target;
use sync::LogId;
use sync::authority::Revocations;

fuzz_target!(|bytes: &[u8]| {
    let Ok(list) = Revocations::decode(bytes) else { return };
    let mut written = Vec::new();
    list.encode(&mut written);
    assert_eq!(written, bytes);
    for revoked in &list.revoked {
        for cut in &revoked.cuts {
            let log = LogId { device: revoked.device, incarnation: cut.incarnation };
            assert_eq!(list.cut(&log), Some(*cut));
        }
    }
    let golden = golden::revocations();
    let (newer, older) = (list.succeeds(golden), golden.succeeds(&list));
    assert!(newer.is_err() || older.is_err());
    if list.verify(&golden::province()).is_ok() {
        assert_eq!(&list, golden);
    }
});
