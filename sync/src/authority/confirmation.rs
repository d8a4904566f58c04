//! What a learner shows to anybody: which courses a team has confirmed, checkable without a network.
//!
//! It is a [`Statement`] of a device with the right to attest in the learner's commune. A statement proves
//! itself against the province's key, so that whoever scans it needs no record and no connection. It is made
//! for the learner and goes nowhere else; the name in it, if the learner wants one, stands in no log.
//!
//! A log's entry is cut where its device was revoked, and what it said before stays. A confirmation stands
//! in no log, so nobody can tell whether it was made before: of a revoked device none is believed, and another
//! team makes a new one from the attestations, which stay.

use ed25519_dalek::SigningKey;

use super::{Area, Chain, FormatError, Purpose, Statement};
use crate::entry::COMMUNE_CODE_MAX;
use crate::id::{CommuneCode, Day, LearnerId};
use crate::wire::codec::{Fault, Reader, put_slice, put_varint};

/// Bound of the courses: a province has some dozens.
pub const CONFIRMED_COURSES_MAX: usize = 64;
/// Bound of the holder's name in bytes: long names have some fifty letters.
pub const HOLDER_BYTES_MAX: usize = 120;

/// What is confirmed of a learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Who.
    pub learner: LearnerId,
    /// Where the learner lives.
    pub commune: CommuneCode,
    /// Numbers of the courses whose skills the learner has shown, ascending, each once; at least one.
    pub courses: Vec<u16>,
    /// Version of the criteria of basic digital skills that the learner meets, as the signer found; 0 for none.
    pub criteria: u32,
    /// The name to be shown, as the learner gave it; may be empty.
    pub holder: String,
}

impl Confirmation {
    /// Signs it for a device.
    ///
    /// # Errors
    /// [`FormatError`] when there are no courses or too many, or the name is too long.
    pub fn sign(&self, secret: &SigningKey, day: Day, chain: Chain) -> Result<Statement, FormatError> {
        let mut payload = Vec::new();
        self.encode(&mut payload);
        Self::decode(&payload)?;
        Statement::sign(secret, Purpose::Confirmation, day, chain, payload)
    }

    /// Where its signer must have the right to attest.
    pub fn area(&self) -> Option<Area> {
        Area::of(vec![self.commune])
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.learner.0);
        put_varint(out, self.commune.0.into());
        put_varint(out, self.courses.len() as u64);
        for course in &self.courses {
            put_varint(out, (*course).into());
        }
        put_varint(out, self.criteria.into());
        put_slice(out, self.holder.as_bytes());
    }

    /// Reads the payload of a statement.
    ///
    /// # Errors
    /// [`FormatError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let learner = LearnerId(reader.array("learner")?);
        let commune = CommuneCode(reader.varint("commune", COMMUNE_CODE_MAX.into())? as u32);
        let at = reader.position();
        let count = reader.varint("courses", CONFIRMED_COURSES_MAX as u64)?;
        let mut courses: Vec<u16> = Vec::new();
        for _ in 0..count {
            let at = reader.position();
            let course = reader.varint("course", u16::MAX.into())? as u16;
            if courses.last().is_some_and(|last| *last >= course) {
                return Err(FormatError::Rule { at, rule: "courses are ascending, each once" });
            }
            courses.push(course);
        }
        if courses.is_empty() {
            return Err(FormatError::Rule { at, rule: "a confirmation names at least one course" });
        }
        let criteria = reader.varint("version of the criteria", u32::MAX.into())? as u32;
        let at = reader.position();
        let holder = reader.slice("name of the holder", HOLDER_BYTES_MAX)?;
        let holder = core::str::from_utf8(holder).map_err(|_| Reader::fault(at, Fault::Text("name of the holder")))?;
        if holder.chars().any(char::is_control) {
            return Err(FormatError::Rule { at, rule: "a name has no control characters" });
        }
        reader.finish()?;
        Ok(Self { learner, commune, courses, criteria, holder: holder.to_owned() })
    }
}

#[cfg(any(test, feature = "golden"))]
pub(crate) mod tests {
    use super::super::golden::*;
    use super::*;
    use crate::authority::{Revocations, Revoked, Rights, StatementError, Terms};

    fn confirmation() -> Confirmation {
        Confirmation {
            learner: LearnerId([0xaa; 16]),
            commune: LONG_XUYEN,
            courses: vec![1, 300],
            criteria: 1,
            holder: "Bà Sáu".to_owned(),
        }
    }

    fn signed() -> Statement {
        confirmation().sign(&secret(2), SINCE, chain()).unwrap()
    }

    fn believed(statement: &Statement) -> Result<(), StatementError> {
        statement.verify(Some(&province()), None, UNTIL)
    }

    #[cfg_attr(test, test)]
    pub(crate) fn a_confirmation_has_its_golden_bytes() {
        let parts: [&[u8]; 6] = [
            &[0xaa; 16],         // learner
            &[0xe3, 0xec, 0x01], // commune 30307
            &[2, 1, 0xac, 0x02], // courses 1 and 300
            &[1],                // version of the criteria
            &[8],                // length of the name
            "Bà Sáu".as_bytes(),
        ];
        assert_eq!(signed().payload, parts.concat());
        assert_eq!(Confirmation::decode(&parts.concat()), Ok(confirmation()));
        assert_eq!(believed(&signed()), Ok(()));
    }

    #[test]
    fn it_is_believed_of_who_may_attest_there_and_of_nobody_else() {
        let elsewhere = Confirmation { commune: CHAU_DOC, ..confirmation() };
        let statement = elsewhere.sign(&secret(2), SINCE, chain()).unwrap();
        assert!(matches!(believed(&statement), Err(StatementError::Area(_))), "{statement:?}");
        let collects = Terms { rights: Rights::COLLECT, ..team_terms() };
        let statement = confirmation().sign(&secret(2), SINCE, chain_of(&[commune_terms(), collects])).unwrap();
        assert!(matches!(believed(&statement), Err(StatementError::Right(_))));
        let late = confirmation().sign(&secret(2), Day(UNTIL.0 + 1), chain()).unwrap();
        assert!(matches!(late.verify(Some(&province()), None, Day(UNTIL.0 + 2)), Err(StatementError::Day { .. })));
        let revoked = vec![Revoked { device: device(2), cuts: Vec::new() }];
        let list = Revocations::sign(&secret(0), 1, revoked).unwrap();
        assert!(matches!(
            signed().verify(Some(&province()), Some(&list), UNTIL),
            Err(StatementError::Revoked(found)) if found == device(2)
        ));
        // A course is for everybody: who may attest may not publish.
        let course = Statement::sign(&secret(2), Purpose::CourseEdition, SINCE, chain(), signed().payload).unwrap();
        assert!(matches!(believed(&course), Err(StatementError::Right(_))));
    }

    #[test]
    fn what_is_out_of_order_is_refused() {
        let wrong = |change: fn(&mut Confirmation)| {
            let mut confirmation = confirmation();
            change(&mut confirmation);
            confirmation.sign(&secret(2), SINCE, chain()).unwrap_err().to_string()
        };
        assert!(wrong(|found| found.courses.clear()).contains("at least one course"));
        assert!(wrong(|found| found.courses = vec![2, 2]).contains("ascending"));
        assert!(wrong(|found| found.courses = (0..65).collect()).contains("courses"));
        assert!(wrong(|found| found.holder = "â".repeat(61)).contains("name of the holder"));
        assert!(wrong(|found| found.holder = "a\nb".to_owned()).contains("control"));
        let good = signed().payload;
        for end in 0..good.len() {
            assert!(Confirmation::decode(&good[..end]).is_err(), "cut at {end}");
        }
    }
}
