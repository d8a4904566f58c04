//! The request to erase a learner, in a form that any node can check and pass on.

use ed25519_dalek::SigningKey;
use thiserror::Error;

use crate::id::{Day, DeviceId, LearnerId, LearnerSecret, ProvinceKey};
use crate::log::device_of;
use crate::wire::codec::{Fault, Reader, put_varint};

use super::terms::read_day;
use super::{Area, CHAIN_BYTES_MAX, Chain, ChainError, FormatError, Grant, Rights, sign, too_long, verifies};

/// Bound of a withdrawal's bytes: kind, learner, day, signer, the longest chain, signature.
pub const WITHDRAWAL_BYTES_MAX: usize = 1 + 16 + 3 + 32 + CHAIN_BYTES_MAX + 64;

const DOMAIN: &[u8] = b"bdhv/withdrawal/1\0";
const BY_LEARNER: u8 = 0;
const BY_DEVICE: u8 = 1;

/// A learner takes part no more, and everything about them is erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withdrawal {
    /// Whoever shows the secret is the learner.
    ByLearner {
        /// What the learner's id locks.
        secret: LearnerSecret,
    },
    /// A team or the province withdraws for a learner who lost the device.
    ByDevice {
        /// Who is withdrawn.
        learner: LearnerId,
        /// When it was signed.
        day: Day,
        /// Who signed.
        signer: DeviceId,
        /// What gives the signer the right; empty if the signer is the province's own key.
        chain: Chain,
        /// The signer's, over learner and day.
        signature: [u8; 64],
    },
}

/// Where a withdrawal has force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// It erases a learner of these communes.
    pub area: Area,
    /// What the signer's chain says, to be asked of the revocations; `None` if it needs no chain.
    pub grant: Option<Grant>,
}

/// Why a withdrawal has no force here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WithdrawalError {
    /// Nobody can tell who may sign while the province's key is not known.
    #[error("the withdrawal is signed by a device, and the province's key is not known here")]
    NoProvince,
    /// There is no chain, and the signer is not the province.
    #[error("the withdrawal is signed by device {0}, which shows no credential")]
    NotProvince(DeviceId),
    /// The signer's chain does not hold.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The signer may not attest, and so not withdraw.
    #[error("the signer of the withdrawal may not attest")]
    Right,
    /// The signer's credentials are not valid on the day of signing.
    #[error("the signer's credentials are not valid on day {}", .0.0)]
    Day(Day),
    /// The signature does not cover it.
    #[error("the withdrawal is not covered by its signature")]
    Signature,
}

impl Withdrawal {
    /// Signs for a device. `chain` is that device's, or empty for the province's own key.
    pub fn sign(secret: &SigningKey, learner: LearnerId, day: Day, chain: Chain) -> Self {
        let signature = sign(secret, DOMAIN, &message(&learner, day));
        Self::ByDevice { learner, day, signer: device_of(secret), chain, signature }
    }

    /// Who is withdrawn.
    pub fn learner(&self) -> LearnerId {
        match self {
            Self::ByLearner { secret } => secret.id(),
            Self::ByDevice { learner, .. } => *learner,
        }
    }

    /// Checks it and says where it has force. Looks neither at the time nor at revocations.
    ///
    /// # Errors
    /// [`WithdrawalError`].
    pub fn reach(&self, province: Option<&ProvinceKey>) -> Result<Reach, WithdrawalError> {
        let Self::ByDevice { learner, day, signer, chain, signature } = self else {
            return Ok(Reach { area: Area::Everywhere, grant: None });
        };
        let reach = reach_of(chain, province.ok_or(WithdrawalError::NoProvince)?, *signer, *day)?;
        let signed = verifies(&signer.0, DOMAIN, &message(learner, *day), signature);
        if signed { Ok(reach) } else { Err(WithdrawalError::Signature) }
    }

    /// Appends the bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::ByLearner { secret } => {
                out.push(BY_LEARNER);
                out.extend(secret.0);
            }
            Self::ByDevice { learner, day, signer, chain, signature } => {
                out.push(BY_DEVICE);
                out.extend(learner.0);
                put_varint(out, day.0.into());
                out.extend(signer.0);
                chain.encode(out);
                out.extend(signature);
            }
        }
    }

    /// Reads a withdrawal that takes all of `bytes`.
    ///
    /// # Errors
    /// [`FormatError`]. Whether it has force is for [`reach`](Self::reach).
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        if bytes.len() > WITHDRAWAL_BYTES_MAX {
            return Err(too_long(0, "length of a withdrawal", bytes.len(), WITHDRAWAL_BYTES_MAX));
        }
        let mut reader = Reader::new(bytes);
        let withdrawal = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(withdrawal)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let at = reader.position();
        match reader.byte("kind of withdrawal")? {
            BY_LEARNER => Ok(Self::ByLearner { secret: LearnerSecret(reader.array("secret")?) }),
            BY_DEVICE => Ok(Self::ByDevice {
                learner: LearnerId(reader.array("learner")?),
                day: read_day(reader)?,
                signer: DeviceId(reader.array("signer")?),
                chain: Chain::read(reader)?,
                signature: reader.array("signature")?,
            }),
            found => Err(Reader::fault(at, Fault::Unknown { what: "kind of withdrawal", found: found.into() }).into()),
        }
    }
}

/// What is signed after the domain.
fn message(learner: &LearnerId, day: Day) -> [u8; 20] {
    let mut message = [0; 20];
    message[..16].copy_from_slice(&learner.0);
    message[16..].copy_from_slice(&day.0.to_le_bytes());
    message
}

/// Where a signer may withdraw, by its chain or as the province itself.
fn reach_of(chain: &Chain, province: &ProvinceKey, signer: DeviceId, day: Day) -> Result<Reach, WithdrawalError> {
    if chain.0.is_empty() {
        let own = Reach { area: Area::Everywhere, grant: None };
        return if signer.0 == province.0 { Ok(own) } else { Err(WithdrawalError::NotProvince(signer)) };
    }
    let grant = chain.grant(province, signer)?;
    if !grant.rights.contains(Rights::ATTEST) {
        return Err(WithdrawalError::Right);
    }
    if !grant.valid_on(day) {
        return Err(WithdrawalError::Day(day));
    }
    Ok(Reach { area: grant.area.clone(), grant: Some(grant) })
}
