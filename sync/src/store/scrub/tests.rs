//! Looks for erased bytes in raw images.
//!
//! Every byte of key and value that these tests write comes from a stream that never repeats, cut into
//! words of 8 bytes. A word is erased if no live row has it; what is left of an erased row betrays itself
//! by any whole word of it.

use std::collections::{BTreeMap, HashSet};

use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition, TableHandle, WriteTransaction};

use super::*;
use crate::store::disk::{Disk, Survival};
use crate::store::paged::Paged;
use crate::store::{Seed, Store};

const SEED: Seed = Seed { secret: [1; 32], store: [2; 16] };

/// Two tables of the store: by keys that ascend, and by keys that are secrets themselves.
type Key = (bool, [u8; 16]);

/// Small numbers that differ by seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// What was ever written, and what is still there.
struct Model {
    chance: Chance,
    drawn: u64,
    written: HashSet<[u8; 8]>,
    live: BTreeMap<Key, Vec<u8>>,
}

impl Model {
    fn new(seed: u64) -> Self {
        Self { chance: Chance(seed), drawn: seed << 32, written: HashSet::new(), live: BTreeMap::new() }
    }

    /// Draws words that no one drew before.
    fn secret(&mut self, bytes: usize) -> Vec<u8> {
        self.drawn += 1;
        let mut secret = vec![0; bytes];
        blake3::Hasher::new().update(&self.drawn.to_le_bytes()).finalize_xof().fill(&mut secret);
        self.written.extend(secret.as_chunks::<8>().0);
        secret
    }

    fn value(&mut self) -> Vec<u8> {
        let most = [16, 40, 200, 1000, 3000, 9000][self.chance.below(6)];
        let bytes = 8 + self.chance.below(most);
        self.secret(bytes)
    }

    fn new_key(&mut self) -> Key {
        if self.chance.once_in(2) {
            let number = self.live.len() as u64 * 7 + self.chance.below(400) as u64;
            return (false, super::super::read::entry_key(1, number));
        }
        (true, self.secret(16).try_into().unwrap())
    }

    fn old_key(&mut self) -> Option<Key> {
        let nth = self.chance.below(self.live.len().max(1));
        self.live.keys().nth(nth).copied()
    }

    /// Words of rows that are gone.
    fn erased(&self) -> HashSet<[u8; 8]> {
        let mut erased = self.written.clone();
        for ((_, key), value) in &self.live {
            for word in key.as_chunks::<8>().0.iter().chain(value.as_chunks::<8>().0) {
                erased.remove(word);
            }
        }
        erased
    }
}

fn table(secret: bool) -> TableDefinition<'static, &'static [u8; 16], &'static [u8]> {
    if secret { tables::LEARNERS } else { tables::ENTRIES }
}

fn put(txn: &WriteTransaction, model: &mut Model, key: Key, value: Vec<u8>) {
    txn.open_table(table(key.0)).unwrap().insert(&key.1, &value[..]).unwrap();
    model.live.insert(key, value);
}

fn remove(txn: &WriteTransaction, model: &mut Model, key: Key) {
    txn.open_table(table(key.0)).unwrap().remove(&key.1).unwrap();
    model.live.remove(&key);
}

/// One change of any kind within a transaction.
fn change(txn: &WriteTransaction, model: &mut Model) {
    let old = model.old_key();
    match (model.chance.below(8), old) {
        (0..3, _) | (_, None) => {
            let (key, value) = (model.new_key(), model.value());
            put(txn, model, key, value);
        }
        (3..5, Some(key)) => {
            let value = model.value();
            put(txn, model, key, value);
        }
        (5, Some(key)) => {
            let value = model.secret(model.live[&key].len());
            put(txn, model, key, value);
        }
        (_, Some(key)) => remove(txn, model, key),
    }
}

fn transact(db: &Database, model: &mut Model) {
    let txn = db.try_begin_write().unwrap();
    let before = model.live.clone();
    if model.chance.once_in(25) {
        txn.delete_table(table(true)).unwrap();
        model.live.retain(|key, _| !key.0);
    }
    for _ in 0..=model.chance.below(12) {
        change(&txn, model);
    }
    if model.chance.once_in(8) {
        txn.abort().unwrap();
        model.live = before;
    } else {
        txn.commit().unwrap();
    }
}

/// Removes and shortens most rows in one transaction, which also makes the scrub due.
fn erase(db: &Database, model: &mut Model) {
    let txn = db.try_begin_write().unwrap();
    txn.open_table(tables::META).unwrap().insert(tables::META_SCRUB, &[][..]).unwrap();
    for key in model.live.keys().copied().collect::<Vec<_>>() {
        match model.chance.below(4) {
            0 => {}
            1 => {
                let value = model.secret(32);
                put(&txn, model, key, value);
            }
            _ => remove(&txn, model, key),
        }
    }
    txn.commit().unwrap();
}

fn open(backend: impl StorageBackend) -> (Database, Watch) {
    let watch = Watch::new(backend);
    (Database::builder().set_cache_size(1 << 20).create_with_backend(watch.clone()).unwrap(), watch)
}

/// A disk on which much was written and most of it erased.
fn used(seed: u64, transactions: usize) -> (Disk, Model) {
    let disk = Disk::holding(Vec::new());
    let mut model = Model::new(seed);
    let (mut db, _) = open(disk.open());
    for _ in 0..transactions {
        transact(&db, &mut model);
        if model.chance.once_in(15) {
            drop(db);
            db = open(disk.open()).0;
        }
    }
    erase(&db, &mut model);
    drop(db);
    (disk, model)
}

/// Erased words, and pages that were looked through: few differ from image to image.
struct Search {
    erased: HashSet<[u8; 8]>,
    clean: HashSet<blake3::Hash>,
}

impl Search {
    fn new(model: &Model) -> Self {
        Self { erased: model.erased(), clean: HashSet::new() }
    }

    /// How many of the erased words are in an image.
    fn found(&mut self, image: &[u8]) -> usize {
        let starts = (0..image.len()).step_by(4096);
        starts.map(|start| self.found_in(&image[start..image.len().min(start + 4096 + 7)])).sum()
    }

    fn found_in(&mut self, page: &[u8]) -> usize {
        let hash = blake3::hash(page);
        if self.clean.contains(&hash) {
            return 0;
        }
        let found = page.windows(8).filter(|word| self.erased.contains(*word)).count();
        if found == 0 {
            self.clean.insert(hash);
        }
        found
    }
}

fn rows(db: &Database) -> BTreeMap<Key, Vec<u8>> {
    let txn = db.begin_read().unwrap();
    let mut rows = BTreeMap::new();
    for secret in [false, true] {
        let Ok(table) = txn.open_table(table(secret)) else { continue };
        for row in table.iter().unwrap() {
            let (key, value) = row.unwrap();
            rows.insert((secret, *key.value()), value.value().to_vec());
        }
    }
    rows
}

#[test]
fn nothing_of_an_erased_row_is_left() {
    for seed in 0..8 {
        let (disk, model) = used(seed, 40 + 20 * seed as usize);
        let mut search = Search::new(&model);
        assert!(search.found(&disk.bytes()) > 100, "without a scrub it is there");
        let (db, watch) = open(disk.open());
        assert!(is_due(&db).unwrap());
        scrub(&db, &watch).unwrap();
        assert!(!is_due(&db).unwrap());
        assert_eq!(search.found(&disk.bytes()), 0, "seed {seed}");
        assert_eq!(rows(&db), model.live);
        drop((db, watch));
        assert_eq!(search.found(&disk.bytes()), 0, "seed {seed}, closed");
        assert_eq!(rows(&open(disk.open()).0), model.live);
    }
}

#[test]
fn a_store_scrubbed_again_and_again_stays_small() {
    let (disk, mut model) = used(1, 120);
    let (db, watch) = open(disk.open());
    let mut longest = watch.len().unwrap();
    for _ in 0..40 {
        replace_one(&db, &mut model);
        scrub(&db, &watch).unwrap();
        longest = longest.max(watch.len().unwrap());
    }
    assert_eq!(Search::new(&model).found(&disk.bytes()), 0);
    assert_eq!(rows(&db), model.live);
    assert!(longest <= 2 << 20, "{longest}");
}

/// Puts another value of the same length.
fn replace_one(db: &Database, model: &mut Model) {
    let txn = db.try_begin_write().unwrap();
    let key = model.old_key().unwrap();
    let value = model.secret(model.live[&key].len());
    put(&txn, model, key, value);
    txn.commit().unwrap();
}

/// Kills a scrub at every operation on the disk, with two of the kinds of loss in turn.
#[test]
fn a_scrub_killed_anywhere_is_done_at_the_next_opening() {
    let (disk, model) = used(3, 12);
    let (start, mut search) = (disk.bytes(), Search::new(&model));
    assert!(search.found(&start) > 0);
    let operations = scrub_until(&Disk::holding(start.clone()), usize::MAX);
    let mut crashes = 0;
    for kill_at in 0..operations {
        for survival in [Survival::FILE, Survival::OPFS].map(|kinds| kinds[kill_at % 4]) {
            let disk = Disk::holding(start.clone());
            scrub_until(&disk, kill_at);
            disk.crash(survival);
            let (db, watch) = open(disk.open());
            assert_eq!(rows(&db), model.live, "killed at {kill_at} of {operations}, {survival:?}");
            if is_due(&db).unwrap() {
                scrub(&db, &watch).unwrap();
            }
            assert_eq!(search.found(&disk.bytes()), 0, "killed at {kill_at} of {operations}, {survival:?}");
            assert_eq!(rows(&db), model.live);
            crashes += 1;
        }
    }
    println!("{crashes} crashes at {operations} operations of a scrub");
}

/// Scrubs until the operation of this number, and returns how many there were.
fn scrub_until(disk: &Disk, operation: usize) -> usize {
    let (db, watch) = open(disk.open());
    let before = disk.operations();
    disk.kill_at(before.saturating_add(operation));
    let result = scrub(&db, &watch);
    assert_eq!(result.is_ok(), operation == usize::MAX);
    disk.operations() - before
}

#[test]
fn a_scrub_that_a_reader_blocks_stays_due() {
    let (disk, model) = used(2, 60);
    let (db, watch) = open(disk.open());
    let reader = db.begin_read().unwrap();
    let error = scrub(&db, &watch).unwrap_err();
    assert!(matches!(error, StoreError::Storage(redb::Error::TransactionInProgress)), "{error}");
    assert!(is_due(&db).unwrap());
    drop(reader);
    scrub(&db, &watch).unwrap();
    assert_eq!(Search::new(&model).found(&disk.bytes()), 0);
    assert_eq!(rows(&db), model.live);
}

/// A store's image with some erased words, on a backend, as an erasing request leaves it.
fn erase_in_store(store: &Store, model: &mut Model) {
    for _ in 0..40 {
        transact(&store.db, model);
    }
    erase(&store.db, model);
}

#[test]
fn an_image_in_pages_is_scrubbed_where_it_is_stored() {
    let (image, mut stored, mut model) = (Paged::default(), BTreeMap::new(), Model::new(5));
    let store = Store::open(image.clone(), &SEED).unwrap();
    let mut take = |image: &Paged| {
        let commit = image.take_dirty().unwrap();
        stored.retain(|page, _| *page < commit.keep);
        stored.extend(commit.pages);
        stored.values().flatten().copied().collect::<Vec<u8>>()
    };
    erase_in_store(&store, &mut model);
    let mut search = Search::new(&model);
    assert!(search.found(&take(&image)) > 0);
    assert!(store.scrub_if_due().unwrap());
    assert_eq!(search.found(&take(&image)), 0);
}

#[test]
fn an_image_without_room_for_a_copy_stays_usable() {
    /// Bears no more than 300 KB.
    #[derive(Debug)]
    struct Narrow(Paged);
    impl StorageBackend for Narrow {
        fn len(&self) -> std::io::Result<u64> {
            self.0.len()
        }
        fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
            self.0.read(offset, out)
        }
        fn set_len(&self, len: u64) -> std::io::Result<()> {
            if len > 300_000 { Err(std::io::ErrorKind::StorageFull.into()) } else { self.0.set_len(len) }
        }
        fn sync_data(&self) -> std::io::Result<()> {
            self.0.sync_data()
        }
        fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
            self.0.write(offset, data)
        }
    }
    let (image, mut model) = (Paged::default(), Model::new(6));
    let store = Store::open(image.clone(), &SEED).unwrap();
    erase_in_store(&store, &mut model);
    assert!(image.len().unwrap() > 150_000);
    drop(store);
    let store = Store::open(Narrow(image.clone()), &SEED).unwrap();
    assert!(matches!(store.scrub_if_due(), Err(StoreError::NoRoom { .. })));
    transact(&store.db, &mut model);
    assert_eq!(rows(&store.db), model.live);
    drop(store);
    let store = Store::open(image, &SEED).unwrap();
    assert!(!store.scrub_if_due().unwrap(), "the opening did it");
}

#[test]
fn opening_a_file_scrubs_it_if_that_is_due() {
    let path = std::env::temp_dir().join(format!("scrub-{}.redb", std::process::id()));
    let mut model = Model::new(7);
    let store = Store::open_file(&path, &SEED).unwrap();
    assert!(!store.scrub_if_due().unwrap());
    erase_in_store(&store, &mut model);
    drop(store);
    let mut search = Search::new(&model);
    assert!(search.found(&std::fs::read(&path).unwrap()) > 0);
    drop(Store::open_file(&path, &SEED).unwrap());
    assert_eq!(search.found(&std::fs::read(&path).unwrap()), 0);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_writer_owes_the_scrub_with_what_it_erases() {
    let store = Store::open(Paged::default(), &SEED).unwrap();
    let txn = store.db.try_begin_write().unwrap();
    let mut writer = Writer::open(&txn, &store.secret).unwrap();
    writer.owe_scrub().unwrap();
    writer.finish().unwrap();
    txn.commit().unwrap();
    assert!(store.scrub_if_due().unwrap());
    assert!(!store.scrub_if_due().unwrap());
}

#[test]
fn every_table_of_a_store_is_renewed() {
    let store = Store::open(Paged::default(), &SEED).unwrap();
    let txn = store.db.try_begin_write().unwrap();
    let mut renewed = renew_tables(&txn).unwrap();
    renewed.sort_unstable();
    let mut tables: Vec<_> = txn.list_tables().unwrap().map(|table| table.name().to_owned()).collect();
    tables.sort_unstable();
    assert_eq!(renewed, tables);
}
