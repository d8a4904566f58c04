//! Where the logs of a device stand, so that a revocation can leave what is held of them.
//!
//! A device whose credential runs through a revoked one loses its rights too, and what it attested before
//! would no longer count. So it is listed as well, cut where its logs stand now.

use std::collections::BTreeMap;

use redb::{ReadTransaction, ReadableTable};

use super::StoreError;
use super::read::{entry_key, entry_key_first, log_id};
use super::rows::{LogRow, Row};
use super::tables::{self, EntryKey};
use crate::authority::{CUTS_MAX, Chain, Cut, Revoked};
use crate::entry::{Entry, EntryError, UnknownSlot};
use crate::id::DeviceId;
use crate::wire::codec::Reader;

/// Lists a device, and every device whose newest credential in its own log runs through it, with a cut for
/// each log held: the newest [`CUTS_MAX`] of a device. Of a log that forked that is the branch held here.
pub(super) fn cuts(txn: &ReadTransaction, device: DeviceId) -> Result<Vec<Revoked>, StoreError> {
    let mut found: BTreeMap<DeviceId, (bool, Vec<Cut>)> = BTreeMap::new();
    found.entry(device).or_default().0 = true;
    for item in txn.open_table(tables::LOGS)?.iter()? {
        let (key, value) = item?;
        let (log, row) = (log_id(key.value()), LogRow::from_bytes(value.value()).map_err(StoreError::row("logs_v1"))?);
        let (listed, cuts) = found.entry(log.device).or_default();
        *listed |= runs_through(txn, &row, device)?;
        cuts.push(Cut { incarnation: log.incarnation, length: row.tail.length, chain: row.tail.chain });
    }
    let listed = found.into_iter().filter(|(_, (listed, _))| *listed);
    Ok(listed.map(|(device, (_, cuts))| Revoked { device, cuts: newest(cuts) }).collect())
}

fn newest(mut cuts: Vec<Cut>) -> Vec<Cut> {
    cuts.drain(..cuts.len().saturating_sub(CUTS_MAX));
    cuts
}

/// Whether the newest credential in a log names the device.
fn runs_through(txn: &ReadTransaction, row: &LogRow, device: DeviceId) -> Result<bool, StoreError> {
    let Some(index) = row.credential else { return Ok(false) };
    let payload = payload(txn, row.number, index)?;
    let none = |slot| Err(EntryError::from(UnknownSlot(slot)));
    match payload.map(|payload| Entry::decode::<EntryError>(&mut Reader::new(&payload), none)) {
        Some(Ok(Entry::Credential(chain))) => Ok(names(&chain, device)),
        _ => Err(StoreError::Missing { table: "entries_v1" }),
    }
}

/// A chain that cannot be read grants nothing that could be lost.
fn names(chain: &[u8], device: DeviceId) -> bool {
    Chain::decode(chain).is_ok_and(|chain| chain.0.iter().any(|link| link.subject == device))
}

/// The payload of one entry.
fn payload(txn: &ReadTransaction, log: u64, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let entries = txn.open_table(tables::ENTRIES)?;
    let mut chunks = entries.range::<&EntryKey>(&entry_key(log, 0)..=&entry_key(log, index))?;
    let Some((key, chunk)) = chunks.next_back().transpose()? else { return Ok(None) };
    let mut reader = Reader::new(chunk.value());
    for _ in entry_key_first(key.value())..index {
        Entry::skip(&mut reader).map_err(StoreError::row("entries_v1"))?;
    }
    let start = reader.position();
    Entry::skip(&mut reader).map_err(StoreError::row("entries_v1"))?;
    Ok(Some(reader.since(start).to_vec()))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use redb::backends::InMemoryBackend;

    use super::*;
    use crate::authority::{Area, Credential, Rank, Revocations, Rights, Terms};
    use crate::id::{Day, LogId, Minutes, ProvinceKey};
    use crate::log::{Tail, device_of};
    use crate::session::{Answer, Query};
    use crate::store::{Request, Response, Seed, Store};

    const NOW: Minutes = Minutes(29_922_000);

    fn key(n: u8) -> SigningKey {
        SigningKey::from_bytes(&[n; 32])
    }

    fn terms(rank: Rank) -> Terms {
        let (from, until) = (Day(20_000), Day(30_000));
        Terms { rank, team: 0, area: Area::Everywhere, rights: Rights::ALL, from, until }
    }

    /// Enrols a store by an issuer between the province and it.
    fn enrol(store: &Store, issuer: u8) {
        let above = Credential::issue(&key(200), device_of(&key(issuer)), terms(Rank::Commune));
        let mut chain = Vec::new();
        Chain(vec![above, Credential::issue(&key(issuer), store.device(), terms(Rank::Team))]).encode(&mut chain);
        assert_eq!(store.execute(&[Request::Enrol { chain, now: NOW }]), [Response::Done]);
    }

    fn cuts(store: &Store, device: DeviceId) -> Vec<Revoked> {
        match store.execute(&[Request::Cuts { device }]).remove(0) {
            Response::Cuts(revoked) => revoked,
            other => panic!("instead of cuts {other:?}"),
        }
    }

    fn lengths(revoked: &[Revoked]) -> Vec<(DeviceId, Vec<u64>)> {
        revoked.iter().map(|one| (one.device, one.cuts.iter().map(|cut| cut.length).collect())).collect()
    }

    #[test]
    fn those_whose_newest_credential_runs_through_a_device_go_with_it() {
        let seed = Seed { secret: [1; 32], store: [1; 16] };
        let store = Store::open(InMemoryBackend::new(), &seed).unwrap();
        let (own, first, second) = (store.device(), device_of(&key(2)), device_of(&key(3)));
        assert_eq!(lengths(&cuts(&store, own)), [(own, Vec::new())]);
        enrol(&store, 2);
        assert_eq!(lengths(&cuts(&store, own)), [(own, vec![1])]);
        let mut expected = [(own, vec![1]), (first, Vec::new())];
        expected.sort();
        assert_eq!(lengths(&cuts(&store, first)), expected);
        assert_eq!(lengths(&cuts(&store, second)), [(second, Vec::new())]);
        enrol(&store, 3);
        assert_eq!(lengths(&cuts(&store, first)), [(first, Vec::new())]);
        assert!(lengths(&cuts(&store, second)).contains(&(own, vec![2])));
    }

    #[test]
    fn a_log_that_is_cut_where_it_stands_loses_nothing() {
        let seed = Seed { secret: [1; 32], store: [1; 16] };
        let store = Store::open(InMemoryBackend::new(), &seed).unwrap();
        enrol(&store, 2);
        let before = cuts(&store, store.device());
        let list = Revocations::sign(&key(200), 1, cuts(&store, device_of(&key(2)))).unwrap();
        list.verify(&ProvinceKey(device_of(&key(200)).0)).unwrap();
        let mut revocations = Vec::new();
        list.encode(&mut revocations);
        let answer = store.execute(&[Request::Session(Query::Revoke { revocations, now: NOW })]).remove(0);
        assert!(matches!(answer, Response::Session(Answer::Standing(_))), "{answer:?}");
        assert_eq!(cuts(&store, store.device()), before);
        let log = LogId { device: store.device(), incarnation: 0 };
        assert_ne!(before[0].cuts[0].chain, Tail::start(&log).chain);
    }
}
