//! Whatever happens, what is counted is what plain sets of facts say.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// What can happen among three phones, two hubs and the province.
#[derive(Debug, Clone)]
enum Act {
    Keep { phone: usize, lesson: u16 },
    Consent { phone: usize },
    WithdrawOwn { phone: usize },
    WithdrawFor { phone: usize },
    Attest { hub: usize, phone: usize, course: u16 },
    Revoke { told: usize },
    Sync { first: usize, second: usize, deliveries: usize },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (0..3usize, 0..6u16).prop_map(|(phone, lesson)| Act::Keep { phone, lesson }),
        3 => (0..3usize).prop_map(|phone| Act::Consent { phone }),
        1 => (0..3usize).prop_map(|phone| Act::WithdrawOwn { phone }),
        1 => (0..3usize).prop_map(|phone| Act::WithdrawFor { phone }),
        3 => (3..5usize, 0..3usize, 1..4u16).prop_map(|(hub, phone, course)| Act::Attest { hub, phone, course }),
        1 => (4..6usize).prop_map(|told| Act::Revoke { told }),
        8 => (0..6usize, 3..6usize, 0..40usize)
            .prop_map(|(first, second, deliveries)| Act::Sync { first, second, deliveries }),
    ];
    proptest::collection::vec(act, 0..60)
}

/// Everything that was said, as plain sets. Learners are named by their ids.
#[derive(Debug, Default)]
struct Model {
    /// Lessons of each learner who agreed.
    lessons: BTreeMap<[u8; 16], BTreeSet<u16>>,
    withdrawn: BTreeSet<[u8; 16]>,
    /// Who was attested by the hub that is never revoked, and by the other with the place in its log.
    attested: BTreeSet<[u8; 16]>,
    attested_by_rogue: Vec<(u64, [u8; 16])>,
    /// The first hub's cut, once it is revoked.
    cut: Option<Revoked>,
}

impl Model {
    fn counts(&self) -> (u64, u64, u64) {
        let cut = self.cut.as_ref().map_or(u64::MAX, |revoked| revoked.cuts.first().map_or(0, |cut| cut.length));
        let by_rogue = self.attested_by_rogue.iter().filter(|(index, _)| *index < cut).map(|(_, learner)| *learner);
        let attested: BTreeSet<[u8; 16]> = self.attested.iter().copied().chain(by_rogue).collect();
        let here = self.lessons.iter().filter(|(learner, _)| !self.withdrawn.contains(*learner));
        here.fold((0, 0, 0), |(learners, lessons, confirmed), (learner, done)| {
            (learners + 1, lessons + done.len() as u64, confirmed + u64::from(attested.contains(learner)))
        })
    }
}

fn counts(device: &Device) -> (u64, u64, u64) {
    let Response::Totals(totals) = device.one(Request::Totals) else { panic!() };
    totals.iter().fold((0, 0, 0), |(learners, lessons, confirmed), total| {
        (learners + total.learners, lessons + total.lessons, confirmed + total.confirmed)
    })
}

struct Scene {
    /// Phones 0 to 2, hubs 3 and 4, the province; hub 3 is revoked some day.
    devices: Vec<Device>,
    /// How many learners each phone has had.
    turns: [u8; 3],
    model: Model,
}

impl Scene {
    fn new() -> Self {
        let role = |n: u8| match n {
            0..3 => Role::Phone,
            5 => Role::Province,
            _ => Role::Hub,
        };
        let devices = (0..6).map(|n| Device::new(n + 1, role(n))).collect();
        Self { devices, turns: [0; 3], model: Model::default() }
    }

    fn own(&self, phone: usize) -> Option<OwnLearner> {
        match self.devices[phone].one(Request::Own) {
            Response::Own(learners) => learners.into_iter().next(),
            other => panic!("{other:?}"),
        }
    }

    /// Whoever learns on a phone after a withdrawal is somebody new.
    fn someone_new(&mut self, phone: usize) {
        if self.own(phone).is_none() {
            self.turns[phone] += 1;
            self.devices[phone].n = phone as u8 + 10 * self.turns[phone];
        }
    }

    /// The phone's learner, as far as others may know.
    fn say(&mut self, phone: usize) {
        if let Some(own) = self.own(phone).filter(|own| own.commune.is_some()) {
            let lessons = own.done.iter().map(|done| done.done.lesson.lesson);
            self.model.lessons.entry(own.id.0).or_default().extend(lessons);
        }
    }

    fn act(&mut self, act: &Act) {
        match *act {
            Act::Keep { phone, lesson } => {
                self.someone_new(phone);
                self.devices[phone].keep(1, lesson, 100);
                self.say(phone);
            }
            Act::Consent { phone } => {
                self.someone_new(phone);
                self.devices[phone].consent(LONG_XUYEN);
                self.say(phone);
            }
            Act::WithdrawOwn { phone } => {
                if let Some(own) = self.own(phone) {
                    assert_eq!(self.devices[phone].one(Request::WithdrawOwn { learner: own.id }), Response::Done);
                    self.model.withdrawn.insert(own.id.0);
                }
            }
            // By the hub that is never revoked: nobody listens to the other any more.
            Act::WithdrawFor { phone } => {
                if let Some(own) = self.own(phone)
                    && self.devices[4].one(Request::WithdrawFor { learner: own.id, day: TODAY }) == Response::Done
                {
                    self.model.withdrawn.insert(own.id.0);
                }
            }
            Act::Attest { hub, phone, course } => {
                let Some(own) = self.own(phone) else { return };
                if attest(&self.devices[hub], own.id, course) == Response::Done {
                    match hub {
                        3 => {
                            let length = head(&self.devices[3], &self.devices[3].store.own_log().unwrap()).length;
                            self.model.attested_by_rogue.push((length - 1, own.id.0));
                        }
                        _ => drop(self.model.attested.insert(own.id.0)),
                    }
                }
            }
            Act::Revoke { told } => {
                let (device, log) = (self.devices[3].store.device(), self.devices[3].store.own_log().unwrap());
                let offers = vec![Offer { log, length: 1, chain: [0; 8] }];
                let held = self.devices[5].one(Request::Session(Query::Missing { peer: device, offers }));
                let held = !matches!(held, Response::Session(Answer::Missing(missing)) if missing == [Some(0)]);
                let cuts = if held { vec![head(&self.devices[5], &log)] } else { Vec::new() };
                let revoked = self.model.cut.get_or_insert(Revoked { device, cuts }).clone();
                revoke(&self.devices[told], 1, vec![revoked]);
            }
            Act::Sync { first, second, deliveries } if first != second => {
                let mut talk = Talk::start(&self.devices[first], &self.devices[second]);
                for _ in 0..deliveries {
                    talk.step();
                }
            }
            Act::Sync { .. } => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Convergence, idempotence, order, no resurrection, and nothing of a revoked device after its cut.
    #[test]
    fn what_is_counted_is_what_a_set_of_facts_says(acts in acts()) {
        let mut scene = Scene::new();
        for act in &acts {
            scene.act(act);
        }
        let [.., rogue, hub, province] = &scene.devices[..] else { panic!() };
        for _ in 0..3 {
            for phone in &scene.devices[..3] {
                sync(phone, hub);
            }
            sync(rogue, hub);
            sync(hub, province);
        }
        // A learner who was withdrawn before anybody had heard of them was never counted either.
        prop_assert_eq!(counts(hub), scene.model.counts());
        prop_assert_eq!(counts(province), scene.model.counts());
        let position = province.store.position().unwrap();
        sync(hub, province);
        prop_assert_eq!(province.store.position().unwrap(), position, "a repetition changed something");
    }
}
