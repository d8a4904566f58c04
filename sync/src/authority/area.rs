//! Where a right holds.

use crate::entry::COMMUNE_CODE_MAX;
use crate::id::CommuneCode;
use crate::wire::codec::{Fault, Reader, put_varint};

use super::FormatError;

/// Bound of the communes that an area lists: the province has 102.
pub const AREA_COMMUNES_MAX: usize = 128;

const EVERYWHERE: u8 = 0;
const COMMUNES: u8 = 1;

/// A part of the province.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Area {
    /// Every commune, also one founded later.
    Everywhere,
    /// These communes: sorted, each once, 1 to [`AREA_COMMUNES_MAX`]. [`Area::of`] makes it so.
    Communes(Vec<CommuneCode>),
}

impl Area {
    /// Takes communes in any order; `None` without any, with more than [`AREA_COMMUNES_MAX`], or with a code
    /// above [`COMMUNE_CODE_MAX`].
    pub fn of(mut communes: Vec<CommuneCode>) -> Option<Self> {
        communes.sort_unstable();
        communes.dedup();
        let fits = communes.len() <= AREA_COMMUNES_MAX && communes.last()?.0 <= COMMUNE_CODE_MAX;
        fits.then_some(Self::Communes(communes))
    }

    /// Whether a commune lies in it.
    pub fn covers(&self, commune: CommuneCode) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Communes(communes) => communes.binary_search(&commune).is_ok(),
        }
    }

    /// Whether all of `other` lies in it.
    pub fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Everywhere, _) => true,
            (Self::Communes(_), Self::Everywhere) => false,
            (Self::Communes(_), Self::Communes(communes)) => communes.iter().all(|commune| self.covers(*commune)),
        }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Everywhere => out.push(EVERYWHERE),
            Self::Communes(communes) => {
                out.push(COMMUNES);
                put_varint(out, communes.len() as u64);
                for commune in communes {
                    put_varint(out, commune.0.into());
                }
            }
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let at = reader.position();
        match reader.byte("area")? {
            EVERYWHERE => Ok(Self::Everywhere),
            COMMUNES => read_communes(reader).map(Self::Communes),
            found => Err(Reader::fault(at, Fault::Unknown { what: "area", found: found.into() }).into()),
        }
    }
}

fn read_communes(reader: &mut Reader<'_>) -> Result<Vec<CommuneCode>, FormatError> {
    let at = reader.position();
    let count = reader.varint("number of communes", AREA_COMMUNES_MAX as u64)?;
    if count == 0 {
        return Err(FormatError::Rule { at, rule: "an area lists at least one commune" });
    }
    let mut communes = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let at = reader.position();
        let commune = CommuneCode(reader.varint("commune", COMMUNE_CODE_MAX.into())? as u32);
        if communes.last().is_some_and(|last| *last >= commune) {
            return Err(FormatError::Rule { at, rule: "the communes of an area are sorted, each once" });
        }
        communes.push(commune);
    }
    Ok(communes)
}
