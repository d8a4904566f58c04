use super::super::{Action, Keeping, Load, Own, Ticket, TicketError, sample};
use super::*;
use crate::protocol::{Failure, LearnerBytes, LearnerState, Link, PhoneState, Storage, WITHDRAWN};

const MOMENT: Moment = Moment { day: 20_780, nonce: 42 };

fn act(app: &mut App, action: MeAction) -> Vec<Effect> {
    app.update_me(action, MOMENT)
}

/// Carries random bytes to who asked for them, as the page does.
fn drawn(app: &mut App, effects: &[Effect], byte: u8) -> Vec<Effect> {
    let draw = effects.iter().find_map(|effect| match effect {
        Effect::Draw(draw) => Some(*draw),
        _ => None,
    });
    act(app, MeAction::Drawn(draw.expect("random bytes are asked for"), [byte; 32]))
}

fn state(ids: &[(LearnerBytes, u16)]) -> FromWorker {
    let lesson = |lesson| super::super::DoneLesson { course: 1, lesson, score: 100, day: 20_779 };
    let learner = |(id, lessons): &(LearnerBytes, u16)| LearnerState {
        id: *id,
        commune: (*lessons > 0).then_some(30_697),
        done: (1..=*lessons).map(lesson).collect(),
        saved: u32::from(*lessons),
        sent: 0,
        arrived: 0,
    };
    let learners = ids.iter().map(learner).collect();
    FromWorker::State(PhoneState { storage: Storage::Opfs, owner: true, link: Link::Offline, learners })
}

/// A phone whose first learner is [1; 16] and finished lesson 1.
fn phone() -> App {
    let mut app = sample::app();
    app.progress.keeping = Keeping::Browser;
    app.people.unknown = false;
    app.update(Action::Worker(state(&[([1; 16], 1)])), MOMENT);
    app
}

fn add(app: &mut App, byte: u8) -> LearnerBytes {
    let effects = act(app, MeAction::Add(3));
    drawn(app, &effects, byte);
    learner_id(&[byte; 16])
}

fn finish(app: &mut App) -> Vec<Effect> {
    app.update(Action::Go(Route::Lesson { course: 1, lesson: 1 }), MOMENT);
    app.update(Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::lesson(1))), MOMENT);
    for (quiz, option) in [(0, 1), (1, 0), (1, 2)] {
        app.update(Action::Choose { quiz, option }, MOMENT);
    }
    app.update(Action::Answer { quiz: 1 }, MOMENT);
    app.update(Action::Finish, MOMENT)
}

#[test]
fn each_learner_has_their_own_progress() {
    let mut app = phone();
    assert!(app.progress.is_done(1, 1));
    let second = add(&mut app, 7);
    assert!(!app.progress.is_done(1, 1) && !app.progress.any_done(), "who is new has done nothing");
    let effects = finish(&mut app);
    let Some(Effect::Send(ToWorker::Done { learner, .. })) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(*learner, Some(second), "said before the worker knows them");
    assert!(app.progress.is_done(1, 1));
    act(&mut app, MeAction::Choose(0));
    assert_eq!(app.progress.learner().map(|learner| learner.id), Some([1; 16]));
    assert!(!app.lessons.values().any(|lesson| matches!(lesson, Load::Ready(_))), "answers are put away");
    let consent = app.progress.commune();
    act(&mut app, MeAction::Choose(1));
    assert_eq!((consent, app.progress.commune()), (Some(30_697), None), "consent is each one's own");
}

#[test]
fn a_pin_keeps_others_from_looking_and_is_answered_kindly() {
    let mut app = phone();
    act(&mut app, MeAction::Typed("04".into()));
    act(&mut app, MeAction::SetPin);
    assert!(app.me.wrong && app.people.me().pin.is_none(), "two digits are none");
    act(&mut app, MeAction::Typed("0417".into()));
    let effects = act(&mut app, MeAction::SetPin);
    drawn(&mut app, &effects, 9);
    assert!(app.people.me().pin.is_some());
    add(&mut app, 7);
    act(&mut app, MeAction::Choose(0));
    assert_eq!((app.me.asked, app.people.current), (Some(0), 1), "not before the PIN");
    act(&mut app, MeAction::Typed("0418".into()));
    assert!(app.me.wrong && app.me.typed.is_empty() && app.people.current == 1);
    act(&mut app, MeAction::Typed("0417".into()));
    assert_eq!((app.me.asked, app.people.current), (None, 0));
    act(&mut app, MeAction::DropPin);
    assert!(app.people.me().pin.is_none());
}

#[test]
fn who_opens_a_locked_phone_goes_on_where_it_was() {
    let mut app = phone();
    app.people.all[0].pin = Pin::of("0417", [1; 8]);
    app.people.locked = true;
    app.me.asked = Some(0);
    act(&mut app, MeAction::Forgot);
    assert!(app.me.forgot && app.people.locked, "forgetting opens nothing");
    let effects = act(&mut app, MeAction::Typed("0417".into()));
    assert!(!app.people.locked && effects.contains(&Effect::Resume));
}

#[test]
fn withdrawing_erases_here_and_nothing_that_waited_is_said() {
    let mut app = phone();
    let item = ToWorker::Done { nonce: 5, learner: Some([1; 16]), course: 1, lesson: 2, score: 1, day: 1 };
    assert!(app.progress.put(item));
    let effects = act(&mut app, MeAction::Withdraw);
    let place = |wanted: &Effect| effects.iter().position(|effect| effect == wanted);
    assert!(place(&Effect::Forget(5)).is_some());
    assert!(place(&Effect::Send(ToWorker::Withdraw { nonce: 42, learner: [1; 16] })).is_some());
    assert!(place(&Effect::EraseOwn(Own::All(0))) < place(&Effect::Face(0)), "nothing erased is read back");
    assert_eq!(app.erasure(), Some(Erasure::Here));
    drawn(&mut app, &effects, 8);
    assert!(!app.progress.any_done() && app.progress.commune().is_none() && app.declined);
    // An older word of the worker brings nothing back.
    app.hear_me(state(&[([1; 16], 1)]), MOMENT);
    assert!(!app.progress.any_done());
    assert_eq!(app.people.me().id, Some(learner_id(&[8; 16])), "who goes on is somebody new");
    app.hear_me(FromWorker::Kept { nonce: 42 }, MOMENT);
    for (sent, arrived, expected) in [(0, 0, Erasure::Waiting), (1, 0, Erasure::Sent), (1, 1, Erasure::Arrived)] {
        let FromWorker::State(mut phone) = state(&[(WITHDRAWN, 0)]) else { unreachable!() };
        (phone.learners[0].sent, phone.learners[0].arrived) = (sent, arrived);
        app.progress.outbox.clear();
        app.hear_me(FromWorker::State(phone), MOMENT);
        assert_eq!(app.erasure(), Some(expected));
        assert!(app.progress.learner().is_none(), "whoever withdrew is nobody's progress");
    }
}

#[test]
fn who_is_removed_can_be_taken_back_until_the_next_action() {
    let mut app = phone();
    add(&mut app, 7);
    act(&mut app, MeAction::Choose(0));
    let effects = act(&mut app, MeAction::Remove);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::EraseOwn(_) | Effect::Send(_))), "not yet");
    assert_eq!((app.people.current, app.route), (1, Some(Route::Me(Pane::People))));
    act(&mut app, MeAction::TakeBack);
    assert_eq!((app.people.current, app.people.gone()), (0, None));
    assert!(app.progress.is_done(1, 1), "everything is as it was");

    act(&mut app, MeAction::Remove);
    let effects = act(&mut app, MeAction::Go(Route::Home));
    assert!(effects.contains(&Effect::Send(ToWorker::Leave { nonce: 42, learner: [1; 16] })));
    assert!(effects.contains(&Effect::EraseOwn(Own::All(0))));
    assert_eq!(app.people.all.len(), 1);
    assert_eq!(act(&mut app, MeAction::TakeBack), [], "too late");
}

#[test]
fn the_last_learner_leaves_a_fresh_one_behind() {
    let mut app = phone();
    let effects = act(&mut app, MeAction::Remove);
    drawn(&mut app, &effects, 6);
    act(&mut app, MeAction::Go(Route::Home));
    assert_eq!(app.people.all.len(), 1);
    assert!(app.people.me().id == Some(learner_id(&[6; 16])) && !app.progress.any_done());
}

fn pass(app: &mut App) {
    let effects = act(app, MeAction::Go(Route::Me(Pane::Move)));
    assert!(effects.contains(&Effect::Ask(ToWorker::Pass { nonce: 42, learner: app.people.me().id.unwrap() })));
    let passed = FromWorker::Passed { nonce: 42, secret: [7; 16], key: [8; 16], consent: 20_778 };
    app.hear_me(passed, MOMENT);
}

/// A phone whose second learner, of secret [7; 16], finished two lessons.
fn with_ticket() -> (App, Ticket) {
    let mut app = phone();
    let id = add(&mut app, 7);
    app.hear_me(state(&[([1; 16], 1), (id, 2)]), MOMENT);
    pass(&mut app);
    let ticket = app.ticket().expect("the worker told");
    (app, ticket)
}

#[test]
fn a_learner_moves_to_another_phone_and_twice_is_once() {
    let (from, ticket) = with_ticket();
    assert_eq!((ticket.consent, ticket.done.len(), ticket.picture), (Some((30_697, 20_778)), 2, 3));
    let mut to = sample::app();
    let link = ["http://hall.test:8080/toi", super::super::FRAGMENT, &ticket.to_text()].concat();
    act(&mut to, MeAction::Came(link.clone()));
    assert_eq!(to.route, Some(Route::Me(Pane::Move)));
    assert!(to.progress.outbox.is_empty(), "nothing is taken without a tap");
    act(&mut to, MeAction::TakeOver);
    let kinds: Vec<_> = to.progress.outbox.iter().map(|item| item.nonce().unwrap_or_default() - 42).collect();
    assert_eq!(kinds, [0, 1, 2, 3], "the learner, the consent, two lessons, in this order");
    assert_eq!(to.people.all.len(), 1, "the place of a first learner who did nothing is taken");
    assert_eq!(to.people.me().id, from.people.me().id);
    assert!(to.progress.is_done(1, 2) && to.progress.commune() == Some(30_697) && to.me.arrival == Arrival::Taken);
    act(&mut to, MeAction::Came(link));
    act(&mut to, MeAction::TakeOver);
    assert_eq!(to.people.all.len(), 1, "twice is once");

    let mut used = phone();
    act(&mut used, MeAction::Came(ticket.to_text()));
    act(&mut used, MeAction::TakeOver);
    assert_eq!((used.people.all.len(), used.people.current), (2, 1), "who is there stays there");

    let mut alike = phone();
    act(&mut alike, MeAction::Add(ticket.picture));
    let before = alike.people.all.clone();
    act(&mut alike, MeAction::Came(ticket.to_text()));
    act(&mut alike, MeAction::TakeOver);
    let pictures: Vec<u8> = alike.people.all.iter().map(|person| person.picture).collect();
    assert_eq!(pictures, [0, ticket.picture, ticket.picture + 1], "nobody looks like who came");
    let looks =
        |people: &[crate::state::Person]| people.iter().map(|who| (who.picture, who.colour)).collect::<Vec<_>>();
    assert_eq!(looks(&alike.people.all[..2]), looks(&before), "who was there looks as before");
}

#[test]
fn what_came_damaged_changes_nothing() {
    let (_, ticket) = with_ticket();
    let mut app = phone();
    act(&mut app, MeAction::Came(ticket.to_text()[1..].to_owned()));
    assert_eq!(app.me.arrival, Arrival::Bad(TicketError::Damaged));
    act(&mut app, MeAction::TakeOver);
    assert_eq!((app.people.all.len(), app.progress.outbox.len()), (1, 0));
}

#[test]
fn the_file_says_everything_and_brings_the_learner_back() {
    let (mut app, ticket) = with_ticket();
    let effects = act(&mut app, MeAction::SaveFile("Cây dừa"));
    let [Effect::SaveFile(text)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(Ticket::from_text(text), Ok(ticket.clone()));
    let file: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!((&file["loai"], &file["phien_ban"]), (&"bdhv-ho-so".into(), &1.into()));
    assert_eq!((&file["hinh"], &file["xa"]["ma"]), (&"Cây dừa".into(), &30_697.into()));
    assert_eq!(file["ma_so"].as_str().map(str::len), Some(32));
    assert_eq!(file["dong_y"], super::super::date(20_778));
    assert_eq!(file["bai"].as_array().map(Vec::len), Some(2));
    let first = &file["bai"][0];
    assert_eq!((&first["diem"], &first["ngay"]), (&100.into(), &super::super::date(20_779).into()));
    assert_eq!(file["chuyen"], ticket.to_text());
}

#[test]
fn what_a_store_that_forgot_a_learner_refuses_is_kept_for_the_same_person() {
    let mut app = phone();
    finish(&mut app);
    let item = app.progress.outbox[0].clone();
    assert_eq!(item.learner(), Some([1; 16]));
    let unknown = FromWorker::Failed { nonce: item.nonce(), reason: Failure::UnknownLearner };
    for heard in [app.progress.phone.clone(), None] {
        let mut app = app.clone();
        app.progress.phone = heard;
        assert_eq!(app.update(Action::Worker(unknown.clone()), MOMENT), [], "nobody is somebody new without need");
        assert_eq!(app.progress.outbox.len(), 1, "it waits");
    }
    app.update(Action::Worker(state(&[])), MOMENT);
    let effects = app.update(Action::Worker(unknown), MOMENT);
    assert!(effects.contains(&Effect::Draw(Draw::Learner(0))));
    let later = Moment { nonce: 1_000, ..MOMENT };
    let effects = app.update_me(MeAction::Drawn(Draw::Learner(0), [5; 32]), later);
    let id = learner_id(&[5; 16]);
    assert!(effects.contains(&Effect::Send(ToWorker::Add { nonce: 1_000, secret: [5; 16], key: [5; 16] })));
    assert_eq!(app.progress.outbox.last().and_then(ToWorker::learner), Some(id));
    assert!(app.progress.is_done(1, 1));
    // Should that be refused too, it waits, and nothing turns in circles.
    let nonce = app.progress.outbox.last().and_then(ToWorker::nonce);
    let again = FromWorker::Failed { nonce, reason: Failure::UnknownLearner };
    assert_eq!(app.update(Action::Worker(again), MOMENT), []);
    assert_eq!(app.progress.outbox.len(), 2);
}

#[test]
fn another_tabs_learners_are_seen_and_this_tabs_learner_stays() {
    let mut app = phone();
    let mut other = app.clone();
    let id = add(&mut other, 7);
    act(&mut app, MeAction::Changed(other.people.to_text()));
    assert_eq!((app.people.all.len(), app.people.current), (2, 0));
    act(&mut app, MeAction::Choose(1));
    assert_eq!(app.progress.who, Some(id));
    act(&mut other, MeAction::Remove);
    act(&mut other, MeAction::Go(Route::Home));
    let effects = act(&mut app, MeAction::Changed(other.people.to_text()));
    assert!(effects.contains(&Effect::Visit(Route::Me(Pane::People))));
    assert_eq!(app.people.current, 0, "who is gone is gone here too");
}

#[test]
fn only_the_team_withdraws_where_the_secret_is_elsewhere() {
    let mut app = phone();
    act(&mut app, MeAction::Withdraw);
    let refused = FromWorker::Failed { nonce: Some(42), reason: Failure::Elsewhere };
    let effects = app.hear_me(refused, MOMENT);
    assert!(effects.contains(&Effect::Forget(42)));
    assert!(effects.contains(&Effect::Send(ToWorker::Leave { nonce: 42, learner: [1; 16] })), "erased here at least");
    assert!(app.me.elsewhere && app.erasure().is_none(), "nothing is promised");
}

/// Gives a learner of the phone a PIN.
fn lock(app: &mut App, number: u32) {
    app.people.find_mut(number).expect("a learner").pin = Pin::of("0417", [1; 8]);
}

/// Tells whether the browser is to keep that this tab is a learner's.
fn opens(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Face(_)))
}

#[test]
fn another_tab_opens_no_pin() {
    let mut app = phone();
    lock(&mut app, 0);
    add(&mut app, 7);
    let mut other = app.clone();
    act(&mut other, MeAction::Remove);
    act(&mut other, MeAction::Go(Route::Home));
    let effects = act(&mut app, MeAction::Changed(other.people.to_text()));
    assert!(!opens(&effects), "{effects:?}");
    assert_eq!((app.people.current, app.people.locked, app.me.asked), (0, true, Some(0)));
    let effects = act(&mut app, MeAction::Typed("0417".into()));
    assert!(opens(&effects) && !app.people.locked);
}

#[test]
fn who_is_taken_back_gives_the_pin_again() {
    let mut app = phone();
    add(&mut app, 7);
    act(&mut app, MeAction::Choose(0));
    lock(&mut app, 0);
    act(&mut app, MeAction::Remove);
    let effects = act(&mut app, MeAction::TakeBack);
    assert!(!opens(&effects), "{effects:?}");
    assert_eq!((app.people.current, app.people.locked, app.me.asked), (0, true, Some(0)));
    let effects = act(&mut app, MeAction::Typed("0417".into()));
    assert!(opens(&effects) && app.progress.is_done(1, 1), "everything is as it was");
    assert_eq!(app.route, Some(Route::Me(Pane::Own)));
}

#[test]
fn who_is_on_the_way_into_the_store_is_not_made_again() {
    let mut app = phone();
    let effects = act(&mut app, MeAction::Add(3));
    assert!(effects.contains(&Effect::Draw(Draw::Learner(1))));
    app.update_me(MeAction::Drawn(Draw::Learner(1), [7; 32]), Moment { nonce: 7, ..MOMENT });
    let id = learner_id(&[7; 16]);
    finish(&mut app);
    let done = app.progress.outbox.last().and_then(ToWorker::nonce).expect("the lesson waits");
    let unknown = FromWorker::Failed { nonce: Some(done), reason: Failure::UnknownLearner };
    assert_eq!(app.update(Action::Worker(unknown.clone()), MOMENT), [], "the store does not know them yet");
    app.update(Action::Worker(FromWorker::Kept { nonce: 7 }), MOMENT);
    assert_eq!(app.update(Action::Worker(unknown), MOMENT), []);
    assert_eq!((app.people.me().id, app.progress.outbox.len()), (Some(id), 1));
}

#[test]
fn what_was_refused_before_the_worker_told_is_looked_at_again() {
    let mut app = phone();
    finish(&mut app);
    let done = app.progress.outbox.last().cloned().expect("the lesson waits");
    let unknown = FromWorker::Failed { nonce: done.nonce(), reason: Failure::UnknownLearner };
    app.progress.phone = None;
    assert_eq!(app.update(Action::Worker(unknown), MOMENT), []);
    let mut here = app.clone();
    let effects = here.update(Action::Worker(state(&[([1; 16], 0)])), MOMENT);
    assert!(effects.contains(&Effect::Send(done)), "the store has them: {effects:?}");
    assert_eq!(here.update(Action::Worker(state(&[([1; 16], 0)])), MOMENT), [], "once");
    let effects = app.update(Action::Worker(state(&[])), MOMENT);
    let draw = Draw::Learner(0);
    assert!(effects.contains(&Effect::Draw(draw)), "the store is another: {effects:?}");
    app.update(Action::Me(MeAction::Drawn(draw, [7; 32])), MOMENT);
    assert_eq!(app.progress.who, Some(learner_id(&[7; 16])));
    assert!(app.progress.any_done(), "what is finished stays so on the screen");
}

#[test]
fn what_the_store_told_goes_with_the_store() {
    let mut app = phone();
    let told = |app: &mut App, ids: &[LearnerBytes]| {
        let ids: Vec<_> = ids.iter().map(|id| (*id, 1)).collect();
        app.update(Action::Worker(state(&ids)), MOMENT)
    };
    let id = add(&mut app, 7);
    act(&mut app, MeAction::Choose(0));
    app.progress.remember("1.1");
    app.kept_answers.insert((1, 2), "x".into());
    let before = app.clone();
    assert_eq!(told(&mut app, &[[1; 16]]), [], "who is new is on the way");
    assert!(app.progress.any_done());
    // The browser has lost the store, or another phone withdrew.
    app.me.passed = Some(Passed { secret: [1; 16], key: [1; 16], consent: 1 });
    assert_eq!(told(&mut app, &[]), [Effect::EraseOwn(Own::Told(0))]);
    assert!(app.ticket().is_none(), "nobody goes to another phone");
    assert!(!app.progress.any_done() && !app.progress.is_done(1, 1));
    assert_eq!(app.kept_answers.len(), 1, "what is unfinished was never in the store");
    assert!(app.progress.outbox.iter().any(|item| matches!(item, ToWorker::Add { .. })), "what waits, waits");

    // Also of somebody else, and not in front of the phone.
    let mut app = before;
    app.progress.outbox.clear();
    told(&mut app, &[[1; 16], id]);
    assert_eq!(told(&mut app, &[[1; 16]]), [Effect::EraseOwn(Own::Told(1))]);
    assert!(app.progress.is_done(1, 1));
}

#[test]
fn who_has_withdrawn_comes_back_by_no_file() {
    let (_, ticket) = with_ticket();
    let mut unused = sample::app();
    unused.hear_me(state(&[]), MOMENT);
    for (mut app, left) in [(phone(), 0), (unused, 1)] {
        act(&mut app, MeAction::Came(ticket.to_text()));
        act(&mut app, MeAction::TakeOver);
        let number = app.people.current;
        let refused = FromWorker::Failed { nonce: Some(42), reason: Failure::Elsewhere };
        let effects = app.hear_me(refused, MOMENT);
        assert!([42, 43, 44, 45].iter().all(|nonce| effects.contains(&Effect::Forget(*nonce))), "{effects:?}");
        assert!(effects.contains(&Effect::EraseOwn(Own::All(number))));
        assert_eq!(app.progress.outbox, [], "the consent least of all");
        assert_eq!((app.people.current, app.people.all.len()), (left, 1), "they are gone again");
        assert_eq!((&app.me.arrival, app.route), (&Arrival::Withdrawn, Some(Route::Me(Pane::Move))));
        let unknown = FromWorker::Failed { nonce: Some(43), reason: Failure::UnknownLearner };
        assert_eq!(app.hear_me(unknown, MOMENT), [Effect::Forget(43)], "nobody is made of what came with them");
    }
}

#[test]
fn nothing_of_who_left_in_another_tab_is_kept_on_here() {
    let (mut app, _) = with_ticket();
    let mut other = app.clone();
    act(&mut other, MeAction::Remove);
    act(&mut other, MeAction::Go(Route::Home));
    act(&mut app, MeAction::Changed(other.people.to_text()));
    assert_eq!((app.people.current, app.route), (0, Some(Route::Me(Pane::People))));
    assert!(app.ticket().is_none(), "nobody goes along with another's lessons");

    // Who withdrew goes on as somebody new, in a lesson too.
    let mut app = phone();
    app.update(Action::Go(Route::Lesson { course: 1, lesson: 1 }), MOMENT);
    app.update(Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::lesson(1))), MOMENT);
    app.update(Action::Choose { quiz: 0, option: 0 }, MOMENT);
    app.kept_answers.insert((1, 2), "x".into());
    let mut other = app.clone();
    act(&mut other, MeAction::Withdraw);
    let effects = app.update(Action::Me(MeAction::Changed(other.people.to_text())), MOMENT);
    assert_eq!(effects[..2], [Effect::Face(0), Effect::LoadLesson((1, 1), sample::hash(1))]);
    assert!(app.kept_answers.is_empty() && app.review.boxes.to_string().is_empty());
    app.update(Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::lesson(1))), MOMENT);
    assert!(app.open_lesson().and_then(Load::ready).is_some_and(super::super::OpenLesson::is_untouched));
    // That they have another id then changes nothing.
    let effects = act(&mut other, MeAction::Drawn(Draw::Learner(0), [9; 32]));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::KeepPeople(_))));
    app.update(Action::Choose { quiz: 0, option: 0 }, MOMENT);
    assert_eq!(app.update(Action::Me(MeAction::Changed(other.people.to_text())), MOMENT), []);
    assert_eq!(app.progress.who, Some(learner_id(&[9; 16])));
}

#[test]
fn who_came_from_another_phone_waits_for_whoever_has_no_pin_to_give() {
    let (_, ticket) = with_ticket();
    let locked = || {
        let mut app = phone();
        add(&mut app, 5);
        act(&mut app, MeAction::Choose(0));
        lock(&mut app, 0);
        lock(&mut app, 1);
        (app.people.locked, app.me.asked) = (true, Some(0));
        (app.route, app.me.arrival) = (Some(Route::Me(Pane::Move)), Arrival::Here(ticket.clone()));
        app
    };
    for actions in [vec![MeAction::Add(2)], vec![MeAction::Choose(1), MeAction::Typed("0417".into())]] {
        let mut app = locked();
        let effects = actions.into_iter().map(|action| act(&mut app, action)).last().unwrap_or_default();
        assert!(effects.contains(&Effect::Visit(Route::Me(Pane::Move))), "{effects:?}");
        assert!(matches!(app.me.arrival, Arrival::Here(_)) && !app.people.locked);
        act(&mut app, MeAction::TakeOver);
        assert_eq!(app.people.me().id, Some(learner_id(&ticket.secret)));
    }
}

#[test]
fn a_second_tap_of_the_same_finger_ends_no_undo() {
    let at = |milliseconds: u64| Moment { nonce: milliseconds << super::super::NONCE_RANDOM_BITS, ..MOMENT };
    let mut app = phone();
    add(&mut app, 7);
    app.update_me(MeAction::Choose(0), at(1));
    app.update_me(MeAction::Remove, at(1_000));
    for action in [MeAction::Add(5), MeAction::Choose(1)] {
        assert_eq!(app.update_me(action, at(1_799)), []);
    }
    assert_eq!(app.people.gone().map(|gone| gone.number), Some(0), "they can be taken back");
    let mut back = app.clone();
    back.update_me(MeAction::TakeBack, at(1_799));
    assert_eq!((back.people.current, back.people.all.len()), (0, 2), "who was there stays there");
    let effects = app.update_me(MeAction::Choose(1), at(1_800));
    assert!(effects.contains(&Effect::EraseOwn(Own::All(0))), "another tap is another will");
}

#[test]
fn who_was_made_for_an_empty_phone_goes_when_the_removed_one_comes_back() {
    let mut app = phone();
    let effects = act(&mut app, MeAction::Remove);
    drawn(&mut app, &effects, 6);
    let spare = app.people.me();
    let mut used = app.clone();
    finish(&mut used);
    let effects = act(&mut app, MeAction::TakeBack);
    assert_eq!((app.people.current, app.people.all.len()), (0, 1));
    let learner = learner_id(&[6; 16]);
    assert!(effects.contains(&Effect::Send(ToWorker::Leave { nonce: 42, learner })), "{effects:?}");
    assert!(effects.contains(&Effect::EraseOwn(Own::All(spare.number))) && app.progress.is_done(1, 1));
    act(&mut used, MeAction::TakeBack);
    assert_eq!(used.people.all.len(), 2, "whoever has learnt stays");
}

#[test]
fn a_question_that_was_lost_is_asked_again_and_not_for_ever() {
    let mut app = phone();
    let asked = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Ask(_)));
    let effects = act(&mut app, MeAction::Go(Route::Me(Pane::Move)));
    assert!(asked(&effects));
    let refused = FromWorker::Failed { nonce: Some(42), reason: Failure::Elsewhere };
    assert!(!asked(&app.hear_me(refused, MOMENT)), "not at once");
    let word = state(&[([1; 16], 1)]);
    let again = (0..100).filter(|_| asked(&app.hear_me(word.clone(), MOMENT))).count();
    assert!((1..10).contains(&again), "{again}");
    app.hear_me(FromWorker::Passed { nonce: 42, secret: [2; 16], key: [8; 16], consent: 1 }, MOMENT);
    assert!(app.me.passed.is_none(), "another's secret is not shown");
}

#[test]
fn nobody_is_said_to_be_here_of_whom_a_part_is_left() {
    let (_, ticket) = with_ticket();
    let mut app = phone();
    act(&mut app, MeAction::Came(ticket.to_text()));
    let waits = |nonce| ToWorker::Done { nonce, learner: Some([1; 16]), course: 1, lesson: 3, score: 1, day: 1 };
    let others = super::super::OUTBOX_MAX as u64 - 1;
    app.progress.outbox.extend((1_000..1_000 + others).map(waits));
    assert_eq!(act(&mut app, MeAction::TakeOver), [], "there is no room for who it is");
    app.progress.outbox.truncate(super::super::OUTBOX_MAX - 3);
    act(&mut app, MeAction::TakeOver);
    assert_eq!(app.progress.commune(), Some(30_697), "the consent comes along");
    assert!(app.progress.is_done(1, 1) && !app.progress.is_done(1, 2));
    assert_eq!(app.me.arrival, Arrival::Here(ticket.clone()));
    app.progress.outbox.clear();
    app.hear_me(state(&[([1; 16], 1), (learner_id(&ticket.secret), 1)]), MOMENT);
    act(&mut app, MeAction::TakeOver);
    assert_eq!((&app.me.arrival, app.progress.outbox.len()), (&Arrival::Taken, 3));
    assert!(app.progress.is_done(1, 2));
}
