//! Several learners on one device, one learner on several, and how far a withdrawal came.

use super::tests::{Device, NOW, TODAY, sync};
use super::*;
use crate::id::{LearnerKey, LearnerSecret, LessonRef, Score};
use crate::wire::frame::Role;

const LONG_XUYEN: u32 = 30_307;

fn named(n: u8) -> (LearnerId, NewLearner) {
    let new = NewLearner { secret: [n; 16], key: [n ^ 0x55; 16] };
    (LearnerSecret(new.secret).id(), new)
}

fn keep(device: &Device, learner: Option<LearnerId>, lesson: u16) -> Response {
    let done = Done { lesson: LessonRef { course: 1, lesson }, score: Score::MAX, day: TODAY };
    device.one(Request::Keep { learner, done, new: device.new_learner(), now: NOW })
}

fn consent(device: &Device, learner: Option<LearnerId>) -> Response {
    let commune = CommuneCode(LONG_XUYEN);
    device.one(Request::Consent { learner, commune, day: TODAY, new: device.new_learner(), now: NOW })
}

fn own(device: &Device) -> Vec<OwnLearner> {
    match device.one(Request::Own) {
        Response::Own(learners) => learners,
        other => panic!("{other:?}"),
    }
}

fn withdrew(device: &Device) -> Option<(bool, bool)> {
    match device.one(Request::Withdrew) {
        Response::Withdrew(how) => how.map(|how| (how.sent, how.arrived)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_has_no_name_is_the_first_one_whoever_came_before() {
    let phone = Device::new(1, Role::Phone);
    let (second, new) = named(40);
    assert_eq!(phone.one(Request::Enlist { new }), Response::Kept(Kept { learner: second, changed: true }));
    assert_eq!(phone.one(Request::Enlist { new }), Response::Kept(Kept { learner: second, changed: false }));
    keep(&phone, None, 1);
    keep(&phone, Some(second), 2);
    let first = LearnerSecret(phone.new_learner().secret).id();
    assert_eq!(own(&phone).iter().map(|learner| learner.id).collect::<Vec<_>>(), [first, second]);
    let lessons = |at: usize| own(&phone)[at].done.iter().map(|own| own.done.lesson.lesson).collect::<Vec<_>>();
    assert_eq!((lessons(0), lessons(1)), (vec![1], vec![2]));
    assert_eq!(own(&phone)[1].secret, Some(LearnerSecret(new.secret)));
    assert_eq!(own(&phone)[1].key, LearnerKey(new.key));
}

#[test]
fn learners_of_one_device_are_bounded() {
    let phone = Device::new(1, Role::Phone);
    for n in 0..OWN_LEARNERS_MAX as u8 {
        let Response::Kept(_) = phone.one(Request::Enlist { new: named(n).1 }) else { panic!("learner {n}") };
    }
    let Response::Failed(why) = phone.one(Request::Enlist { new: named(200).1 }) else { panic!("one too many") };
    assert!(why.contains("as many learners"), "{why}");
}

#[test]
fn a_learner_on_two_phones_counts_once() {
    let (one, other, hub) = (Device::new(1, Role::Phone), Device::new(2, Role::Phone), Device::new(5, Role::Hub));
    let (learner, new) = named(40);
    for (phone, lessons) in [(&one, 1..3), (&other, 1..4)] {
        phone.one(Request::Enlist { new });
        lessons.for_each(|lesson| drop(keep(phone, Some(learner), lesson)));
        consent(phone, Some(learner));
        sync(phone, &hub);
    }
    assert_eq!(hub.totals()[&LONG_XUYEN], (1, 3), "lessons 1 to 3 of one learner");
    // One withdrawal erases what both phones told.
    assert_eq!(one.one(Request::WithdrawOwn { learner }), Response::Done);
    sync(&one, &hub);
    assert_eq!(hub.totals()[&LONG_XUYEN], (0, 0));
    sync(&other, &hub);
    assert_eq!(hub.totals()[&LONG_XUYEN], (0, 0));
    assert_eq!(own(&other), [], "the other phone hears of it");
    let Response::Failed(why) = other.one(Request::Enlist { new }) else { panic!("back after a withdrawal") };
    assert!(why.contains("withdrawn"), "{why}");
}

#[test]
fn who_leaves_a_phone_stays_counted() {
    let (phone, hub) = (Device::new(1, Role::Phone), Device::new(5, Role::Hub));
    keep(&phone, None, 1);
    consent(&phone, None);
    sync(&phone, &hub);
    let learner = own(&phone)[0].id;
    assert_eq!(phone.one(Request::Leave { learner }), Response::Done);
    assert_eq!(phone.one(Request::Leave { learner }), Response::Done, "twice is once");
    assert_eq!(own(&phone), []);
    sync(&phone, &hub);
    assert_eq!(hub.totals()[&LONG_XUYEN], (1, 1));
}

#[test]
fn a_withdrawal_is_said_to_have_come_only_where_it_has() {
    let (phone, hub) = (Device::new(1, Role::Phone), Device::new(5, Role::Hub));
    let province = Device::new(4, Role::Province);
    keep(&phone, None, 1);
    consent(&phone, None);
    sync(&phone, &hub);
    sync(&hub, &province);
    sync(&phone, &hub);
    assert_eq!(withdrew(&phone), None);
    assert!(own(&phone)[0].done[0].arrived);
    let learner = own(&phone)[0].id;
    assert_eq!(phone.one(Request::WithdrawOwn { learner }), Response::Done);
    assert_eq!(withdrew(&phone), Some((false, false)));
    sync(&phone, &hub);
    assert_eq!((withdrew(&phone), hub.totals()[&LONG_XUYEN]), (Some((true, false)), (0, 0)));
    sync(&hub, &province);
    assert_eq!(province.totals()[&LONG_XUYEN], (0, 0));
    sync(&phone, &hub);
    assert_eq!(withdrew(&phone), Some((true, true)));
}

#[test]
fn a_withdrawal_asked_for_twice_is_done_and_that_of_somebody_unknown_is_not() {
    let phone = Device::new(1, Role::Phone);
    keep(&phone, None, 1);
    let learner = own(&phone)[0].id;
    assert_eq!(phone.one(Request::WithdrawOwn { learner }), Response::Done);
    assert_eq!(phone.one(Request::WithdrawOwn { learner }), Response::Done, "twice is once");
    let lost = phone.one(Request::WithdrawOwn { learner: named(40).0 });
    assert!(matches!(lost, Response::Failed(_)), "{lost:?}");
}

#[test]
fn who_never_agreed_withdraws_and_nothing_waits() {
    let phone = Device::new(1, Role::Phone);
    keep(&phone, None, 1);
    let learner = own(&phone)[0].id;
    assert_eq!(phone.one(Request::WithdrawOwn { learner }), Response::Done);
    assert_eq!((own(&phone), withdrew(&phone)), (Vec::new(), None));
}
