//! Golden bytes of every stored row: a file of this format is read by every later release.

use super::rows::*;
use super::tables::{Change, ChangeKind};
use crate::entry::SlotInfo;
use crate::id::{CommuneCode, Day, LearnerId, LearnerKey, LearnerSecret, LessonRef, Score, Slot, StoreId};
use crate::log::{HeadSignature, Tail};
use crate::wire::frame::Cursor;

/// Checks that a row has these bytes, given in parts so that a part says what it is, both ways.
fn check<R: Row + PartialEq + core::fmt::Debug>(row: &R, parts: &[&[u8]]) {
    assert_eq!(row.encode(), parts.concat(), "{row:?}");
    assert_eq!(R::from_bytes(&parts.concat()).as_ref(), Ok(row));
}

/// A log of 300 entries that forked after 40, and its numbers.
fn log_row() -> LogRow {
    LogRow {
        number: 7,
        tail: Tail { length: 300, chain: [0xcc; 32] },
        signature: HeadSignature([0x51; 64]),
        slots: 2,
        last_chunk: 290,
        grew_at: 1_000,
        receipt_at: 0,
        sent: 300,
        delivered: 299,
        fork: Some(40),
        credential: None,
        communes: vec![CommuneCode(30_292), CommuneCode(30_307)],
    }
}

#[cfg_attr(test, test)]
pub(crate) fn rows_of_logs_have_their_golden_bytes() {
    check(
        &log_row(),
        &[
            &[7, 0xac, 0x02],
            &[0xcc; 32],
            &[0x51; 64],
            &[2, 0xa2, 0x02, 0xe8, 0x07, 0, 0xac, 0x02, 0xab, 0x02],
            &[41, 0],
            &[2, 0xd4, 0xec, 0x01, 0xe3, 0xec, 0x01],
        ],
    );
    let joined = SlotInfo {
        learner: LearnerId([0xaa; 16]),
        key: Some(LearnerKey([0x1e; 16])),
        commune: CommuneCode(30_292),
        since: Day(300),
        joined: true,
    };
    let place: &[u8] = &[0xd4, 0xec, 0x01, 0xac, 0x02];
    check(&joined, &[&[0xaa; 16], &[2], &[0x1e; 16], place]);
    check(&SlotInfo { joined: false, ..joined }, &[&[0xaa; 16], &[1], &[0x1e; 16], place]);
    let erased = SlotInfo { key: None, joined: false, since: Day(0), ..joined };
    check(&erased, &[&[0xaa; 16], &[0], &place[..3], &[0]]);
}

#[cfg_attr(test, test)]
pub(crate) fn rows_of_learners_have_their_golden_bytes() {
    let lesson = |course, lesson| LessonRef { course, lesson };
    check(
        &LearnerRow {
            placed: Some(Placed { log: 7, slot: Slot(1), joined: Day(300), commune: CommuneCode(30_292) }),
            done: vec![(lesson(2, 3), Score::MAX, Day(301)), (lesson(300, 1), Score::MAX, Day(302))],
            attested: vec![(2, Day(303))],
            logs: vec![7, 300],
        },
        &[
            &[1, 7, 1, 0xac, 0x02, 0xd4, 0xec, 0x01],
            &[2, 2, 3, 100, 0xad, 0x02, 0xac, 0x02, 1, 100, 0xae, 0x02],
            &[1, 2, 0xaf, 0x02],
            &[2, 7, 0xac, 0x02],
        ],
    );
    check(&LearnerRow::default(), &[&[0, 0, 0, 0]]);
    let totals = TotalsRow { learners: 300, lessons: 42, confirmed: 1, last_day: 300, received: 0 };
    check(&totals, &[&[0xac, 0x02, 42, 1, 0xac, 0x02, 0]]);
}

#[cfg_attr(test, test)]
pub(crate) fn rows_of_peers_have_their_golden_bytes() {
    let cursor = Cursor { store: StoreId([0x57; 16]), position: 300 };
    let peer = PeerRow { cursor, shown: Some([0xd1; 8]), scope: vec![1] };
    check(&peer, &[&[0x57; 16], &[0xac, 0x02], &[0xd1; 8], &[1]]);
    check(&PeerRow { shown: None, ..peer }, &[&[0x57; 16], &[0xac, 0x02], &[0; 8], &[1]]);
    check(&ContactRow { epoch: Some(299), chain: vec![0xc4; 3] }, &[&[0xac, 0x02], &[0xc4; 3]]);
    check(&ContactRow::default(), &[&[0]]);
}

#[cfg_attr(test, test)]
pub(crate) fn rows_of_this_device_have_their_golden_bytes() {
    let own = OwnLearnerRow {
        secret: Some(LearnerSecret([0x5e; 16])),
        key: LearnerKey([0x1e; 16]),
        made: 1,
        slot: Some(Slot(0)),
        commune: Some(CommuneCode(30_291)),
        consent: Day(300),
    };
    check(&own, &[&[0x1e; 16], &[1, 1, 0xd4, 0xec, 0x01, 0xac, 0x02], &[0x5e; 16]]);
    let elsewhere = OwnLearnerRow { secret: None, slot: None, commune: None, consent: Day(0), ..own };
    check(&elsewhere, &[&[0x1e; 16], &[1, 0, 0, 0]]);
    check(&OwnDoneRow { score: Score::MAX, day: Day(300), entry: Some(4) }, &[&[100, 0xac, 0x02, 5]]);
}

#[cfg_attr(test, test)]
pub(crate) fn changes_have_their_golden_bytes() {
    for (change, value) in
        [(Change::Log(7, ChangeKind::Grew), 28u64), (Change::Log(7, ChangeKind::Receipt), 29), (Change::Withdrawal, 2)]
    {
        assert_eq!(change.value(), value.to_le_bytes());
        assert_eq!(Change::from_value(&value.to_le_bytes()), change);
    }
}
