//! The province's list of devices that lost their rights.
//!
//! There is one list; each new one replaces the one before and has a greater epoch. A revoked device is cut
//! off at a position of each of its logs, so that honest earlier records stay. The cut carries the chain
//! value there, and the list's signature so vouches for the entries before it: a node needs no signature of
//! the device over exactly that length.

use ed25519_dalek::SigningKey;
use thiserror::Error;

use crate::id::{DeviceId, LogId, ProvinceKey};
use crate::log::{LOG_ENTRIES_MAX, Tail};
use crate::wire::codec::{Reader, put_varint};

use super::{FormatError, Grant, VERSION, read_version, sign, too_long, verifies};

/// Bound of the devices listed: a third of the province's 1,340 teams, with a device each.
pub const REVOKED_MAX: usize = 512;
/// Bound of the cuts of a device: it starts an incarnation only when its log diverged, which is rare.
pub const CUTS_MAX: usize = 8;
/// Bound of a list's bytes: fits into one frame, and has room for [`REVOKED_MAX`] devices with a cut each.
pub const REVOCATIONS_BYTES_MAX: usize = 48 * 1024;

const DOMAIN: &[u8] = b"bdhv/revocations/1\0";

/// The list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocations {
    /// Counts the lists, from 1; 0 stands for no list yet.
    pub epoch: u64,
    /// Sorted by device, each once. Entries are only ever added.
    pub revoked: Vec<Revoked>,
    /// The province's signature over both.
    pub signature: [u8; 64],
}

/// A device that lost its rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// Whose.
    pub device: DeviceId,
    /// Sorted by incarnation, each once. Of an incarnation without a cut nothing counts.
    pub cuts: Vec<Cut>,
}

/// Up to where a log of a revoked device counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Which of the device's logs.
    pub incarnation: u32,
    /// How many entries count.
    pub length: u64,
    /// The chain value over them.
    pub chain: [u8; 32],
}

/// Why a list is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RevocationError {
    /// It cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Nobody can tell who signs it while the province's key is not known.
    #[error("there is a list of revocations, and the province's key is not known here")]
    NoProvince,
    /// The province did not sign it.
    #[error("the list of revocations is not signed by the province")]
    Signature,
    /// It is not newer than the one held.
    #[error("the list of revocations has epoch {found}, and {held} is held")]
    RolledBack {
        /// The epoch held.
        held: u64,
        /// The epoch of the list.
        found: u64,
    },
    /// It leaves out a device, or cuts it elsewhere.
    #[error("the list of revocations does not say of device {0} what the one before said")]
    Altered(DeviceId),
    /// It names a device, or an incarnation of it, twice.
    #[error("the list of revocations names device {0} or one of its logs twice")]
    Twice(DeviceId),
    /// It is longer than a peer accepts.
    #[error("the {what} is {found}, and at most {max} is allowed")]
    TooLarge {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// Its named bound.
        max: usize,
    },
}

impl Revocations {
    /// Signs a list. Sorts it first.
    ///
    /// # Errors
    /// [`RevocationError::Twice`] and [`RevocationError::TooLarge`].
    pub fn sign(secret: &SigningKey, epoch: u64, mut revoked: Vec<Revoked>) -> Result<Self, RevocationError> {
        revoked.sort_by_key(|revoked| revoked.device);
        for revoked in &mut revoked {
            revoked.cuts.sort_by_key(|cut| cut.incarnation);
        }
        let mut list = Self { epoch, revoked, signature: [0; 64] };
        list.check()?;
        list.signature = sign(secret, DOMAIN, &list.body());
        Ok(list)
    }

    /// Checks the province's signature.
    ///
    /// # Errors
    /// [`RevocationError::Signature`].
    pub fn verify(&self, province: &ProvinceKey) -> Result<(), RevocationError> {
        let signed = verifies(&province.0, DOMAIN, &self.body(), &self.signature);
        if signed { Ok(()) } else { Err(RevocationError::Signature) }
    }

    /// Checks that this list may replace `older`: a greater epoch, and the same of every device listed there.
    ///
    /// # Errors
    /// [`RevocationError::RolledBack`] and [`RevocationError::Altered`].
    pub fn succeeds(&self, older: &Self) -> Result<(), RevocationError> {
        if self.epoch <= older.epoch {
            return Err(RevocationError::RolledBack { held: older.epoch, found: self.epoch });
        }
        let altered = older.revoked.iter().find(|old| self.find(old.device) != Some(*old));
        altered.map_or(Ok(()), |old| Err(RevocationError::Altered(old.device)))
    }

    /// Up to where a log counts; `None` if its device is not listed.
    pub fn cut(&self, log: &LogId) -> Option<Cut> {
        let cuts = &self.find(log.device)?.cuts;
        let cut = cuts.iter().find(|cut| cut.incarnation == log.incarnation);
        Some(cut.copied().unwrap_or_else(|| Cut::at_start(log)))
    }

    /// The first revoked device of a grant's chain.
    pub fn revokes(&self, grant: &Grant) -> Option<DeviceId> {
        grant.via.iter().copied().find(|device| self.find(*device).is_some())
    }

    /// Whether a device lost its rights.
    pub fn lists(&self, device: DeviceId) -> bool {
        self.find(device).is_some()
    }

    fn find(&self, device: DeviceId) -> Option<&Revoked> {
        let index = self.revoked.binary_search_by_key(&device, |revoked| revoked.device).ok()?;
        self.revoked.get(index)
    }

    /// Appends the bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.body());
        out.extend(self.signature);
    }

    /// Reads a list that takes all of `bytes`.
    ///
    /// # Errors
    /// [`FormatError`]. Whether the province signed it is for [`verify`](Self::verify).
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        if bytes.len() > REVOCATIONS_BYTES_MAX {
            return Err(too_long(0, "length of a list of revocations", bytes.len(), REVOCATIONS_BYTES_MAX));
        }
        let mut reader = Reader::new(bytes);
        read_version(&mut reader)?;
        let epoch = reader.varint("epoch", u64::MAX)?;
        let list = Self { epoch, revoked: read_revoked(&mut reader)?, signature: reader.array("signature")? };
        reader.finish()?;
        Ok(list)
    }

    fn body(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        put_varint(&mut out, self.epoch);
        put_varint(&mut out, self.revoked.len() as u64);
        for revoked in &self.revoked {
            revoked.encode(&mut out);
        }
        out
    }

    /// Checks what the decoder would.
    fn check(&self) -> Result<(), RevocationError> {
        at_most("number of revoked devices", self.revoked.len(), REVOKED_MAX)?;
        let mut last = None;
        for Revoked { device, cuts } in &self.revoked {
            at_most("number of a device's cuts", cuts.len(), CUTS_MAX)?;
            let twice = cuts.windows(2).any(|pair| pair[0].incarnation == pair[1].incarnation);
            if twice || last == Some(device) {
                return Err(RevocationError::Twice(*device));
            }
            last = Some(device);
        }
        at_most("length of the list in bytes", self.body().len() + self.signature.len(), REVOCATIONS_BYTES_MAX)
    }
}

fn at_most(what: &'static str, found: usize, max: usize) -> Result<(), RevocationError> {
    if found > max { Err(RevocationError::TooLarge { what, found, max }) } else { Ok(()) }
}

impl Revoked {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.device.0);
        put_varint(out, self.cuts.len() as u64);
        for cut in &self.cuts {
            put_varint(out, cut.incarnation.into());
            put_varint(out, cut.length);
            out.extend(cut.chain);
        }
    }
}

impl Cut {
    /// Nothing of the log counts.
    fn at_start(log: &LogId) -> Self {
        let Tail { length, chain } = Tail::start(log);
        Self { incarnation: log.incarnation, length, chain }
    }
}

fn read_revoked(reader: &mut Reader<'_>) -> Result<Vec<Revoked>, FormatError> {
    let mut list: Vec<Revoked> = Vec::new();
    for _ in 0..reader.varint("number of revoked devices", REVOKED_MAX as u64)? {
        let at = reader.position();
        let device = DeviceId(reader.array("device")?);
        if list.last().is_some_and(|last| last.device >= device) {
            return Err(FormatError::Rule { at, rule: "revoked devices are sorted, each once" });
        }
        list.push(Revoked { device, cuts: read_cuts(reader)? });
    }
    Ok(list)
}

fn read_cuts(reader: &mut Reader<'_>) -> Result<Vec<Cut>, FormatError> {
    let mut cuts: Vec<Cut> = Vec::new();
    for _ in 0..reader.varint("number of cuts", CUTS_MAX as u64)? {
        let at = reader.position();
        let incarnation = reader.varint("incarnation", u32::MAX.into())? as u32;
        if cuts.last().is_some_and(|last| last.incarnation >= incarnation) {
            return Err(FormatError::Rule { at, rule: "cuts are sorted by incarnation, each once" });
        }
        let length = reader.varint("length of a log", LOG_ENTRIES_MAX)?;
        cuts.push(Cut { incarnation, length, chain: reader.array("chain value")? });
    }
    Ok(cuts)
}
