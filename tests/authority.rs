//! The suite's province: its key, and what it signs.

use ed25519_dalek::SigningKey;
use sync::authority::{Area, Chain, Credential, Rank, Revocations, Revoked, Rights, Terms};
use sync::{CommuneCode, Day, DeviceId};

/// First and last day of what is issued unless a test says otherwise: whenever the suite runs.
const ALWAYS: (Day, Day) = (Day(0), Day(47_481));

/// Returns the province's key, the same in every test.
pub fn province() -> SigningKey {
    SigningKey::from_bytes(&[77; 32])
}

/// What a team's hub is allowed for every commune.
pub fn hub_terms() -> Terms {
    let rights = Rights::COLLECT.with(Rights::ATTEST);
    Terms { rank: Rank::Team, team: 1, area: Area::Everywhere, rights, from: ALWAYS.0, until: ALWAYS.1 }
}

/// What a team's hub is allowed for one commune.
///
/// # Panics
///
/// When the code is none that a record could bear.
pub fn hub_terms_in(commune: CommuneCode) -> Terms {
    Terms { area: Area::of(vec![commune]).expect("it is a commune's code"), ..hub_terms() }
}

/// What the province's own node is allowed.
pub fn province_terms() -> Terms {
    Terms { rank: Rank::Province, team: 0, ..hub_terms() }
}

/// Issues a credential to a device.
pub fn issue(device: DeviceId, terms: Terms) -> Chain {
    Chain(vec![Credential::issue(&province(), device, terms)])
}

/// Signs the province's first revocation list: nothing of these devices counts.
///
/// # Errors
///
/// When a device is named twice, or there are more than a list may have.
pub fn revoke(devices: &[DeviceId]) -> anyhow::Result<Revocations> {
    let revoked = devices.iter().map(|device| Revoked { device: *device, cuts: Vec::new() });
    Ok(Revocations::sign(&province(), 1, revoked.collect())?)
}
