//! What a learner does on a phone, and what of it leaves the phone.

use super::*;

#[test]
fn nothing_enters_the_log_before_consent_and_everything_after() {
    let (phone, hub) = (Device::new(1, Role::Phone), Device::new(2, Role::Hub));
    phone.keep(2, 1, 50);
    phone.keep(2, 2, 100);
    sync(&phone, &hub);
    assert!(hub.totals().is_empty());
    assert_eq!(phone.own().done.len(), 2);
    phone.consent(30_307);
    phone.keep(2, 3, 100);
    sync(&phone, &hub);
    assert_eq!(hub.totals(), BTreeMap::from([(30_307, (1, 3))]));
    assert!(phone.own().done.iter().all(|done| done.sent && !done.arrived));
}

#[test]
fn a_repetition_changes_nothing_and_a_better_score_does() {
    let phone = Device::new(1, Role::Phone);
    let changed = |response| matches!(response, Response::Kept(Kept { changed: true, .. }));
    assert!(changed(phone.keep(2, 1, 50)));
    assert!(!changed(phone.keep(2, 1, 50)));
    assert!(changed(phone.consent(30_307)));
    assert!(!changed(phone.consent(30_307)));
    assert!(!changed(phone.keep(2, 1, 40)));
    assert!(changed(phone.keep(2, 1, 100)));
    assert_eq!(phone.totals(), BTreeMap::from([(30_307, (1, 1))]));
    assert_eq!(phone.own().done[0].done.score, Score::MAX);
}

#[test]
fn a_learner_who_is_not_here_does_not_spoil_the_batch() {
    let phone = Device::new(1, Role::Phone);
    let keep = |learner| {
        let done = Done { lesson: LessonRef { course: 2, lesson: 1 }, score: Score::MAX, day: TODAY };
        Request::Keep { learner, done, new: phone.new_learner(), now: NOW }
    };
    let responses = phone.store.execute(&[keep(Some(LearnerId([7; 16]))), keep(None)]);
    assert!(matches!(responses[..], [Response::Failed(_), Response::Kept(_)]), "{responses:?}");
    assert_eq!(phone.store.failure(), None);
    assert_eq!(phone.own().done.len(), 1);
}

#[test]
fn a_commune_is_left_when_another_is_named() {
    let (phone, hub) = (Device::new(1, Role::Phone), Device::new(2, Role::Hub));
    phone.keep(2, 1, 100);
    phone.consent(30_307);
    sync(&phone, &hub);
    phone.consent(30_292);
    phone.keep(2, 2, 100);
    sync(&phone, &hub);
    assert_eq!(hub.totals(), BTreeMap::from([(30_292, (1, 2)), (30_307, (0, 0))]));
}
