//! Moves bundles between a store and a stream of bytes, sealed or not.

use std::io::{self, Read, Write};

use ed25519_dalek::SigningKey;
use sync::authority::{Area, Chain};
use sync::bundle::{Damage, Export, ExportError, Exported, Head, Import, Item, Plan, Reader, Report};
use sync::session::{Answer, Query, Standing};
use sync::wire::frame::Scope;
use sync::{DeviceId, Minutes};
use thiserror::Error;

use super::ask::Ask;
use super::seal::{self, Label, Opener, SealError, Sealer};

/// Bytes read from a file at once.
const PIECE_BYTES: usize = 64 * 1024;
/// Bound of the bytes looked at for a head: the clear part of a sealed bundle, with its one frame.
const HEAD_BYTES_MAX: usize = 2 * PIECE_BYTES;

/// Why a bundle was not written or read.
#[derive(Debug, Error)]
pub(crate) enum TransferError {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] io::Error),
    /// The export was refused, or the store failed.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(String),
    /// It cannot be sealed, or not be opened at all.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// It has no head.
    #[error(transparent)]
    Damage(#[from] Damage),
}

/// Whom to seal a bundle to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipient {
    /// The device that can open it.
    pub(crate) device: DeviceId,
    /// Random bytes, for this bundle alone.
    pub(crate) ephemeral: [u8; 32],
}

/// What became of an import.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// What was taken and refused, and where the bundle broke.
    pub(crate) report: Report,
    /// Where the seal around it broke, with the offset in the file.
    pub(crate) seal: Option<SealError>,
}

/// Writes what `store` holds. `secret` is its device's.
///
/// # Errors
///
/// [`TransferError`]; what was written is of no use then.
pub(crate) fn export(
    store: &impl Ask,
    secret: &[u8; 32],
    plan: Plan,
    seal: Option<Recipient>,
    file: &mut impl Write,
) -> Result<Exported, TransferError> {
    let mut export = Export::new(secret, plan);
    let (mut bytes, mut wrapping) = (Vec::new(), None);
    while let Some(query) = export.next() {
        export.answered(store.ask(query).map_err(TransferError::Store)?, &mut bytes)?;
        if let (None, Some(recipient), Some(head)) = (&wrapping, seal, export.head()) {
            wrapping = Some(begin(head, secret, recipient, file)?);
        }
        if let Some(sealer) = &mut wrapping {
            bytes = sealer.push(&bytes);
        }
        file.write_all(&bytes)?;
        bytes.clear();
    }
    if let Some(sealer) = wrapping {
        file.write_all(&sealer.finish())?;
    }
    Ok(export.exported().clone())
}

/// Begins a sealed file, once the head is known.
fn begin(head: &Head, secret: &[u8; 32], recipient: Recipient, file: &mut impl Write) -> Result<Sealer, TransferError> {
    let mut frame = Vec::new();
    head.encode(&SigningKey::from_bytes(secret), &mut frame);
    let (sealer, label) = Sealer::start(recipient.device, &recipient.ephemeral, &frame)?;
    file.write_all(&label)?;
    Ok(sealer)
}

/// Takes a bundle, sealed to this node or not, into `store`. `scope` is what the node works for.
///
/// # Errors
///
/// [`TransferError`]. What was taken until then stays.
pub(crate) fn import(
    store: &impl Ask,
    secret: &[u8; 32],
    scope: Scope,
    now: Minutes,
    file: &mut impl Read,
) -> Result<Outcome, TransferError> {
    let mut import = Import::new(scope, now);
    let (mut piece, mut plain) = (vec![0; PIECE_BYTES], Vec::new());
    let first = fill(file, &mut piece)?;
    let mut opener = piece[..first].starts_with(&seal::MAGIC).then(|| Opener::new(secret));
    let (mut length, mut seal) = (first, None);
    while length > 0 && seal.is_none() && !import.is_damaged() {
        match &mut opener {
            None => plain.extend_from_slice(&piece[..length]),
            Some(opener) => seal = opener.push(&piece[..length], &mut plain).err(),
        }
        take(store, &mut import, &mut plain)?;
        length = fill(file, &mut piece)?;
    }
    if let (Some(opener), None, false) = (&mut opener, &seal, import.is_damaged()) {
        seal = opener.finish(&mut plain).err();
        take(store, &mut import, &mut plain)?;
    }
    import.finish();
    take(store, &mut import, &mut plain)?;
    Ok(Outcome { report: import.report(), seal })
}

/// Fills a piece as far as the file goes.
fn fill(file: &mut impl Read, piece: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < piece.len() {
        match file.read(&mut piece[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Gives bytes of the bundle to the import, and its queries to the store.
fn take(store: &impl Ask, import: &mut Import, plain: &mut Vec<u8>) -> Result<(), TransferError> {
    import.push(plain);
    plain.clear();
    while let Some(query) = import.next() {
        import.answered(store.ask(query).map_err(TransferError::Store)?).map_err(TransferError::Store)?;
    }
    Ok(())
}

/// Reads the head of a bundle, sealed to anybody or not.
///
/// # Errors
///
/// [`TransferError::Damage`] or [`TransferError::Seal`] if it has none.
pub(crate) fn head(file: &mut impl Read) -> Result<Head, TransferError> {
    let mut bytes = Vec::new();
    file.take(HEAD_BYTES_MAX as u64).read_to_end(&mut bytes)?;
    if bytes.starts_with(&seal::MAGIC) {
        let torn = SealError::Torn { at: bytes.len() as u64, chunk: 0 };
        return Ok(Label::read(&bytes)?.ok_or(torn)?.head);
    }
    let mut reader = Reader::new();
    reader.push(&bytes);
    if let Some(Item::Head(head)) = reader.next()? {
        return Ok(head);
    }
    reader.finish()?;
    Err(io::Error::from(io::ErrorKind::InvalidData).into())
}

/// What the credential of a store's device lets it collect; everything without one.
///
/// # Errors
///
/// [`TransferError::Store`].
pub(crate) fn own_scope(store: &impl Ask, device: DeviceId) -> Result<Scope, TransferError> {
    match store.ask(Query::Standing).map_err(TransferError::Store)? {
        Answer::Standing(standing) => Ok(granted(&standing, device)),
        Answer::Failed(why) => Err(TransferError::Store(why)),
        other => Err(TransferError::Store(format!("it answered something else: {other:?}"))),
    }
}

fn granted(standing: &Standing, device: DeviceId) -> Scope {
    let grant = standing.province.as_ref().and_then(|province| {
        let chain = Chain::decode(&standing.chain).ok()?;
        chain.grant(province, device).ok()
    });
    match grant.map(|grant| grant.area) {
        Some(Area::Communes(communes)) => Scope::Communes(communes),
        Some(Area::Everywhere) | None => Scope::All,
    }
}
