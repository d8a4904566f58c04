//! Payloads of a log: reading, passing over and writing agree, and erasing all of them keeps the chain.
//!
//! `cd tests && cargo +nightly fuzz run entries -- -runs=10000000 -max_len=512`

#![no_main]

use libfuzzer_sys::fuzz_target;
use sync::entry::Entry;
use sync::log::{Digester, Step, Tail, WalkError, Walker};
use sync::wire::codec::Reader;
use sync::{Day, DeviceId, LogId};

const LOG: LogId = LogId { device: DeviceId([1; 32]), incarnation: 0 };

fuzz_target!(|bytes: &[u8]| {
    let (mut walker, mut reader) = (Walker::new(Tail::start(&LOG), 0), Reader::new(bytes));
    let mut erased = Vec::new();
    while !reader.is_empty() {
        let start = reader.position();
        let Ok(step) = walker.step::<WalkError>(&mut reader, &mut |_| Ok(None)) else { break };
        let payload = reader.since(start);
        assert_eq!(written(&step), payload);
        assert_eq!(skipped(&bytes[start..]), payload.len());
        erase(&step, payload, &mut erased);
    }
    assert!(walker.declared().len() as u64 <= walker.tail().length);
    assert_eq!(walked(&erased), walker.tail());
});

fn written(step: &Step) -> Vec<u8> {
    let mut out = Vec::new();
    step.entry.encode(step.slot.map_or(Day(0), |(_, info)| info.since), &mut out);
    out
}

fn skipped(bytes: &[u8]) -> usize {
    let mut reader = Reader::new(bytes);
    Entry::skip(&mut reader).expect("what was read is passed over");
    reader.position()
}

/// Appends what is left of an entry when its learner withdraws.
fn erase(step: &Step, payload: &[u8], out: &mut Vec<u8>) {
    let key = step.slot.and_then(|(slot, info)| Some((slot, info.key?)));
    match (&step.entry, key) {
        (Entry::Erased(..) | Entry::ErasedDeclaration(_), _) | (_, None) => out.extend(payload),
        (entry, Some((slot, key))) => Digester::new(&key).erased(entry, slot, payload).encode(Day(0), out),
    }
}

fn walked(payloads: &[u8]) -> Tail {
    let (mut walker, mut reader) = (Walker::new(Tail::start(&LOG), 0), Reader::new(payloads));
    while !reader.is_empty() {
        walker.step::<WalkError>(&mut reader, &mut |_| Ok(None)).expect("what was erased is read");
    }
    walker.tail()
}
