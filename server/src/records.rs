//! What a credential is for: confirming learners, withdrawing them, and seeing who they are.

use std::fmt::Write as _;

use crate::cli::{AttestArgs, LearnersArgs, WithdrawArgs};
use crate::communes::Communes;
use crate::control;
use crate::fault::{Fault, Kind};
use crate::options::commune;
use crate::order::{ForkLine, LearnerLine, Order, Report};

/// Runs `bdhv attest`.
///
/// # Errors
///
/// When the learner is not known to the node, or its credential does not allow it.
pub(crate) fn attest(args: &AttestArgs) -> Result<String, Fault> {
    let order = Order::Attest { learner: args.learner.to_string(), course: args.course };
    control::ask(&args.data, &order)?.accepted("the learner was not confirmed")?;
    Ok(format!("learner {} is confirmed in course {}\n", args.learner, args.course))
}

/// Runs `bdhv withdraw`.
///
/// # Errors
///
/// When the node's credential does not allow it.
pub(crate) fn withdraw(args: &WithdrawArgs) -> Result<String, Fault> {
    let order = Order::Withdraw { learner: args.learner.to_string() };
    control::ask(&args.data, &order)?.accepted("the learner was not withdrawn")?;
    Ok(format!("learner {} is withdrawn: what others hold is erased as they sync\n", args.learner))
}

/// Runs `bdhv learners`.
///
/// # Errors
///
/// When there is no such commune, or the node's data cannot be read.
pub(crate) fn learners(args: &LearnersArgs) -> Result<String, Fault> {
    let communes = Communes::built_in()?;
    let only = args.commune.as_ref().map(|given| commune(&communes, given)).transpose()?;
    let order = Order::Learners { commune: only.map(|code| code.0) };
    match control::ask(&args.data, &order)?.accepted("the learners cannot be listed")? {
        Report::Learners { learners, forks } => Ok(list(&communes, &learners, &forks)),
        other => Err(Fault::new(Kind::Software, "the node answered something else").why(format!("{other:?}"))),
    }
}

fn list(communes: &Communes, learners: &[LearnerLine], forks: &[ForkLine]) -> String {
    let mut text = String::new();
    for LearnerLine { id, commune, lessons, confirmed } in learners {
        let title = communes.title(*commune);
        let confirmed: Vec<_> = confirmed.iter().map(u16::to_string).collect();
        let courses = if confirmed.is_empty() { "none".to_owned() } else { confirmed.join(",") };
        let _ = writeln!(text, "{id}  {commune} {title}  lessons {lessons}  confirmed in courses {courses}");
    }
    let _ = writeln!(text, "{} learners", learners.len());
    for ForkLine { device, incarnation } in forks {
        let _ = writeln!(text, "forked: log {incarnation} of device {device}, which signed two histories");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learners_and_forks_are_listed() {
        let line = |confirmed: &[u16]| LearnerLine {
            id: "0f".repeat(16),
            commune: 30_307,
            lessons: 3,
            confirmed: confirmed.to_vec(),
        };
        let fork = ForkLine { device: "a7".repeat(32), incarnation: 1 };
        let text = list(&Communes::built_in().unwrap(), &[line(&[]), line(&[1, 2])], &[fork]);
        for part in [
            "30307 Phường Long Xuyên  lessons 3  confirmed in courses none\n",
            "confirmed in courses 1,2\n2 learners\nforked: log 1 of device a7a7",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
