//! Many signatures checked as one sum.

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};

use super::Signed;
use crate::id::DeviceId;
use crate::log::{HeadSignature, MESSAGE_BYTES};

const FACTORS_CONTEXT: &str = "bdhv 2026-11 signature factors";

/// What one device is said to have signed.
pub(crate) type Claim = (DeviceId, [u8; MESSAGE_BYTES], HeadSignature);

/// Whether every claim is true. Says what [`verify`](super::verify) says of each, and costs less.
pub(crate) fn verify_all(claims: &[Claim]) -> bool {
    let read = claims.iter().map(|(device, message, signature)| Signed::read(device, message, signature));
    let Some(signed) = read.collect::<Option<Vec<_>>>() else { return false };
    let factors = factors(claims);
    let base: Scalar = signed.iter().zip(&factors).map(|(signed, factor)| signed.response * factor).sum();
    let challenges = signed.iter().zip(&factors).map(|(signed, factor)| signed.challenge * factor);
    let scalars = std::iter::once(-base).chain(challenges).chain(factors.iter().copied());
    let points = signed.iter().map(|signed| signed.key).chain(signed.iter().map(|signed| signed.nonce));
    let points = std::iter::once(ED25519_BASEPOINT_POINT).chain(points);
    EdwardsPoint::vartime_multiscalar_mul(scalars, points).mul_by_cofactor().is_identity()
}

/// A factor for each claim.
fn factors(claims: &[Claim]) -> Vec<Scalar> {
    let mut hasher = blake3::Hasher::new_derive_key(FACTORS_CONTEXT);
    for (device, message, signature) in claims {
        hasher.update(&device.0).update(message).update(&signature.0);
    }
    let mut random = hasher.finalize_xof();
    let mut factor = [0; 16];
    let mut next = || {
        random.fill(&mut factor);
        Scalar::from(u128::from_le_bytes(factor))
    };
    claims.iter().map(|_| next()).collect()
}
