//! Whatever happens, everyone counts what a plain set of facts says.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// What can happen among three phones, two hubs and the province.
#[derive(Debug, Clone)]
enum Act {
    Keep { phone: usize, lesson: u16, percent: u8 },
    Consent { phone: usize, commune: u32 },
    Sync { first: usize, second: usize, deliveries: usize },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => (0..3usize, 0..6u16, 0..=100u8).prop_map(|(phone, lesson, percent)| Act::Keep { phone, lesson, percent }),
        1 => (0..3usize, 30_000..30_003u32).prop_map(|(phone, commune)| Act::Consent { phone, commune }),
        4 => (0..6usize, 3..6usize, 0..40usize)
            .prop_map(|(first, second, deliveries)| Act::Sync { first, second, deliveries }),
    ];
    proptest::collection::vec(act, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever happens in whatever order, cut or whole: once everyone has talked, everyone counts what a
    /// plain set of facts says.
    #[test]
    fn nodes_converge_to_the_set_of_facts(acts in acts()) {
        let devices: Vec<Device> = (0..6u8)
            .map(|n| Device::new(n + 1, match n { 0..3 => Role::Phone, 3..5 => Role::Hub, _ => Role::Province }))
            .collect();
        let mut lessons: BTreeMap<usize, BTreeSet<u16>> = BTreeMap::new();
        let mut communes: BTreeMap<usize, u32> = BTreeMap::new();
        for act in acts {
            match act {
                Act::Keep { phone, lesson, percent } => {
                    devices[phone].keep(1, lesson, percent);
                    lessons.entry(phone).or_default().insert(lesson);
                }
                Act::Consent { phone, commune } => {
                    devices[phone].consent(commune);
                    communes.insert(phone, commune);
                }
                Act::Sync { first, second, .. } if first == second => {}
                Act::Sync { first, second, deliveries } => {
                    let mut talk = Talk::start(&devices[first], &devices[second]);
                    for _ in 0..deliveries {
                        talk.step();
                    }
                }
            }
        }
        for (first, second) in [(0, 3), (1, 4), (2, 3), (3, 4), (4, 5), (3, 4), (0, 3), (1, 4), (2, 3)] {
            sync(&devices[first], &devices[second]);
        }
        let mut expected: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        for (phone, commune) in &communes {
            let total = expected.entry(*commune).or_default();
            total.0 += 1;
            total.1 += lessons.get(phone).map_or(0, |lessons| lessons.len() as u64);
        }
        for device in &devices[3..] {
            let mut totals = device.totals();
            totals.retain(|_, total| *total != (0, 0));
            prop_assert_eq!(&totals, &expected);
        }
        for phone in communes.keys() {
            prop_assert!(devices[*phone].own().done.iter().all(|done| done.sent && done.arrived));
        }
    }
}
