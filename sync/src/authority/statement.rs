//! What a publisher says to everybody, in a form that any node can check and pass on.
//!
//! A statement carries the publisher's whole chain, so that a node which never met the publisher can judge
//! it. It says on which day it was signed, and the chain must hold on *that* day: a course published under
//! a credential of one year is still a course when the year is over, also for a hub that starts then. A
//! publisher could write an earlier day than the true one, but none outside its own credential; whoever
//! must not be believed any more is revoked, and of the revoked no day is believed.

use ed25519_dalek::SigningKey;
use thiserror::Error;

use crate::id::{Day, DeviceId, ProvinceKey};
use crate::log::device_of;
use crate::wire::codec::{DecodeError, Fault, Reader, put_slice, put_varint};

use super::terms::read_day;
use super::{
    Area, CHAIN_BYTES_MAX, Chain, ChainError, Confirmation, FormatError, Grant, Revocations, Rights, VERSION,
    read_version, sign, too_long, verifies,
};

/// Bound of what a statement carries: a course of 64 lessons with a title and some pictures each takes half.
pub const PAYLOAD_BYTES_MAX: usize = 16 * 1024;
/// Bound of a statement's bytes: version, purpose, day, signer, the longest chain, length, payload, signature.
pub const STATEMENT_BYTES_MAX: usize = 1 + 1 + 3 + 32 + CHAIN_BYTES_MAX + 3 + PAYLOAD_BYTES_MAX + 64;
/// How far a publisher's clock may be ahead: a day begins in one place before it does in another.
const DAYS_AHEAD_MAX: u32 = 1;

const DOMAIN: &[u8] = b"bdhv/statement/1\0";

/// What a statement is about. Numbers are on the wire and never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// The payload is the manifest of an edition of a course.
    CourseEdition = 1,
    /// The payload is what a team confirms of a learner: a [`Confirmation`].
    Confirmation = 2,
}

/// A payload with a publisher's signature and everything that gives the publisher the right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What it is about.
    pub purpose: Purpose,
    /// When it was signed, as the signer says.
    pub day: Day,
    /// Who signed.
    pub signer: DeviceId,
    /// What gives the signer the right; empty if the signer is the province's own key.
    pub chain: Chain,
    /// What is said; at most [`PAYLOAD_BYTES_MAX`].
    pub payload: Vec<u8>,
    /// The signer's, over everything above.
    pub signature: [u8; 64],
}

/// Why a statement is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StatementError {
    /// Nobody can tell who may publish while the province's key is not known.
    #[error("the province's key is not known here, so nobody can tell who may publish")]
    NoProvince,
    /// Nobody signed it.
    #[error("it is not signed")]
    Unsigned,
    /// There is no chain, and the signer is not the province.
    #[error("it is signed by device {0}, which shows no credential")]
    NotProvince(DeviceId),
    /// The signer's chain does not hold.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// It was changed after it was signed.
    #[error("it is not covered by its signature")]
    Signature,
    /// The signer lacks the right: to publish a course, or to attest.
    #[error("its signer {0} may not say this: its credential lacks the right")]
    Right(DeviceId),
    /// The signer has the right, and not for all whom this concerns: a course is for every commune, a
    /// confirmation for one.
    #[error("its signer {0} may say this in some communes only, and it concerns others")]
    Area(DeviceId),
    /// What it says cannot be read.
    #[error("what it says cannot be read: {0}")]
    Payload(FormatError),
    /// Someone of the signer's chain lost the rights.
    #[error("its signer's right comes by way of device {0}, which was revoked")]
    Revoked(DeviceId),
    /// The signer's credentials were not valid when it signed.
    #[error("it was signed on day {}, and its signer's credentials hold from day {} to day {}", day.0, from.0, until.0)]
    Day {
        /// When it was signed.
        day: Day,
        /// The first day of the credentials.
        from: Day,
        /// The last day of the credentials.
        until: Day,
    },
    /// It was signed on a day to come.
    #[error("it was signed on day {}, and today is day {}", day.0, today.0)]
    Ahead {
        /// When it was signed.
        day: Day,
        /// The day it is here.
        today: Day,
    },
}

impl Statement {
    /// Signs a payload for a device. `chain` is that device's, or empty for the province's own key.
    ///
    /// # Errors
    /// [`FormatError`] when the payload is longer than [`PAYLOAD_BYTES_MAX`].
    pub fn sign(
        secret: &SigningKey,
        purpose: Purpose,
        day: Day,
        chain: Chain,
        payload: Vec<u8>,
    ) -> Result<Self, FormatError> {
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(too_long(0, "length of the payload", payload.len(), PAYLOAD_BYTES_MAX));
        }
        let mut statement = Self { purpose, day, signer: device_of(secret), chain, payload, signature: [0; 64] };
        statement.signature = sign(secret, DOMAIN, &statement.body());
        Ok(statement)
    }

    /// Checks that it may be believed when it comes: everything that [`holds`](Self::holds) checks, that
    /// nobody of the signer's chain was revoked, and that it is not of a day after `today`.
    ///
    /// # Errors
    /// [`StatementError`].
    pub fn verify(
        &self,
        province: Option<&ProvinceKey>,
        revocations: Option<&Revocations>,
        today: Day,
    ) -> Result<(), StatementError> {
        self.holds(province.ok_or(StatementError::NoProvince)?)?;
        if let Some(revoked) = self.revoked(revocations) {
            return Err(StatementError::Revoked(revoked));
        }
        if self.day.0 > today.0.saturating_add(DAYS_AHEAD_MAX) {
            return Err(StatementError::Ahead { day: self.day, today });
        }
        Ok(())
    }

    /// Checks what never changes: the signature, and that the chain gave the right on the day of signing.
    ///
    /// # Errors
    /// [`StatementError`].
    pub fn holds(&self, province: &ProvinceKey) -> Result<(), StatementError> {
        if self.signature == [0; 64] {
            return Err(StatementError::Unsigned);
        }
        let grant = self.grant(province)?;
        if !verifies(&self.signer.0, DOMAIN, &self.body(), &self.signature) {
            return Err(StatementError::Signature);
        }
        grant.map_or(Ok(()), |grant| self.allowed(&grant))
    }

    /// What it confirms, if that is what it is about.
    ///
    /// # Errors
    /// [`StatementError::Payload`].
    pub fn confirmed(&self) -> Result<Confirmation, StatementError> {
        Confirmation::decode(&self.payload).map_err(StatementError::Payload)
    }

    /// The first device of the signer's chain that was revoked.
    pub fn revoked(&self, revocations: Option<&Revocations>) -> Option<DeviceId> {
        let listed = |device: &DeviceId| revocations.is_some_and(|list| list.lists(*device));
        self.chain.0.iter().map(|link| link.subject).chain([self.signer]).find(listed)
    }

    /// What the chain grants; `None` for the province's own key.
    fn grant(&self, province: &ProvinceKey) -> Result<Option<Grant>, StatementError> {
        if !self.chain.0.is_empty() {
            return Ok(Some(self.chain.grant(province, self.signer)?));
        }
        if self.signer.0 == province.0 { Ok(None) } else { Err(StatementError::NotProvince(self.signer)) }
    }

    fn allowed(&self, grant: &Grant) -> Result<(), StatementError> {
        let Grant { device, from, until, .. } = *grant;
        let (right, area) = match self.purpose {
            Purpose::CourseEdition => (Rights::PUBLISH, Some(Area::Everywhere)),
            Purpose::Confirmation => (Rights::ATTEST, self.confirmed()?.area()),
        };
        if !grant.rights.contains(right) {
            return Err(StatementError::Right(device));
        }
        if !area.is_some_and(|area| grant.area.contains(&area)) {
            return Err(StatementError::Area(device));
        }
        if grant.valid_on(self.day) { Ok(()) } else { Err(StatementError::Day { day: self.day, from, until }) }
    }

    /// Appends the bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.body());
        out.extend(self.signature);
    }

    /// Reads a statement that takes all of `bytes`.
    ///
    /// # Errors
    /// [`FormatError`]. Whether it may be believed is for [`verify`](Self::verify).
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        if bytes.len() > STATEMENT_BYTES_MAX {
            return Err(too_long(0, "length of a statement", bytes.len(), STATEMENT_BYTES_MAX));
        }
        let mut reader = Reader::new(bytes);
        read_version(&mut reader)?;
        let statement = Self {
            purpose: Purpose::read(&mut reader)?,
            day: read_day(&mut reader)?,
            signer: DeviceId(reader.array("signer")?),
            chain: Chain::read(&mut reader)?,
            payload: reader.slice("payload", PAYLOAD_BYTES_MAX)?.to_vec(),
            signature: reader.array("signature")?,
        };
        reader.finish()?;
        Ok(statement)
    }

    fn body(&self) -> Vec<u8> {
        let mut out = vec![VERSION, self.purpose as u8];
        put_varint(&mut out, self.day.0.into());
        out.extend(self.signer.0);
        self.chain.encode(&mut out);
        put_slice(&mut out, &self.payload);
        out
    }
}

impl Purpose {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        match reader.byte("purpose")? {
            1 => Ok(Self::CourseEdition),
            2 => Ok(Self::Confirmation),
            found => Err(Reader::fault(at, Fault::Unknown { what: "purpose", found: found.into() })),
        }
    }
}

#[cfg(any(test, feature = "golden"))]
pub(crate) mod tests {
    use super::super::golden::*;
    use super::*;
    use crate::authority::{Rank, Revoked, Terms};
    use crate::id::CommuneCode;

    fn office_terms() -> Terms {
        let rights = Rights::PUBLISH.with(Rights::DELEGATE);
        Terms { rank: Rank::Province, area: Area::Everywhere, rights, ..commune_terms() }
    }

    fn author_terms() -> Terms {
        Terms { rank: Rank::Team, rights: Rights::PUBLISH, ..office_terms() }
    }

    fn signed(signer: u8, day: Day, chain: Chain) -> Statement {
        Statement::sign(&secret(signer), Purpose::CourseEdition, day, chain, b"course".to_vec()).unwrap()
    }

    /// By the second device of a chain of these terms.
    fn by(terms: &[Terms; 2], day: Day) -> Statement {
        signed(2, day, chain_of(terms))
    }

    fn statement() -> Statement {
        by(&[office_terms(), author_terms()], SINCE)
    }

    fn bytes(statement: &Statement) -> Vec<u8> {
        let mut out = Vec::new();
        statement.encode(&mut out);
        out
    }

    fn why(statement: &Statement) -> Result<(), String> {
        statement.verify(Some(&province()), None, UNTIL).map_err(|error| error.to_string())
    }

    #[cfg_attr(test, test)]
    pub(crate) fn a_statement_has_its_golden_bytes() {
        let statement = statement();
        let mut chain = Vec::new();
        statement.chain.encode(&mut chain);
        let parts: [&[u8]; 7] = [
            &[1, 1],             // version, purpose
            &[0xab, 0xa2, 0x01], // day 20779
            &device(2).0,        // signer
            &chain,
            &[6], // length of the payload
            b"course",
            &statement.signature,
        ];
        assert_eq!(bytes(&statement), parts.concat());
        assert_eq!(blake3::hash(&bytes(&statement)).to_hex().as_str(), GOLDEN_HASH);
        assert_eq!(Statement::decode(&bytes(&statement)), Ok(statement));
    }

    const GOLDEN_HASH: &str = "b01d3df841f4a4f9129805e6a06d93d139852eeb9c61180bf608f7275997b685";

    #[test]
    fn a_publisher_is_believed_and_so_is_the_province_itself() {
        assert_eq!(why(&statement()), Ok(()));
        assert_eq!(why(&signed(0, SINCE, Chain::default())), Ok(()));
        // The credentials are over; what was published under them is not.
        let later = Day(UNTIL.0 + 1000);
        assert_eq!(statement().verify(Some(&province()), None, later), Ok(()));
    }

    #[test]
    fn each_refusal_says_why() {
        let attests = Terms { rights: Rights::ATTEST, ..author_terms() };
        let all = Terms { rights: Rights::ALL, ..office_terms() };
        let local = Terms { area: Area::of(vec![CommuneCode(30_307)]).unwrap(), ..author_terms() };
        let cases = [
            (Statement { signature: [0; 64], ..statement() }, "not signed"),
            (signed(1, SINCE, Chain::default()), "shows no credential"),
            (signed(3, SINCE, chain_of(&[office_terms(), author_terms()])), "speaks of device"),
            (by(&[all, attests], SINCE), "lacks the right"),
            (by(&[office_terms(), local], SINCE), "some communes only"),
            (by(&[office_terms(), author_terms()], Day(SINCE.0 - 1)), "signed on day 20778"),
            (by(&[office_terms(), author_terms()], Day(UNTIL.0 + 1)), "signed on day 21144"),
            (Statement { payload: b"coarse".to_vec(), ..statement() }, "not covered by its signature"),
            (Statement { day: Day(SINCE.0 + 1), ..statement() }, "not covered by its signature"),
        ];
        for (statement, expected) in cases {
            let why = why(&statement).unwrap_err();
            assert!(why.contains(expected), "{why}: {expected}");
        }
        assert_eq!(statement().verify(None, None, UNTIL), Err(StatementError::NoProvince));
        let (day, today) = (SINCE, Day(SINCE.0 - 2));
        assert_eq!(statement().verify(Some(&province()), None, today), Err(StatementError::Ahead { day, today }));
    }

    #[test]
    fn revoking_any_device_of_the_chain_ends_belief_and_not_validity() {
        for revoked in [1, 2] {
            let listed = Revoked { device: device(revoked), cuts: Vec::new() };
            let list = Revocations::sign(&secret(0), 1, vec![listed]).unwrap();
            let why = statement().verify(Some(&province()), Some(&list), UNTIL);
            assert_eq!(why, Err(StatementError::Revoked(device(revoked))));
            assert_eq!(statement().holds(&province()), Ok(()));
        }
    }

    #[test]
    fn a_changed_bit_anywhere_is_refused() {
        let bytes = bytes(&statement());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let refused = Statement::decode(&changed).map_or(true, |changed| changed.holds(&province()).is_err());
            assert!(refused, "byte {at}");
        }
    }

    #[test]
    fn a_statement_cut_or_longer_than_any_is_refused() {
        let whole = bytes(&statement());
        for cut in 0..whole.len() {
            assert!(Statement::decode(&whole[..cut]).is_err(), "cut at {cut}");
        }
        assert!(Statement::decode(&[&whole[..], &[0]].concat()).is_err());
        let long = vec![0; PAYLOAD_BYTES_MAX + 1];
        assert!(Statement::sign(&secret(0), Purpose::CourseEdition, SINCE, Chain::default(), long).is_err());
        let error = Statement::decode(&vec![0; STATEMENT_BYTES_MAX + 1]).unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "byte 0: length of a statement is {}, and at most {STATEMENT_BYTES_MAX} is allowed",
                STATEMENT_BYTES_MAX + 1
            )
        );
        let error = Statement::decode(&[1, 9]).unwrap_err().to_string();
        assert_eq!(error, "byte 1: purpose 9 is not known here");
    }
}
