//! What each process stands on: a store of the suite's province, and an endpoint on loopback.

use std::path::Path;

use anyhow::{Context as _, ensure};
use iroh::endpoint::{PortmapperConfig, presets};
use iroh::{Endpoint, RelayMode, SecretKey};
use redb::{Database, TableDefinition};
use sync::authority::Terms;
use sync::replica::now;
use sync::store::{Request, Response, Seed, Store};
use tests::authority;

/// The store's table of peers: losing its rows is losing every cursor.
const PEERS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("peers_v1");
/// The store's table of single values.
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta_v1");

/// Returns the secret of device number `key`, one that writes no log of the bench.
fn secret(key: &str) -> anyhow::Result<[u8; 32]> {
    let mut secret = [2; 32];
    secret[..4].copy_from_slice(&key.parse::<u32>().context("the key is a number")?.to_le_bytes());
    Ok(secret)
}

/// Returns the randomness with which the store of device number `key` opens, another id each time.
pub(crate) fn seed(key: &str) -> anyhow::Result<Seed> {
    let opened = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_nanos();
    Ok(Seed { secret: secret(key)?, store: opened.to_le_bytes() })
}

/// Opens the store of device number `key`, made and given a hub's credential if it is new.
pub(crate) fn open(path: &str, key: &str) -> anyhow::Result<Store> {
    open_as(path, key, authority::hub_terms())
}

/// As [`open`], with a credential of these terms.
pub(crate) fn open_as(path: &str, key: &str, terms: Terms) -> anyhow::Result<Store> {
    let store = Store::open_file(Path::new(path), &seed(key)?)?;
    enrol(&store, terms)?;
    Ok(store)
}

/// Gives a store a credential.
pub(crate) fn enrol(store: &Store, terms: Terms) -> anyhow::Result<()> {
    let mut chain = Vec::new();
    authority::issue(store.device(), terms).encode(&mut chain);
    done(store, Request::Enrol { chain, now: now() })
}

/// Does one request that has nothing to tell.
pub(crate) fn done(store: &Store, request: Request) -> anyhow::Result<()> {
    let response = store.execute(&[request]).pop();
    ensure!(response == Some(Response::Done), "the store answered {response:?}");
    Ok(())
}

/// Takes every cursor out of a store's file.
pub(crate) fn lose_cursors(path: &str) -> anyhow::Result<()> {
    let txn = Database::open(path)?.begin_write()?;
    txn.delete_table(PEERS)?;
    Ok(txn.commit()?)
}

/// Makes a copy of a store's file that of device number `key`.
pub(crate) fn give_to(path: &Path, key: &str) -> anyhow::Result<()> {
    let secret = secret(key)?;
    let txn = Database::open(path)?.begin_write()?;
    txn.open_table(META)?.insert("secret", &secret[..])?;
    Ok(txn.commit()?)
}

/// Binds an endpoint to loopback, which asks nobody for anything.
pub(crate) async fn endpoint(secret: [u8; 32]) -> anyhow::Result<Endpoint> {
    let builder = Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(&secret))
        .relay_mode(RelayMode::Disabled)
        .portmapper_config(PortmapperConfig::Disabled)
        .clear_ip_transports()
        .bind_addr("127.0.0.1:0")?;
    Ok(builder.bind().await?)
}
