//! The file: its version, its one owner, a copy of it put back.

use super::*;

#[test]
fn a_newer_file_is_refused_with_both_versions() {
    let path = std::env::temp_dir().join(format!("bdhv-newer-{}.redb", std::process::id()));
    let seed = Seed { secret: [1; 32], store: [1; 16] };
    drop(Store::open_file(&path, &seed).unwrap());
    {
        let db = Database::open(&path).unwrap();
        let txn = db.begin_write().unwrap();
        txn.open_table(tables::META).unwrap().insert(tables::META_FORMAT, &7u32.to_le_bytes()[..]).unwrap();
        txn.commit().unwrap();
    }
    let error = Store::open_file(&path, &seed).unwrap_err().to_string();
    std::fs::remove_file(&path).unwrap();
    assert!(error.contains("format 7") && error.contains("up to 1"), "{error}");
}

#[test]
fn a_file_has_one_owner_and_keeps_its_identity() {
    let path = std::env::temp_dir().join(format!("bdhv-owner-{}.redb", std::process::id()));
    let seed = Seed { secret: [1; 32], store: [1; 16] };
    let first = Store::open_file(&path, &seed).unwrap();
    assert!(matches!(Store::open_file(&path, &seed), Err(OpenError::InUse)));
    drop(first);
    let again = Store::open_file(&path, &Seed { secret: [2; 32], store: [2; 16] }).unwrap();
    assert_eq!((again.secret(), again.id()), ([1; 32], StoreId([2; 16])));
    drop(again);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_store_set_back_to_a_copy_tells_everything_again() {
    let folder = std::env::temp_dir();
    let path = |name: &str| folder.join(format!("bdhv-{name}-{}.redb", std::process::id()));
    let (file, copy) = (path("set-back"), path("copy"));
    let open = |n: u8| Device {
        store: Store::open_file(&file, &Seed { secret: [1; 32], store: [n; 16] }).unwrap(),
        role: Role::Hub,
        scope: Scope::All,
        n: 1,
    };
    let province = Device::new(4, Role::Province);
    let hub = open(1);
    assert_eq!(hub.one(hub.enrolment(Rank::Team, Area::Everywhere)), Response::Done);
    ingest(&hub, vec![extension(10, 1)]);
    // Copied while it is open: the copy shares its opening with what the province is told next.
    std::fs::copy(&file, &copy).unwrap();
    ingest(&hub, vec![extension(11, 1), extension(12, 1)]);
    sync(&hub, &province);
    drop(hub);
    std::fs::rename(&copy, &file).unwrap();
    let hub = open(3);
    ingest(&hub, vec![extension(13, 1), extension(14, 1)]);
    sync(&hub, &province);
    assert_eq!(province.totals().len(), 5);
    assert_eq!(hub.totals(), province.totals());
    drop(hub);
    std::fs::remove_file(&file).unwrap();
}
