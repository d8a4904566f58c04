//! What a credential says of its subject: rank, rights, area and days.

use core::fmt;
use core::str::FromStr;

use thiserror::Error;

use crate::entry::DAY_MAX;
use crate::id::Day;
use crate::wire::codec::{DecodeError, Fault, Reader, put_varint};

use super::{Area, FormatError};

/// How far below the province's key a subject stands. Ranks strictly increase along a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A device of the province.
    Province = 0,
    /// A commune's device.
    Commune = 1,
    /// A team's hub.
    Team = 2,
    /// A device of a team's member.
    Device = 3,
}

/// A set of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights(u8);

/// What a subject may do, where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// How far below the province's key.
    pub rank: Rank,
    /// Number of the team; 0 for none.
    pub team: u32,
    /// Where.
    pub area: Area,
    /// What.
    pub rights: Rights,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
}

/// A text names no right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a right: collect, attest, publish or delegate")]
pub struct UnknownRight(pub String);

impl Rights {
    /// No right at all.
    pub const NONE: Self = Self(0);
    /// Gather the logs of learners.
    pub const COLLECT: Self = Self(1);
    /// Confirm what a learner can do.
    pub const ATTEST: Self = Self(2);
    /// Sign the catalogue of lessons.
    pub const PUBLISH: Self = Self(4);
    /// Issue credentials.
    pub const DELEGATE: Self = Self(8);
    /// Every right.
    pub const ALL: Self = Self(15);

    const NAMES: [(Self, &'static str); 4] = [
        (Self::COLLECT, "collect"),
        (Self::ATTEST, "attest"),
        (Self::PUBLISH, "publish"),
        (Self::DELEGATE, "delegate"),
    ];

    /// The rights of both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every right of `other` is among these.
    pub const fn contains(self, other: Self) -> bool {
        other.within(self)
    }

    /// Whether every one of these is a right of `other`.
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let (bits, max) = (reader.byte("rights")?, Self::ALL.0);
        if bits > max {
            let (found, max) = (bits.into(), max.into());
            return Err(Reader::fault(at, Fault::TooLarge { what: "sum of rights", found, max }));
        }
        Ok(Self(bits))
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Self::NAMES.iter().filter(|(right, _)| self.contains(*right));
        for (index, (_, name)) in names.enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{name}")?;
        }
        Ok(())
    }
}

impl FromStr for Rights {
    type Err = UnknownRight;

    /// Reads names with commas between them, in any order.
    fn from_str(text: &str) -> Result<Self, UnknownRight> {
        let mut rights = Self::NONE;
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let known = Self::NAMES.iter().find(|(_, name)| *name == word);
            rights = rights.with(known.ok_or_else(|| UnknownRight(word.to_owned()))?.0);
        }
        Ok(rights)
    }
}

impl Rank {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        match reader.byte("rank")? {
            0 => Ok(Self::Province),
            1 => Ok(Self::Commune),
            2 => Ok(Self::Team),
            3 => Ok(Self::Device),
            found => Err(Reader::fault(at, Fault::Unknown { what: "rank", found: found.into() })),
        }
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Province => "province",
            Self::Commune => "commune",
            Self::Team => "team",
            Self::Device => "device",
        })
    }
}

impl Terms {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend([self.rank as u8, self.rights.0]);
        put_varint(out, self.team.into());
        self.area.encode(out);
        put_varint(out, self.from.0.into());
        put_varint(out, self.until.0.into());
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let (rank, rights) = (Rank::read(reader)?, Rights::read(reader)?);
        let team = reader.varint("team", u32::MAX.into())? as u32;
        let area = Area::read(reader)?;
        Ok(Self { rank, team, area, rights, from: read_day(reader)?, until: read_day(reader)? })
    }
}

pub(super) fn read_day(reader: &mut Reader<'_>) -> Result<Day, DecodeError> {
    Ok(Day(reader.varint("day", DAY_MAX.into())? as u32))
}
