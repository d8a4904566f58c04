//! What a command asks of a node's store, and what it is told: one line of JSON each, the same whether a
//! process runs the node or not.
//!
//! ```text
//! {"order":"device"}                                         {"report":"device","device":"64 hex"}
//! {"order":"install","text":"bdhvc1…"}                       {"report":"done"}
//! {"order":"attest","learner":"32 hex","course":1}           {"report":"done"}
//! {"order":"confirm","learner":"32 hex","holder":"Bà Sáu"}   {"report":"confirmation","text":"bdhvs1…"}
//! {"order":"badge","learner":"32 hex","holder":""}            {"report":"badge","badge":{…}}
//! {"order":"withdraw","learner":"32 hex"}                    {"report":"done"}
//! {"order":"learners","commune":30307}                       {"report":"learners","learners":[…],"forks":[…]}
//! {"order":"cuts","device":"64 hex"}                         {"report":"cuts","revoked":[…]}
//! {"order":"publish","staged":"64 hex"}                      {"report":"done"}
//!                                                            {"report":"refused","why":"…"}
//! ```

use std::path::Path;

use content::pack::{Catalogue, HashError};
use data_encoding::HEXLOWER as HEX;
use serde::{Deserialize, Serialize};
use sync::authority::{Chain, Cut, Revocations, Revoked, TextError};
use sync::replica::{Replica, RequestError, now};
use sync::session::{Answer, Query, Standing};
use sync::store::{CountedLearner, Request, Response, Store};
use sync::{DeviceId, LearnerId, ProvinceKey};

use crate::badge::Badges;
use crate::confirmation;
use crate::criteria::JUDGE;
use crate::fault::{Fault, Kind};
use crate::packs::Library;

/// What is asked of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub(crate) enum Order {
    /// Whose store is it?
    Device,
    /// Takes a credential or a revocation list.
    Install {
        /// As text.
        text: String,
    },
    /// Confirms a learner in a course.
    Attest {
        /// Who.
        learner: String,
        /// Number of the course.
        course: u16,
    },
    /// Signs for a learner to show what was attested.
    Confirm {
        /// Who.
        learner: String,
        /// The name to stand in it; may be empty.
        holder: String,
    },
    /// Signs the same as an Open Badges credential.
    Badge {
        /// Who.
        learner: String,
        /// The name to stand in it; may be empty.
        holder: String,
    },
    /// Withdraws a learner.
    Withdraw {
        /// Who.
        learner: String,
    },
    /// Lists learners.
    Learners {
        /// Only those of this commune.
        commune: Option<u32>,
    },
    /// Finds where the logs of a device stand.
    Cuts {
        /// Whose.
        device: String,
    },
    /// Shows an edition of a course that a command laid down beside the store.
    Publish {
        /// Under which name.
        staged: String,
    },
}

/// What the store says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub(crate) enum Report {
    /// To [`Order::Device`].
    Device {
        /// Its id.
        device: String,
    },
    /// It was done.
    Done,
    /// To [`Order::Confirm`].
    Confirmation {
        /// The statement, as text.
        text: String,
    },
    /// To [`Order::Badge`].
    Badge {
        /// The credential.
        badge: serde_json::Value,
    },
    /// To [`Order::Learners`].
    Learners {
        /// By ascending id.
        learners: Vec<LearnerLine>,
        /// Logs that forked.
        forks: Vec<ForkLine>,
    },
    /// To [`Order::Cuts`].
    Cuts {
        /// The device, and those whose credential runs through it.
        revoked: Vec<RevokedLine>,
    },
    /// It was not done.
    Refused {
        /// Why.
        why: String,
    },
}

/// A learner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LearnerLine {
    /// Who.
    pub(crate) id: String,
    /// Official code.
    pub(crate) commune: u32,
    /// How many lessons are finished.
    pub(crate) lessons: usize,
    /// Courses in which the learner was confirmed.
    pub(crate) confirmed: Vec<u16>,
}

/// A log whose device signed two histories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ForkLine {
    /// Whose log.
    pub(crate) device: String,
    /// Which one.
    pub(crate) incarnation: u32,
}

/// A device to revoke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RevokedLine {
    device: String,
    cuts: Vec<CutLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct CutLine {
    incarnation: u32,
    length: u64,
    chain: String,
}

/// Something of the province's, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Paper {
    /// A credential with everything above it.
    Chain(Chain),
    /// A list of revocations.
    Revocations(Revocations),
}

impl Paper {
    /// Reads either by how it begins.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the text.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text.trim_start().starts_with("bdhvr") {
            text.parse().map(Self::Revocations).map_err(|error| error.to_string())
        } else {
            text.parse().map(Self::Chain).map_err(|error| error.to_string())
        }
    }

    fn request(&self) -> Request {
        let mut bytes = Vec::new();
        match self {
            Self::Chain(chain) => {
                chain.encode(&mut bytes);
                Request::Enrol { chain: bytes, now: now() }
            }
            Self::Revocations(list) => {
                list.encode(&mut bytes);
                Request::Session(Query::Revoke { revocations: bytes, now: now() })
            }
        }
    }
}

impl Order {
    /// Asks a store that no other process has.
    pub(crate) fn ask(&self, store: &Store) -> Report {
        match self.requests() {
            Ok(requests) => self.report(store.device(), store.execute(&requests)),
            Err(why) => Report::Refused { why },
        }
    }

    /// Asks the store of a running node.
    ///
    /// # Errors
    ///
    /// When the store is closed.
    pub(crate) async fn ask_live(&self, replica: &Replica) -> Result<Report, RequestError> {
        let requests = match self.requests() {
            Ok(requests) => requests,
            Err(why) => return Ok(Report::Refused { why }),
        };
        let mut responses = Vec::new();
        for request in requests {
            match replica.request(request).await {
                Ok(response) => responses.push(response),
                Err(RequestError::Failed(why)) => return Ok(Report::Refused { why }),
                Err(error) => return Err(error),
            }
        }
        Ok(self.report(replica.device(), responses))
    }

    fn requests(&self) -> Result<Vec<Request>, String> {
        let now = now();
        Ok(match self {
            Self::Device => Vec::new(),
            Self::Install { text } => vec![Paper::read(text)?.request()],
            Self::Attest { learner, course } => {
                let (learner, mut key) = (learner_id(learner)?, [0; 16]);
                getrandom::fill(&mut key).map_err(|error| format!("no random bytes: {error}"))?;
                vec![Request::Attest { learner, course: *course, day: now.day(), key, now }]
            }
            Self::Confirm { learner, holder } | Self::Badge { learner, holder } => {
                let learner = learner_id(learner)?;
                vec![Request::Confirm { learner, holder: holder.clone(), judge: JUDGE, day: now.day() }]
            }
            Self::Withdraw { learner } => {
                vec![Request::WithdrawFor { learner: learner_id(learner)?, day: now.day() }]
            }
            Self::Learners { .. } => vec![Request::Learners, Request::Forks],
            Self::Publish { .. } => return Err("courses are not in the store".to_owned()),
            Self::Cuts { device } => {
                let device: DeviceId = device.parse().map_err(|error: sync::IdError| error.to_string())?;
                vec![Request::Cuts { device }]
            }
        })
    }

    fn report(&self, device: DeviceId, responses: Vec<Response>) -> Report {
        let (mut learners, mut forks) = (None, Vec::new());
        for response in responses {
            match response {
                Response::Failed(why) | Response::Session(Answer::Failed(why)) => return Report::Refused { why },
                Response::Session(Answer::NotRevoked(error)) => return Report::Refused { why: error.to_string() },
                Response::Cuts(revoked) => {
                    return Report::Cuts { revoked: revoked.iter().map(RevokedLine::of).collect() };
                }
                Response::Confirmation(bytes) => {
                    return match confirmation::text(&bytes) {
                        Ok(text) => Report::Confirmation { text },
                        Err(why) => Report::Refused { why },
                    };
                }
                Response::Learners(list) => learners = Some(self.lines(&list)),
                Response::Forks(list) => {
                    forks = list.iter().map(|fork| ForkLine::of(fork.log.device, fork.log.incarnation)).collect();
                }
                _ => {}
            }
        }
        match (self, learners) {
            (Self::Device, _) => Report::Device { device: device.in_full() },
            (_, Some(learners)) => Report::Learners { learners, forks },
            _ => Report::Done,
        }
    }

    fn lines(&self, list: &[CountedLearner]) -> Vec<LearnerLine> {
        let only = if let Self::Learners { commune } = self { *commune } else { None };
        let wanted = list.iter().filter(|learner| only.is_none_or(|commune| learner.commune.0 == commune));
        wanted.map(LearnerLine::of).collect()
    }
}

/// Shows in a library what a command laid down in a node's data folder.
pub(crate) fn publish(library: &Library, data: &Path, staged: &str, standing: &Standing) -> Report {
    let taken = staged
        .parse()
        .map_err(|error: HashError| error.to_string())
        .and_then(|name| library.take_staged(data, name, standing, now().day()).map_err(|refusal| refusal.to_string()));
    taken.map_or_else(|why| Report::Refused { why }, |()| Report::Done)
}

fn learner_id(text: &str) -> Result<LearnerId, String> {
    text.parse().map_err(|error: sync::IdError| error.to_string())
}

impl Report {
    /// Turns a confirmation into a badge, for whoever asked for one.
    #[must_use]
    pub(crate) fn badge(self, badges: &Badges, catalogue: &Catalogue) -> Self {
        let Self::Confirmation { text } = self else { return self };
        let title =
            |number| catalogue.courses.iter().find(|course| course.course == number).map(|course| course.title.clone());
        let badge = text.parse().map_err(|error: TextError| error.to_string());
        match badge.and_then(|statement| badges.of(&statement, title)) {
            Ok(badge) => Self::Badge { badge },
            Err(why) => Self::Refused { why },
        }
    }

    /// Turns a refusal into what ends the command.
    ///
    /// # Errors
    ///
    /// When it is one.
    pub(crate) fn accepted(self, what: &str) -> Result<Self, Fault> {
        match self {
            Self::Refused { why } => Err(Fault::new(Kind::NotAllowed, what).why(why)),
            report => Ok(report),
        }
    }
}

impl LearnerLine {
    fn of(learner: &CountedLearner) -> Self {
        Self {
            id: learner.id.to_string(),
            commune: learner.commune.0,
            lessons: learner.done.len(),
            confirmed: learner.attested.iter().map(|(course, _)| *course).collect(),
        }
    }
}

impl ForkLine {
    fn of(device: DeviceId, incarnation: u32) -> Self {
        Self { device: device.in_full(), incarnation }
    }
}

impl RevokedLine {
    fn of(revoked: &Revoked) -> Self {
        let cut =
            |cut: &Cut| CutLine { incarnation: cut.incarnation, length: cut.length, chain: HEX.encode(&cut.chain) };
        Self { device: revoked.device.in_full(), cuts: revoked.cuts.iter().map(cut).collect() }
    }

    /// Returns what to list; `None` if a field cannot be read.
    pub(crate) fn revoked(&self) -> Option<Revoked> {
        let cut = |line: &CutLine| {
            let chain = HEX.decode(line.chain.as_bytes()).ok()?.try_into().ok()?;
            Some(Cut { incarnation: line.incarnation, length: line.length, chain })
        };
        let cuts = self.cuts.iter().map(cut).collect::<Option<_>>()?;
        Some(Revoked { device: self.device.parse().ok()?, cuts })
    }
}

/// Returns what a store goes by.
pub(crate) fn standing(store: &Store) -> Standing {
    match store.execute(&[Request::Session(Query::Standing)]).pop() {
        Some(Response::Session(Answer::Standing(standing))) => standing,
        _ => Standing::default(),
    }
}

/// Returns the province that the store of a running node trusts.
pub(crate) async fn live_province(replica: &Replica) -> Option<ProvinceKey> {
    province_in(replica.request(Request::Session(Query::Standing)).await.ok()?)
}

fn province_in(response: Response) -> Option<ProvinceKey> {
    match response {
        Response::Session(Answer::Standing(standing)) => standing.province,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_and_reports_are_what_the_module_says() {
        let learner = "0f".repeat(16);
        let cases = [
            (Order::Device, r#"{"order":"device"}"#.to_owned()),
            (Order::Install { text: "bdhvc1".into() }, r#"{"order":"install","text":"bdhvc1"}"#.to_owned()),
            (Order::Learners { commune: Some(30_307) }, r#"{"order":"learners","commune":30307}"#.to_owned()),
            (
                Order::Attest { learner: learner.clone(), course: 1 },
                format!(r#"{{"order":"attest","learner":"{learner}","course":1}}"#),
            ),
        ];
        for (order, json) in cases {
            assert_eq!(serde_json::to_string(&order).unwrap(), json);
            assert_eq!(serde_json::from_str::<Order>(&json).unwrap(), order);
        }
        assert_eq!(serde_json::to_string(&Report::Done).unwrap(), r#"{"report":"done"}"#);
    }

    #[test]
    fn what_is_to_be_revoked_comes_back() {
        let cut = Cut { incarnation: 2, length: 9, chain: [5; 32] };
        let revoked = Revoked { device: DeviceId([1; 32]), cuts: vec![cut] };
        let line = serde_json::to_string(&RevokedLine::of(&revoked)).unwrap();
        assert_eq!(serde_json::from_str::<RevokedLine>(&line).unwrap().revoked(), Some(revoked));
    }

    #[test]
    fn what_cannot_be_read_is_refused_in_words() {
        for (order, why) in [
            (Order::Install { text: "hello".into() }, "a chain of credentials begins with bdhvc1"),
            (Order::Withdraw { learner: "xy".into() }, "a learner is written with 32 hexadecimal digits"),
        ] {
            assert!(order.requests().unwrap_err().contains(why));
        }
    }
}
