//! Credentials from the province's key down to one device, and what they add up to.

use thiserror::Error;

use crate::id::{CommuneCode, Day, DeviceId, ProvinceKey};
use crate::wire::codec::{Reader, put_varint};

use super::{Area, Credential, FormatError, Rank, Rights, Terms, too_long};

/// Bound of the links of a chain: one for each [`Rank`].
pub const CHAIN_MAX: usize = 4;
/// Bound of a chain's bytes: four links that each list every commune of the province take 1,800.
pub const CHAIN_BYTES_MAX: usize = 2048;

/// Credentials, of which the first is issued by the province and each further one by the subject before it.
/// Empty, it stands for the province's own key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chain(pub Vec<Credential>);

/// What a checked chain lets one device do. Looks at no list of revocations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who: the last subject.
    pub device: DeviceId,
    /// How far below the province's key.
    pub rank: Rank,
    /// Number of the team; 0 for none.
    pub team: u32,
    /// Where.
    pub area: Area,
    /// What.
    pub rights: Rights,
    /// The first day on which every link is valid.
    pub from: Day,
    /// The last day on which every link is valid.
    pub until: Day,
    /// Every subject of the chain, the device last: revoking any of them ends the grant.
    pub via: Vec<DeviceId>,
}

/// Why a chain grants nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChainError {
    /// It has no link.
    #[error("the chain is empty")]
    Empty,
    /// It has too many links.
    #[error("the chain has {0} links, and at most {CHAIN_MAX} are allowed")]
    TooManyLinks(usize),
    /// It is too long for a peer to accept.
    #[error("the chain takes {0} bytes, and at most {CHAIN_BYTES_MAX} are allowed")]
    TooManyBytes(usize),
    /// A link does not hold.
    #[error("link {link} of the chain {fault}")]
    Link {
        /// Counted from 1, the province's side first.
        link: usize,
        /// What is wrong with it.
        fault: LinkFault,
    },
    /// It speaks of another device.
    #[error("the chain speaks of device {0}, not of this one")]
    Subject(DeviceId),
    /// No day is within the validity of every link.
    #[error("the links of the chain are never valid on the same day")]
    NeverValid,
}

/// What can be wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LinkFault {
    /// The subject above it did not issue it; above the first link stands the province.
    #[error("is issued by {found}, and should be by {expected}")]
    Issuer {
        /// Who should have.
        expected: DeviceId,
        /// Who did.
        found: DeviceId,
    },
    /// Its issuer may not issue.
    #[error("is issued by a device that may not delegate")]
    Delegate,
    /// Its rank is not below the one above.
    #[error("gives the rank {found}, which is not below {above}")]
    Rank {
        /// The issuer's rank.
        above: Rank,
        /// The subject's rank.
        found: Rank,
    },
    /// It gives a right that the issuer lacks.
    #[error("gives the rights {found}, and the issuer has {above}")]
    Rights {
        /// The issuer's rights.
        above: Rights,
        /// The subject's rights.
        found: Rights,
    },
    /// It reaches beyond the issuer's area.
    #[error("reaches beyond the issuer's area")]
    Area,
    /// It leaves the issuer's team.
    #[error("is for team {found}, and the issuer is of team {above}")]
    Team {
        /// The issuer's team.
        above: u32,
        /// The subject's team.
        found: u32,
    },
    /// Its last day is before its first.
    #[error("ends on day {} before it begins on day {}", until.0, from.0)]
    Days {
        /// The first day.
        from: Day,
        /// The last day.
        until: Day,
    },
    /// The signature does not cover it.
    #[error("is not covered by its signature")]
    Signature,
}

impl Chain {
    /// Checks every link and adds them up. Looks neither at the time nor at revocations.
    ///
    /// # Errors
    /// [`ChainError`]; a fault of a link names it.
    pub fn grant(&self, province: &ProvinceKey, subject: DeviceId) -> Result<Grant, ChainError> {
        self.check_size()?;
        let leaf = self.0.last().ok_or(ChainError::Empty)?;
        if leaf.subject != subject {
            return Err(ChainError::Subject(leaf.subject));
        }
        self.check_links(province)?;
        let (from, until) = self.days().ok_or(ChainError::NeverValid)?;
        let Terms { rank, team, area, rights, .. } = leaf.terms.clone();
        let via = self.0.iter().map(|link| link.subject).collect();
        Ok(Grant { device: subject, rank, team, area, rights, from, until, via })
    }

    /// A short name of the chain, to tell whether a peer sent it before: the first bytes of BLAKE3.
    pub fn digest(&self) -> [u8; 8] {
        let mut bytes = Vec::new();
        self.encode(&mut bytes);
        let mut digest = [0; 8];
        digest.copy_from_slice(&blake3::hash(&bytes).as_bytes()[..8]);
        digest
    }

    /// Appends the bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.0.len() as u64);
        for link in &self.0 {
            link.encode(out);
        }
    }

    /// Reads a chain that takes all of `bytes`.
    ///
    /// # Errors
    /// [`FormatError`]. Whether the chain holds is for [`grant`](Self::grant).
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let chain = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(chain)
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let start = reader.position();
        let mut links = Vec::new();
        for _ in 0..reader.varint("number of links", CHAIN_MAX as u64)? {
            links.push(Credential::read(reader)?);
        }
        match reader.position() - start {
            ..=CHAIN_BYTES_MAX => Ok(Self(links)),
            found => Err(too_long(start, "length of a chain", found, CHAIN_BYTES_MAX)),
        }
    }

    fn check_size(&self) -> Result<(), ChainError> {
        if self.0.len() > CHAIN_MAX {
            return Err(ChainError::TooManyLinks(self.0.len()));
        }
        let mut bytes = Vec::new();
        self.encode(&mut bytes);
        if bytes.len() > CHAIN_BYTES_MAX { Err(ChainError::TooManyBytes(bytes.len())) } else { Ok(()) }
    }

    fn check_links(&self, province: &ProvinceKey) -> Result<(), ChainError> {
        let mut above = None;
        for (index, link) in self.0.iter().enumerate() {
            check_link(province, above, link).map_err(|fault| ChainError::Link { link: index + 1, fault })?;
            above = Some(link);
        }
        Ok(())
    }

    /// The first and last day on which every link is valid.
    fn days(&self) -> Option<(Day, Day)> {
        let from = self.0.iter().map(|link| link.terms.from).max()?;
        let until = self.0.iter().map(|link| link.terms.until).min()?;
        (from <= until).then_some((from, until))
    }
}

fn check_link(province: &ProvinceKey, above: Option<&Credential>, link: &Credential) -> Result<(), LinkFault> {
    let expected = above.map_or(DeviceId(province.0), |above| above.subject);
    if link.issuer != expected {
        return Err(LinkFault::Issuer { expected, found: link.issuer });
    }
    let Terms { from, until, .. } = link.terms;
    if until < from {
        return Err(LinkFault::Days { from, until });
    }
    above.map_or(Ok(()), |above| check_narrows(&above.terms, &link.terms))?;
    if link.is_signed() { Ok(()) } else { Err(LinkFault::Signature) }
}

/// Checks that terms give nothing that those above do not have. Days may reach further: the grant takes
/// what they share.
fn check_narrows(above: &Terms, terms: &Terms) -> Result<(), LinkFault> {
    if !above.rights.contains(Rights::DELEGATE) {
        return Err(LinkFault::Delegate);
    }
    if terms.rank <= above.rank {
        return Err(LinkFault::Rank { above: above.rank, found: terms.rank });
    }
    if !terms.rights.within(above.rights) {
        return Err(LinkFault::Rights { above: above.rights, found: terms.rights });
    }
    if !above.area.contains(&terms.area) {
        return Err(LinkFault::Area);
    }
    if above.team != 0 && terms.team != above.team {
        return Err(LinkFault::Team { above: above.team, found: terms.team });
    }
    Ok(())
}

impl Grant {
    /// Whether it holds on a day.
    pub fn valid_on(&self, day: Day) -> bool {
        (self.from..=self.until).contains(&day)
    }

    /// Whether it gives a right for a commune on a day.
    pub fn allows(&self, right: Rights, commune: CommuneCode, day: Day) -> bool {
        self.rights.contains(right) && self.area.covers(commune) && self.valid_on(day)
    }

    /// Whether it makes the device the province's own, for every commune.
    pub fn province_wide(&self) -> bool {
        self.rank == Rank::Province && self.area == Area::Everywhere
    }
}
