//! Credential chains: what is read is written alike, and what it grants stays within its bounds.
//!
//! `cd tests && cargo +nightly fuzz run chain -- -runs=10000000 -max_len=512`

#![no_main]

use fuzz::golden;
use libfuzzer_sys::fuzz_target;
use sync::authority::{CHAIN_BYTES_MAX, CHAIN_MAX, Chain};

fuzz_target!(|bytes: &[u8]| {
    let Ok(chain) = Chain::decode(bytes) else { return };
    let mut written = Vec::new();
    chain.encode(&mut written);
    assert_eq!(written, bytes);
    assert!(chain.0.len() <= CHAIN_MAX && written.len() <= CHAIN_BYTES_MAX);
    let Some(leaf) = chain.0.last() else { return };
    let Ok(grant) = chain.grant(&golden::province(), leaf.subject) else { return };
    assert_eq!(grant.via.len(), chain.0.len());
    assert!(grant.from <= grant.until && grant.valid_on(grant.from));
    assert!(chain.0.iter().all(|link| grant.rights.within(link.terms.rights) && link.terms.area.contains(&grant.area)));
});
