//! Who the peer is, and what it may ask for and bring.

use super::{Config, End, Notice, OWN_WITHDRAWALS_MAX, Query, Rejection, Session, Standing, Trust};
use crate::authority::{Area, Chain, Grant, Rights};
use crate::id::Minutes;
use crate::log::Fork;
use crate::wire::frame::{Frame, Offer, Presented, RefuseReason, Role, Scope};

impl Session {
    /// This node's credential chain, short where the peer has seen it.
    pub(super) fn presented(&self) -> Presented {
        match self.shown() {
            None => Presented::Nothing,
            Some(digest) if self.contact.shown == Some(digest) => Presented::Known(digest),
            Some(_) => Presented::Chain(self.standing.chain.clone()),
        }
    }

    /// What names the chain that the peer has seen of this node, once the session has begun.
    pub(super) fn shown(&self) -> Option<[u8; 8]> {
        (!self.standing.chain.is_empty()).then(|| chain_digest(&self.standing.chain))
    }

    /// Both have greeted: sends the newer revocation list, or waits for it, and then judges the peer.
    pub(super) fn meet(&mut self, now: Minutes) -> Result<(), End> {
        let Some(peer) = &self.peer else { return Ok(()) };
        let (ours, theirs) = (self.standing.epoch(), peer.epoch);
        if let (Some(before), true) = (self.contact.epoch, self.contact.epoch > theirs) {
            self.notice(Notice::RolledBack { shown: theirs, before });
        }
        if theirs > ours && self.standing.province.is_some() {
            self.trust = Trust::AwaitsRevocations;
            return Ok(());
        }
        self.tell_revocations();
        self.judge(now)
    }

    /// Sends the revocation list to a peer that has an older one.
    fn tell_revocations(&mut self) {
        let Some(peer) = &mut self.peer else { return };
        if let Some(revocations) = self.standing.revocations.clone()
            && Some(revocations.epoch) > peer.epoch
        {
            peer.epoch = Some(revocations.epoch);
            let mut bytes = Vec::new();
            revocations.encode(&mut bytes);
            self.send(&Frame::Revocations(bytes));
        }
    }

    /// What this node goes by has changed, by this peer's list or another's.
    pub(super) fn stands(&mut self, standing: Standing, now: Minutes) -> Result<(), End> {
        self.standing = standing;
        self.trust = Trust::Open;
        self.tell_revocations();
        self.judge(now)
    }

    /// Decides what the peer may do, and ends the session if that is less than it asks for.
    fn judge(&mut self, now: Minutes) -> Result<(), End> {
        let Some((scope, epoch)) = self.peer.as_ref().map(|peer| (peer.scope.clone(), peer.epoch)) else {
            return Ok(());
        };
        let chain = self.peer_chain()?;
        self.grant = self.granted(&chain, now)?;
        // A phone tells anybody only of its own log.
        if self.config.role != Role::Phone {
            self.may_ask(&scope)?;
        }
        if (&self.contact.chain, self.contact.epoch) != (&chain, self.contact.epoch.max(epoch)) {
            self.contact.epoch = self.contact.epoch.max(epoch);
            self.contact.chain.clone_from(&chain);
            self.ask(Query::Meet { peer: self.config.peer, chain, epoch: self.contact.epoch });
        }
        self.trust = Trust::Judged;
        self.credit_cursor();
        self.sending.stale = true;
        self.scan();
        Ok(())
    }

    /// Makes up, once, for acknowledgements that were lost: what the peer's cursor has passed, it holds.
    fn credit_cursor(&mut self) {
        if let (true, Some(cursor), Some(peer)) = (self.config.upstream, self.sending.credited.take(), &self.peer) {
            let query = Query::CreditTo {
                peer: self.config.peer,
                position: cursor.position,
                scope: peer.scope.clone(),
                delivered: self.speaks_for_province(),
            };
            self.ask(query);
        }
    }

    /// The chain that the peer shows, or showed before.
    fn peer_chain(&self) -> Result<Vec<u8>, End> {
        match self.peer.as_ref().map(|peer| &peer.credential) {
            None | Some(Presented::Nothing) => Ok(Vec::new()),
            Some(Presented::Chain(chain)) => Ok(chain.clone()),
            Some(Presented::Known(digest)) if chain_digest(&self.contact.chain) == *digest => {
                Ok(self.contact.chain.clone())
            }
            Some(Presented::Known(_)) => Err(untrusted("show the whole credential again: it is not known here")),
        }
    }

    /// What the peer's chain grants today. A phone talks to any hub whose credential was not revoked: it
    /// brings only its own log.
    fn granted(&self, chain: &[u8], now: Minutes) -> Result<Option<Grant>, End> {
        let Config { peer, role, .. } = self.config;
        let Some(province) = &self.standing.province else { return Ok(None) };
        if chain.is_empty() {
            return Ok(None);
        }
        let grant = Chain::decode(chain).map_err(|error| untrusted(&error.to_string()))?.grant(province, peer);
        let grant = match grant {
            Ok(grant) if grant.valid_on(now.day()) => grant,
            Ok(_) | Err(_) if role == Role::Phone => return Ok(None),
            Ok(grant) => {
                return Err(untrusted(&format!(
                    "the credential is valid from day {} to day {}, and today is day {}",
                    grant.from.0,
                    grant.until.0,
                    now.day().0
                )));
            }
            Err(error) => return Err(untrusted(&error.to_string())),
        };
        match self.standing.revocations.as_ref().and_then(|revocations| revocations.revokes(&grant)) {
            Some(device) => Err(untrusted(&format!("the credential of {device} was revoked"))),
            None => Ok(Some(grant)),
        }
    }

    /// Whether the peer may have what it asks for.
    fn may_ask(&self, scope: &Scope) -> Result<(), End> {
        let wanted = match scope {
            Scope::Own => return Ok(()),
            Scope::All => Area::Everywhere,
            Scope::Communes(communes) => match Area::of(communes.clone()) {
                Some(area) => area,
                None => return Ok(()),
            },
        };
        let why = match &self.grant {
            Some(grant) if grant.rights.contains(Rights::COLLECT) && grant.area.contains(&wanted) => return Ok(()),
            Some(grant) if !grant.rights.contains(Rights::COLLECT) => "its credential lacks the right to collect",
            Some(_) => "its credential does not cover every commune that it asks for",
            None if self.standing.province.is_none() => "this node is not enrolled, and so can check no credential",
            None => "it shows no credential",
        };
        Err(End::Untrusted(RefuseReason::Scope, format!("the peer asks for communes, and {why}")))
    }

    /// Whether the peer may bring these logs: its own, this device's own, or any if it may collect.
    pub(super) fn may_offer(&self, offers: &[Offer]) -> Result<(), End> {
        let Config { device, peer, .. } = self.config;
        let stranger = offers.iter().find(|offer| ![device, peer].contains(&offer.log.device));
        match stranger {
            Some(offer) if !self.collects() => Err(End::Untrusted(
                RefuseReason::Scope,
                format!("the peer brings log {}, which is not its own, without the right to collect", offer.log),
            )),
            _ => Ok(()),
        }
    }

    /// The peer proves that a log forked, one that it may bring.
    pub(super) fn forked(&mut self, fork: Fork) -> Result<(), End> {
        self.may_offer(&[Offer { log: fork.log, length: fork.common.length, chain: [0; 8] }])?;
        self.ask(Query::Forked(fork));
        Ok(())
    }

    fn collects(&self) -> bool {
        self.grant.as_ref().is_some_and(|grant| grant.rights.contains(Rights::COLLECT))
    }

    /// Whether what the peer acknowledges has arrived at the province.
    pub(super) fn speaks_for_province(&self) -> bool {
        self.grant.as_ref().is_some_and(Grant::province_wide)
    }

    /// Whether the peer's word for what the province has is taken.
    pub(super) fn relays_receipts(&self) -> bool {
        self.collects()
    }

    /// Whether the peer was judged, so that it may be told things.
    pub(super) fn is_judged(&self) -> bool {
        self.trust == Trust::Judged
    }

    pub(super) fn withheld() -> End {
        untrusted("the peer showed a newer revocation list and does not send it")
    }

    /// The peer brings withdrawals. One without the right to collect can only speak for its own learners.
    pub(super) fn withdrawn(&mut self, withdrawals: Vec<Vec<u8>>, now: Minutes) -> Result<(), End> {
        self.receiving.withdrawals += withdrawals.len();
        if !self.collects() && self.receiving.withdrawals > OWN_WITHDRAWALS_MAX {
            return Err(self.out_of_turn("more withdrawals than a device has learners"));
        }
        self.ask(Query::Withdraw { withdrawals, now });
        Ok(())
    }

    /// The store has erased what was withdrawn, or refused it.
    pub(super) fn withdrew(&mut self, results: Vec<Result<(), Rejection>>) -> Result<(), End> {
        for rejection in results.into_iter().filter_map(Result::err) {
            if !rejection.is_forgivable() {
                return Err(End::Rejection(rejection));
            }
            self.notice(Notice::Rejected(rejection));
        }
        Ok(())
    }
}

/// The first bytes of the hash of an encoded chain.
fn chain_digest(chain: &[u8]) -> [u8; 8] {
    let mut digest = [0; 8];
    digest.copy_from_slice(&blake3::hash(chain).as_bytes()[..8]);
    digest
}

fn untrusted(why: &str) -> End {
    End::Untrusted(RefuseReason::Credential, why.to_owned())
}
