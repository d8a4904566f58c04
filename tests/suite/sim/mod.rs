//! The simulator: phones, hubs and a province in virtual time, on the real core and the real store.
//!
//! `SEED=n` runs one seed; `SEEDS=n` that many. The seed of a failure is printed and replays exactly.

mod chance;
mod check;
mod disk;
mod hostile;
mod month;
mod world;

use sync::replica::{Replica, RequestError};
use sync::store::{Done, NewLearner, Seed, Store};
use sync::{Day, LessonRef, Score};

use disk::Disk;
use world::{Faults, World};

/// Seeds of a quick run, and of a long one.
const SEEDS_QUICK: u64 = 60;
const SEEDS_LONG: u64 = 2_000;
const STEPS: usize = 160;

/// Runs one seed: trouble first, then peace.
fn run(seed: u64) -> Faults {
    let mut world = World::new(seed);
    for _ in 0..STEPS {
        world.step();
    }
    world.heal();
    assert_eq!(world.counts(), world.expected());
    world.check_healed();
    world.faults
}

fn run_all(default: u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDS").unwrap_or(default),
    };
    let mut total = Faults::default();
    for seed in seeds.clone() {
        let faults = std::panic::catch_unwind(|| run(seed));
        let faults = faults.unwrap_or_else(|_| panic!("replay with SEED={seed}"));
        total.add(&faults);
    }
    println!("{} seeds: {total:?}", seeds.end - seeds.start);
}

#[test]
fn whatever_goes_wrong_nothing_said_to_be_saved_is_lost() {
    run_all(SEEDS_QUICK);
}

/// A full disk is said to whoever asked, and the node learns that it must start anew.
#[tokio::test]
async fn a_full_disk_ends_the_store_with_its_reason() -> anyhow::Result<()> {
    let disk = Disk::new();
    let seed = Seed { secret: [1; 32], store: [2; 16] };
    let (replica, thread) = Replica::spawn(Store::open(disk.open(), &seed)?)?;
    let keep = |lesson| {
        let done = Done { lesson: LessonRef { course: 1, lesson }, score: Score::MAX, day: Day(20_000) };
        replica.keep(None, done, NewLearner { secret: [3; 16], key: [4; 16] })
    };
    keep(1).await?;
    disk.fill_after(0);
    let said = keep(2).await.unwrap_err().to_string();
    assert!(said.contains("the disk is full"), "{said}");
    let ended = thread.join().expect("the thread returns").unwrap_err();
    assert!(ended.contains("the disk is full"), "{ended}");
    assert_eq!(replica.own().await, Err(RequestError::Closed));

    let (replica, _thread) = Replica::spawn(Store::open(disk.open(), &seed)?)?;
    assert_eq!(replica.own().await?[0].done.len(), 1);
    Ok(())
}

pub(super) mod long {
    /// The same, many times over.
    #[test]
    fn whatever_goes_wrong_two_thousand_times() {
        super::run_all(super::SEEDS_LONG);
    }
}
