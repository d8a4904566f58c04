//! Reads the bytes of a bundle, cut anywhere.

use std::collections::VecDeque;

use super::writer::check_of;
use super::{CHECK_BYTES, Damage, DamageKind, END_DOMAIN, Head, MAGIC, START_BYTES, TAG_END, VERSION};
use crate::authority::verifies;
use crate::id::{DeviceId, LogId};
use crate::session::{Extension, UNSIGNED_BYTES_MAX};
use crate::wire::codec;
use crate::wire::frame::{Changes, Entries, Frame, Offer, split_frame};

/// What a bundle holds, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item {
    /// The head, always first. Its signature is verified.
    Head(Head),
    /// A revocation list, encoded.
    Revocations(Vec<u8>),
    /// Withdrawals, encoded.
    Withdrawals(Vec<Vec<u8>>),
    /// Logs that follow.
    Offers(Vec<Offer>),
    /// A log that was offered, from entry 0 on. Nothing of it is verified yet.
    Log(Extension),
    /// A log that was offered and cannot be taken.
    Skipped(LogId, Skip),
    /// The bundle is whole, as its device made it.
    End,
}

/// Why a log of a bundle is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Skip {
    /// Its last span, with the signature, is not there.
    Unsigned,
    /// It has more than [`UNSIGNED_BYTES_MAX`].
    TooLong,
}

/// Reads a bundle piece by piece.
#[derive(Debug)]
pub struct Reader {
    inbox: Vec<u8>,
    /// Bytes of `inbox` that were read.
    read: usize,
    /// Offset in the file of what is to be read next.
    at: u64,
    records: u64,
    running: blake3::Hasher,
    stage: Stage,
    device: Option<DeviceId>,
    /// The offers whose entries may come, and the number of the first.
    offers: Vec<Offer>,
    first: u64,
    /// Index into `offers` of the next that may begin.
    next: usize,
    log: Option<Assembly>,
    items: VecDeque<Item>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    Start,
    Records,
    Ended,
    Damaged(Damage),
}

/// A log of which spans have come.
#[derive(Debug)]
struct Assembly {
    index: usize,
    log: LogId,
    count: u64,
    payloads: Vec<u8>,
    too_long: bool,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// Reads from the first byte of a file.
    pub fn new() -> Self {
        Self {
            inbox: Vec::new(),
            read: 0,
            at: 0,
            records: 0,
            running: blake3::Hasher::new(),
            stage: Stage::Start,
            device: None,
            offers: Vec::new(),
            first: 0,
            next: 0,
            log: None,
            items: VecDeque::new(),
        }
    }

    /// Takes the next bytes of the file. What is pushed is held until it was read: push little, and take
    /// every [`next`](Self::next) before pushing more.
    pub fn push(&mut self, bytes: &[u8]) {
        if !matches!(self.stage, Stage::Damaged(_)) {
            self.inbox.drain(..std::mem::take(&mut self.read));
            self.inbox.extend_from_slice(bytes);
        }
    }

    /// The next item; none until more is pushed.
    ///
    /// # Errors
    /// [`Damage`]; nothing after it is read, and it is returned again.
    #[expect(clippy::should_implement_trait, reason = "none means not yet, and not the end")]
    pub fn next(&mut self) -> Result<Option<Item>, Damage> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Ok(Some(item));
            }
            if let Stage::Damaged(damage) = &self.stage {
                return Err(damage.clone());
            }
            match self.step() {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(what) => self.stage = Stage::Damaged(self.damage(what)),
            }
        }
    }

    /// Says whether the file may end here, once every [`next`](Self::next) was taken.
    ///
    /// # Errors
    /// [`Damage`], also one found before.
    pub fn finish(&self) -> Result<(), Damage> {
        match &self.stage {
            Stage::Ended => Ok(()),
            Stage::Damaged(damage) => Err(damage.clone()),
            _ => Err(self.damage(DamageKind::Torn { left: self.inbox.len() - self.read })),
        }
    }

    fn damage(&self, what: DamageKind) -> Damage {
        Damage { at: self.at, record: self.records, what }
    }

    /// Reads the start or one record; whether there was one.
    fn step(&mut self) -> Result<bool, DamageKind> {
        let bytes = &self.inbox[self.read..];
        match &self.stage {
            Stage::Start => self.start(),
            Stage::Ended if !bytes.is_empty() => Err(DamageKind::Turn("bytes follow the end of the bundle")),
            Stage::Records => self.record(),
            Stage::Ended | Stage::Damaged(_) => Ok(false),
        }
    }

    fn start(&mut self) -> Result<bool, DamageKind> {
        let bytes = &self.inbox[self.read..];
        let magic = bytes.len().min(MAGIC.len());
        if bytes[..magic] != MAGIC[..magic] {
            return Err(DamageKind::Magic);
        }
        match bytes.get(MAGIC.len()) {
            None => return Ok(false),
            Some(&VERSION) => {}
            Some(&found) => return Err(DamageKind::Version { found }),
        }
        self.running.update(&bytes[..START_BYTES]);
        self.stage = Stage::Records;
        self.advance(START_BYTES);
        Ok(true)
    }

    fn record(&mut self) -> Result<bool, DamageKind> {
        let bytes = &self.inbox[self.read..];
        let Some((frame, length)) = split_frame(bytes)? else { return Ok(false) };
        let Some(check) = bytes.get(length..length + CHECK_BYTES) else { return Ok(false) };
        let frame = frame.to_vec();
        let before = self.running.finalize();
        self.running.update(&bytes[..length]);
        if check_of(&self.running) != check {
            return Err(DamageKind::Check);
        }
        self.running.update(check);
        self.take(&frame, &before)?;
        self.advance(length + CHECK_BYTES);
        self.records += 1;
        Ok(true)
    }

    fn advance(&mut self, bytes: usize) {
        self.read += bytes;
        self.at += bytes as u64;
    }

    /// Takes one frame. `before` is the hash of everything before it.
    fn take(&mut self, frame: &[u8], before: &blake3::Hash) -> Result<(), DamageKind> {
        let Some(device) = self.device else {
            let head = Head::decode(frame)?;
            self.device = Some(head.device);
            self.items.push_back(Item::Head(head));
            return Ok(());
        };
        if frame.first() == Some(&TAG_END) {
            check_end(frame, device, before)?;
            self.leave();
            self.stage = Stage::Ended;
            self.items.push_back(Item::End);
            return Ok(());
        }
        match Frame::decode(frame)? {
            Frame::Revocations(bytes) => self.items.push_back(Item::Revocations(bytes)),
            Frame::Withdrawn(withdrawals) => self.items.push_back(Item::Withdrawals(withdrawals)),
            Frame::Changes(changes) => self.changes(changes),
            Frame::Entries(entries) => self.entries(&entries)?,
            _ => return Err(DamageKind::Turn("a frame that has no place in a bundle")),
        }
        Ok(())
    }

    fn changes(&mut self, Changes { offers, .. }: Changes) {
        self.leave();
        self.first += self.offers.len() as u64;
        self.next = 0;
        self.offers.clone_from(&offers);
        self.items.push_back(Item::Offers(offers));
    }

    fn entries(&mut self, entries: &Entries) -> Result<(), DamageKind> {
        let index = entries.offer.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        let found = index.and_then(|index| Some((index, self.offers.get(index)?.log)));
        let (index, log) = found.ok_or(DamageKind::Turn("entries of a log that was not offered just before"))?;
        let held = self.log.take_if(|held| held.index == index);
        let mut held = match held {
            Some(held) => held,
            None if index < self.next => return Err(DamageKind::Turn("entries of a log that was passed")),
            None => {
                self.leave();
                self.next = index + 1;
                Assembly { index, log, count: 0, payloads: Vec::new(), too_long: false }
            }
        };
        if entries.from != held.count {
            return Err(DamageKind::Turn("entries do not follow the ones before"));
        }
        held.add(entries);
        match entries.signature {
            None => self.log = Some(held),
            Some(_) if held.too_long => self.items.push_back(Item::Skipped(log, Skip::TooLong)),
            Some(signature) => {
                let Assembly { count, payloads, .. } = held;
                self.items.push_back(Item::Log(Extension { log, from: 0, count, payloads, signature }));
            }
        }
        Ok(())
    }

    /// Gives up a log whose last span did not come.
    fn leave(&mut self) {
        if let Some(held) = self.log.take() {
            let why = if held.too_long { Skip::TooLong } else { Skip::Unsigned };
            self.items.push_back(Item::Skipped(held.log, why));
        }
    }
}

impl Assembly {
    fn add(&mut self, entries: &Entries) {
        self.count += entries.count;
        self.too_long |= self.payloads.len() + entries.payloads.len() > UNSIGNED_BYTES_MAX;
        if self.too_long {
            self.payloads = Vec::new();
        } else {
            self.payloads.extend_from_slice(&entries.payloads);
        }
    }
}

fn check_end(frame: &[u8], device: DeviceId, before: &blake3::Hash) -> Result<(), DamageKind> {
    let mut reader = codec::Reader::new(&frame[1..]);
    let signature = reader.array("signature")?;
    reader.finish()?;
    let signed = verifies(&device.0, END_DOMAIN, before.as_bytes(), &signature);
    if signed { Ok(()) } else { Err(DamageKind::Signature("end")) }
}
