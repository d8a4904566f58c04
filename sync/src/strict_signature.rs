//! Stands in for `signature` in a browser, which checks the logs of its own device only, one by one.
//!
//! The equation is that without the cofactor. Every signature that it accepts the other accepts too, and no
//! honest device makes one that they judge differently.

use ed25519_dalek::{Signature, VerifyingKey};

use crate::id::DeviceId;
use crate::log::{HeadSignature, MESSAGE_BYTES};

pub(crate) fn verify(device: &DeviceId, message: &[u8; MESSAGE_BYTES], signature: &HeadSignature) -> bool {
    VerifyingKey::from_bytes(&device.0)
        .and_then(|key| key.verify_strict(message, &Signature::from_bytes(&signature.0)))
        .is_ok()
}
