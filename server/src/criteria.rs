//! What counts as basic digital skills, applied to what a node holds of a learner.

use std::sync::LazyLock;

use content::{Criteria, Standing};
use sync::store::Judge;
use sync::{Day, LessonRef, Score};

static CRITERIA: LazyLock<Criteria> = LazyLock::new(Criteria::built_in);

/// Returns the criteria that this program carries.
pub(crate) fn criteria() -> &'static Criteria {
    &CRITERIA
}

/// Finds the version of the criteria that a learner meets.
pub(crate) const JUDGE: Judge = Judge(|done, attested| met(criteria(), done, attested));

/// Where somebody is to have confirmed it in person, that counts when every course asked for was attested.
fn met(criteria: &Criteria, done: &[(LessonRef, Score, Day)], attested: &[(u16, Day)]) -> u32 {
    let score = |course, lesson| {
        done.iter().find(|done| done.0 == LessonRef { course, lesson }).map(|(_, score, _)| score.percent())
    };
    let everywhere = criteria.requirements.iter().all(|need| attested.iter().any(|(course, _)| *course == need.course));
    match criteria.standing(score, everywhere) {
        Standing::Complete => criteria.version,
        Standing::Learning { .. } | Standing::Unconfirmed => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lesson_and_every_attestation_that_is_asked_for_is_needed() {
        let criteria = criteria();
        let lessons = criteria.requirements.iter().flat_map(|need| {
            let lesson = |&lesson: &u16| (LessonRef { course: need.course, lesson }, Score::MAX, Day(1));
            need.lessons.iter().take(need.at_least).map(lesson).collect::<Vec<_>>()
        });
        let done: Vec<_> = lessons.collect();
        let attested: Vec<_> = criteria.requirements.iter().map(|need| (need.course, Day(2))).collect();
        assert!(criteria.version > 0 && !attested.is_empty());
        assert_eq!(met(criteria, &done, &attested), criteria.version);
        assert_eq!(met(criteria, &done[1..], &attested), 0);
        assert_eq!(met(criteria, &done, &attested[1..]), 0);
        let poor: Vec<_> = done.iter().map(|(lesson, _, day)| (*lesson, Score::new(59).unwrap(), *day)).collect();
        assert_eq!(met(criteria, &poor, &attested), 0);
    }
}
