//! The frame `Hello`: who a node is, and what it asks for. It is drawn in [`frame`](super::frame).

use super::codec::{DecodeError, Fault, Reader, put_slice, put_varint};
use super::frame::{EXTENSIONS_MAX, FRAME_BYTES_MAX, SCOPE_COMMUNES_MAX, TAG_HELLO, VERSION, put_list, take_list};
use crate::id::{CommuneCode, StoreId};

/// What a node is to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Keeps its own logs and pushes them.
    Phone,
    /// Gathers and carries the logs of communes.
    Hub,
    /// Holds every commune; what it has acknowledged has arrived.
    Province,
}

/// Whose logs a node asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Only logs that the asking device itself signed.
    Own,
    /// Every log.
    All,
    /// Logs with a learner in one of these communes, sorted.
    Communes(Vec<CommuneCode>),
}

/// How far a node has read a peer's changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The store it read from.
    pub store: StoreId,
    /// Everything up to this position was taken.
    pub position: u64,
}

/// The first frame in each direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The sender's store.
    pub store: StoreId,
    /// What the sender is.
    pub role: Role,
    /// Whether the sender wants to be told what the province has.
    pub wants_receipts: bool,
    /// What the sender asks for.
    pub scope: Scope,
    /// How far the sender has read the receiver's changes.
    pub cursor: Option<Cursor>,
    /// Who vouches for the sender.
    pub credential: Presented,
    /// Epoch of the sender's revocation list.
    pub epoch: Option<u64>,
    /// How many logs the sender holds in its scope, not fewer, if it can take a sketch of them should its
    /// cursor be lost.
    pub holds: Option<u64>,
}

/// A credential chain in `Hello`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented {
    /// The sender has none.
    Nothing,
    /// The peer has seen it before: the first bytes of its hash.
    Known([u8; 8]),
    /// The chain.
    Chain(Vec<u8>),
}

const FLAG_RECEIPTS: u8 = 1;

const EXTENSION_CREDENTIAL: u64 = 1;
const EXTENSION_EPOCH: u64 = 2;
const EXTENSION_HOLDS: u64 = 3;

impl Hello {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend([TAG_HELLO, VERSION]);
        out.extend(self.store.0);
        out.push(self.role.number());
        out.push(if self.wants_receipts { FLAG_RECEIPTS } else { 0 });
        self.scope.encode(out);
        match self.cursor {
            None => out.push(0),
            Some(cursor) => {
                out.push(1);
                out.extend(cursor.store.0);
                put_varint(out, cursor.position);
            }
        }
        let credential: &[u8] = match &self.credential {
            Presented::Nothing => &[],
            Presented::Known(hash) => hash,
            Presented::Chain(chain) => chain,
        };
        let numbers = [(EXTENSION_EPOCH, self.epoch), (EXTENSION_HOLDS, self.holds)];
        let told = numbers.iter().filter(|(_, number)| number.is_some()).count();
        put_varint(out, u64::from(!credential.is_empty()) + told as u64);
        if !credential.is_empty() {
            put_varint(out, EXTENSION_CREDENTIAL);
            put_slice(out, credential);
        }
        for (tag, number) in numbers {
            if let Some(number) = number {
                let mut bytes = Vec::new();
                put_varint(&mut bytes, number);
                put_varint(out, tag);
                put_slice(out, &bytes);
            }
        }
    }

    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let version = reader.byte("version")?;
        if version != VERSION {
            return Err(Reader::fault(at, Fault::Unknown { what: "version", found: u64::from(version) }));
        }
        let store = StoreId(reader.array("store")?);
        let role = Role::decode(reader)?;
        let at = reader.position();
        let flags = reader.byte("flags")?;
        if flags & !FLAG_RECEIPTS != 0 {
            return Err(Reader::fault(at, Fault::Unknown { what: "flags", found: u64::from(flags) }));
        }
        let scope = Scope::decode(reader)?;
        let at = reader.position();
        let cursor = match reader.byte("cursor")? {
            0 => None,
            1 => Some(Cursor {
                store: StoreId(reader.array("store of the cursor")?),
                position: reader.varint("position of the cursor", u64::MAX)?,
            }),
            found => return Err(Reader::fault(at, Fault::Unknown { what: "cursor", found: u64::from(found) })),
        };
        let (mut credential, mut epoch, mut holds) = (Presented::Nothing, None, None);
        for _ in 0..reader.varint("extensions", EXTENSIONS_MAX as u64)? {
            let tag = reader.varint("tag of an extension", u64::from(u16::MAX))?;
            let bytes = reader.slice("extension", FRAME_BYTES_MAX)?;
            match tag {
                EXTENSION_CREDENTIAL => {
                    credential = match <[u8; 8]>::try_from(bytes) {
                        Ok(known) => Presented::Known(known),
                        // Nothing is written without the extension; read alike, it stays nothing.
                        Err(_) if bytes.is_empty() => Presented::Nothing,
                        Err(_) => Presented::Chain(bytes.to_vec()),
                    };
                }
                EXTENSION_EPOCH => epoch = Some(Reader::new(bytes).varint("epoch", u64::MAX)?),
                EXTENSION_HOLDS => holds = Some(Reader::new(bytes).varint("number of logs", u64::MAX)?),
                _ => {}
            }
        }
        let wants_receipts = flags & FLAG_RECEIPTS != 0;
        Ok(Self { store, role, wants_receipts, scope, cursor, credential, epoch, holds })
    }
}

impl Role {
    const fn number(self) -> u8 {
        match self {
            Self::Phone => 0,
            Self::Hub => 1,
            Self::Province => 2,
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        match reader.byte("role")? {
            0 => Ok(Self::Phone),
            1 => Ok(Self::Hub),
            2 => Ok(Self::Province),
            found => Err(Reader::fault(at, Fault::Unknown { what: "role", found: u64::from(found) })),
        }
    }
}

impl Scope {
    /// Appends the scope, as in `Hello`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Own => out.push(0),
            Self::All => out.push(1),
            Self::Communes(communes) => {
                out.push(2);
                put_list(out, communes, |out, commune| put_varint(out, u64::from(commune.0)));
            }
        }
    }

    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        match reader.byte("scope")? {
            0 => Ok(Self::Own),
            1 => Ok(Self::All),
            2 => Ok(Self::Communes(take_list(reader, "communes", SCOPE_COMMUNES_MAX, |reader| {
                let code = reader.varint("commune", u64::from(crate::entry::COMMUNE_CODE_MAX))?;
                Ok(CommuneCode(code as u32))
            })?)),
            found => Err(Reader::fault(at, Fault::Unknown { what: "scope", found: u64::from(found) })),
        }
    }
}
