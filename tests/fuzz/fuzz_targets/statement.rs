//! Statements of publishers: what is read is written alike, and only what was signed is believed.
//!
//! `cd tests && cargo +nightly fuzz run statement -- -runs=10000000 -max_len=1024`

#![no_main]

use content::pack::CourseManifest;
use fuzz::golden;
use libfuzzer_sys::fuzz_target;
use sync::authority::{PAYLOAD_BYTES_MAX, STATEMENT_BYTES_MAX, Statement};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(manifest) = CourseManifest::decode(bytes) {
        let written = manifest.encode().expect("what was read is within the bounds");
        assert_eq!(CourseManifest::decode(&written), Ok(manifest));
    }
    let Ok(statement) = Statement::decode(bytes) else { return };
    let mut written = Vec::new();
    statement.encode(&mut written);
    assert_eq!(written, bytes);
    assert!(statement.payload.len() <= PAYLOAD_BYTES_MAX && written.len() <= STATEMENT_BYTES_MAX);
    let province = golden::province();
    let believed = statement.verify(Some(&province), Some(golden::revocations()), golden::TODAY);
    assert!(believed.is_err() || statement.holds(&province).is_ok());
    if statement.holds(&province).is_ok() {
        assert_eq!(&statement, golden::statement());
    }
});
