//! Withdrawals: what is read is written alike, and reaches no further than its signer may.
//!
//! `cd tests && cargo +nightly fuzz run withdrawal -- -runs=10000000 -max_len=512`

#![no_main]

use fuzz::golden;
use libfuzzer_sys::fuzz_target;
use sync::authority::{Area, WITHDRAWAL_BYTES_MAX, Withdrawal};

fuzz_target!(|bytes: &[u8]| {
    let Ok(withdrawal) = Withdrawal::decode(bytes) else { return };
    let mut written = Vec::new();
    withdrawal.encode(&mut written);
    assert_eq!(written, bytes);
    assert!(written.len() <= WITHDRAWAL_BYTES_MAX);
    assert_eq!(Withdrawal::decode(&written).map(|again| again.learner()), Ok(withdrawal.learner()));
    match (&withdrawal, withdrawal.reach(Some(&golden::province()))) {
        (Withdrawal::ByLearner { .. }, reach) => assert!(reach.is_ok_and(|reach| reach.area == Area::Everywhere)),
        (Withdrawal::ByDevice { .. }, Ok(_)) => assert_eq!(&withdrawal, golden::withdrawal()),
        (Withdrawal::ByDevice { .. }, Err(_)) => {}
    }
});
