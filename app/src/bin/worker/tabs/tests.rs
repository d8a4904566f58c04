//! Several tabs over one storage, in every order of events a schedule can name.

use std::collections::{BTreeSet, VecDeque};

use app::protocol::{Link, Storage};
use proptest::prelude::*;

use super::*;

const TABS_MAX: usize = 3;

/// Work a tab has begun and the browser has not finished.
#[derive(Debug)]
enum Task {
    Take { expected: Option<Epoch> },
    Execute { origin: Origin, nonce: u64, epoch: Epoch },
}

#[derive(Debug)]
struct Tab {
    tabs: Tabs,
    inbox: VecDeque<TabMessage>,
    tasks: VecDeque<Task>,
    /// Nonces the page sent, and what it was told of them.
    asked: BTreeSet<u64>,
    kept: BTreeSet<u64>,
    shown: Option<PhoneState>,
    frozen: bool,
}

/// What the browser provides: storage that outlives tabs, a lock, a channel.
#[derive(Debug)]
struct World {
    lock: bool,
    epoch: Epoch,
    holder: Option<usize>,
    stored: BTreeSet<u64>,
    /// A place of a closed tab stays empty.
    tabs: Vec<Option<Tab>>,
    nonce: u64,
}

impl World {
    fn new(lock: bool) -> Self {
        Self { lock, epoch: Epoch(0), holder: None, stored: BTreeSet::new(), tabs: Vec::new(), nonce: 0 }
    }

    fn open(&mut self) {
        if self.tabs.iter().flatten().count() >= TABS_MAX {
            return;
        }
        let index = self.tabs.len();
        self.tabs.push(Some(Tab {
            tabs: Tabs::new(TabId(index as u64)),
            inbox: VecDeque::new(),
            tasks: VecDeque::new(),
            asked: BTreeSet::new(),
            kept: BTreeSet::new(),
            shown: None,
            frozen: false,
        }));
        let seen = (!self.lock).then_some(self.epoch);
        self.feed(index, Event::Start { lock: self.lock, seen });
    }

    fn close(&mut self, index: usize) {
        self.tabs[index] = None;
        if self.holder == Some(index) {
            self.holder = None;
        }
    }

    fn tab(&mut self, index: usize) -> Option<&mut Tab> {
        self.tabs.get_mut(index).and_then(Option::as_mut).filter(|tab| !tab.frozen)
    }

    fn feed(&mut self, index: usize, event: Event) {
        let Some(tab) = self.tab(index) else { return };
        for action in tab.tabs.handle(event) {
            self.perform(index, action);
        }
    }

    fn perform(&mut self, index: usize, action: Action) {
        if let Action::Broadcast(message) = action {
            let message = TabMessage::decode(&message.encode()).expect("own messages decode");
            let others = self.tabs.iter_mut().enumerate().filter(|(other, _)| *other != index);
            others.filter_map(|(_, tab)| tab.as_mut()).for_each(|tab| tab.inbox.push_back(message.clone()));
            return;
        }
        let stored = self.stored.clone();
        let tab = self.tabs[index].as_mut().expect("a closed tab does nothing");
        let epoch = tab.tabs.epoch.unwrap_or_default();
        match action {
            Action::ToPage(FromWorker::Kept { nonce }) => {
                assert!(stored.contains(&nonce), "{nonce} is said to be kept and is not stored");
                tab.kept.insert(nonce);
            }
            Action::ToPage(FromWorker::State(state)) => tab.shown = Some(state),
            Action::ToPage(FromWorker::Passed { .. } | FromWorker::Failed { .. }) => panic!("nothing fails here"),
            Action::Take { expected } => tab.tasks.push_back(Task::Take { expected }),
            Action::Execute { origin, item } => {
                let nonce = item.nonce().expect("only items are executed");
                tab.tasks.push_back(Task::Execute { origin, nonce, epoch });
            }
            Action::Drop => tab.tasks.retain(|task| matches!(task, Task::Take { .. })),
            Action::Broadcast(_) => unreachable!("handled above"),
        }
    }

    fn ask(&mut self, index: usize) {
        let nonce = self.nonce;
        let Some(tab) = self.tab(index) else { return };
        tab.asked.insert(nonce);
        self.nonce += 1;
        self.feed(index, Event::Page(item(nonce)));
    }

    fn deliver(&mut self, index: usize) {
        let message = self.tab(index).and_then(|tab| tab.inbox.pop_front());
        if let Some(message) = message {
            self.feed(index, Event::Channel(message));
        }
    }

    fn finish(&mut self, index: usize) {
        let Some(task) = self.tab(index).and_then(|tab| tab.tasks.pop_front()) else { return };
        match task {
            Task::Take { expected } if self.lock && self.holder.is_some_and(|holder| holder != index) => {
                // The lock is still held: the request keeps waiting.
                self.tab(index).expect("it is open").tasks.push_back(Task::Take { expected });
            }
            Task::Take { expected } if expected.is_some_and(|expected| expected != self.epoch) => {
                self.feed(index, Event::Lost { epoch: self.epoch });
            }
            Task::Take { .. } => {
                self.holder = Some(index);
                self.epoch = Epoch(self.epoch.0 + u64::from(!self.lock));
                self.feed(index, Event::Taken { epoch: self.epoch });
                self.feed(index, Event::State(self.state()));
            }
            Task::Execute { epoch, .. } if epoch != self.epoch => {
                self.tab(index).expect("it is open").tasks.clear();
                self.feed(index, Event::Evicted);
            }
            Task::Execute { origin, nonce, .. } => {
                self.stored.insert(nonce);
                self.feed(index, Event::State(self.state()));
                self.feed(index, Event::Executed { origin, nonce, answer: FromWorker::Kept { nonce } });
            }
        }
    }

    /// The number of stored items stands for the whole state.
    fn state(&self) -> PhoneState {
        let learner = app::protocol::LearnerState {
            id: [0; 16],
            commune: None,
            done: Vec::new(),
            saved: self.stored.len() as u32,
            sent: 0,
            arrived: 0,
        };
        PhoneState { storage: Storage::IndexedDb, owner: true, link: Link::Offline, learners: vec![learner] }
    }

    /// Lets everything that is under way come to rest.
    fn settle(&mut self) {
        for tab in self.tabs.iter_mut().flatten() {
            tab.frozen = false;
        }
        for _ in 0..4 * usize::from(SILENT_TICKS_MAX) {
            (0..self.tabs.len()).for_each(|index| self.feed(index, Event::Tick));
            while self.busy() {
                for index in 0..self.tabs.len() {
                    self.deliver(index);
                    self.finish(index);
                }
            }
        }
    }

    /// Something other than a ticking clock or a waiting for the lock is under way.
    fn busy(&self) -> bool {
        let waits = |index, task: &Task| {
            self.lock && matches!(task, Task::Take { .. }) && self.holder.is_some_and(|holder| holder != index)
        };
        let mut tabs = self.tabs.iter().enumerate().filter_map(|(index, tab)| Some((index, tab.as_ref()?)));
        tabs.any(|(index, tab)| !tab.inbox.is_empty() || tab.tasks.iter().any(|task| !waits(index, task)))
    }
}

fn item(nonce: u64) -> ToWorker {
    ToWorker::Done { nonce, learner: None, course: 1, lesson: nonce as u16, score: 100, day: 1 }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Open,
    Close(usize),
    Freeze(usize),
    Thaw(usize),
    Ask(usize),
    Deliver(usize),
    Lose(usize),
    Finish(usize),
    Tick(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let tab = || 0..8_usize;
    prop_oneof![
        2 => Just(Step::Open),
        1 => tab().prop_map(Step::Close),
        1 => tab().prop_map(Step::Freeze),
        1 => tab().prop_map(Step::Thaw),
        4 => tab().prop_map(Step::Ask),
        12 => tab().prop_map(Step::Deliver),
        1 => tab().prop_map(Step::Lose),
        8 => tab().prop_map(Step::Finish),
        6 => tab().prop_map(Step::Tick),
    ]
}

impl World {
    fn step(&mut self, step: Step) {
        // Places of closed tabs are skipped, so that most steps meet an open one.
        let open: Vec<_> =
            self.tabs.iter().enumerate().filter(|(_, tab)| tab.is_some()).map(|(index, _)| index).collect();
        let pick = |of: usize| open.get(of % open.len().max(1)).copied().unwrap_or(usize::MAX);
        match step {
            Step::Open => self.open(),
            Step::Close(of) if !open.is_empty() => self.close(pick(of)),
            Step::Freeze(of) if !open.is_empty() => {
                self.tabs[pick(of)].as_mut().expect("it is open").frozen = true;
            }
            Step::Thaw(of) if !open.is_empty() => {
                self.tabs[pick(of)].as_mut().expect("it is open").frozen = false;
            }
            Step::Ask(of) => self.ask(pick(of)),
            Step::Deliver(of) => self.deliver(pick(of)),
            Step::Lose(of) => drop(self.tab(pick(of)).and_then(|tab| tab.inbox.pop_front())),
            Step::Finish(of) => self.finish(pick(of)),
            Step::Tick(of) => self.feed(pick(of), Event::Tick),
            Step::Close(_) | Step::Freeze(_) | Step::Thaw(_) => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_to_tabs_every_item_is_kept_and_one_tab_owns(
        lock in any::<bool>(),
        steps in proptest::collection::vec(step(), 0..120),
    ) {
        let mut world = World::new(lock);
        world.open();
        for step in steps {
            world.step(step);
        }
        world.open();
        world.settle();
        let open: Vec<_> = world.tabs.iter().flatten().collect();
        let owners = open.iter().filter(|tab| tab.tabs.role == Role::Owning).count();
        prop_assert_eq!(owners, usize::from(!open.is_empty()));
        for tab in open {
            prop_assert_eq!(&tab.asked, &tab.kept);
            let shown = tab.shown.as_ref().map(|state| state.learners[0].saved);
            prop_assert_eq!(shown, Some(world.stored.len() as u32), "lock {}", world.lock);
        }
    }
}

fn started(lock: bool) -> Tabs {
    let mut tabs = Tabs::new(TabId(1));
    tabs.handle(Event::Start { lock, seen: (!lock).then_some(Epoch(0)) });
    tabs
}

fn owner() -> Tabs {
    let mut tabs = started(false);
    tabs.handle(Event::Tick);
    tabs.handle(Event::Taken { epoch: Epoch(1) });
    tabs
}

#[test]
fn a_lone_tab_owns_after_one_tick() {
    let mut tabs = started(false);
    assert_eq!(tabs.handle(Event::Tick), [Action::Take { expected: Some(Epoch(0)) }]);
}

#[test]
fn a_page_that_is_faster_than_the_store_is_served_when_it_opens() {
    let mut tabs = Tabs::new(TabId(1));
    assert_eq!(tabs.handle(Event::Page(item(7))), []);
    tabs.handle(Event::Start { lock: true, seen: None });
    let actions = tabs.handle(Event::Taken { epoch: Epoch(0) });
    assert!(actions.contains(&Action::Execute { origin: Origin::Page, item: item(7) }));
}

#[test]
fn an_item_sent_twice_is_worked_on_once_at_a_time() {
    let mut tabs = owner();
    assert_eq!(tabs.handle(Event::Page(item(7))).len(), 1);
    assert_eq!(tabs.handle(Event::Page(item(7))), []);
    let answer = FromWorker::Kept { nonce: 7 };
    let executed = Event::Executed { origin: Origin::Page, nonce: 7, answer: answer.clone() };
    assert_eq!(tabs.handle(executed), [Action::ToPage(answer)]);
    assert_eq!(tabs.handle(Event::Page(item(7))).len(), 1);
}

#[test]
fn a_broken_store_is_told_and_tried_again_when_the_page_asks() {
    let mut tabs = owner();
    tabs.handle(Event::Page(item(7)));
    let told = [failed(None, Failure::Full), failed(Some(7), Failure::Full)];
    assert_eq!(tabs.handle(Event::Broken(Failure::Full)), told);
    assert_eq!(tabs.handle(Event::Page(item(8))), [Action::Take { expected: Some(Epoch(1)) }]);
    let actions = tabs.handle(Event::Taken { epoch: Epoch(2) });
    assert!(actions.contains(&Action::Execute { origin: Origin::Page, item: item(8) }));
}

#[test]
fn queues_end_at_their_bounds() {
    let mut tabs = owner();
    for nonce in 0..2 * PENDING_MAX as u64 {
        tabs.handle(Event::Page(item(nonce)));
        let item = protocol::encode(&item(nonce));
        tabs.handle(Event::Channel(TabMessage::Request { from: TabId(2), item }));
    }
    assert_eq!((tabs.pending.len(), tabs.executing.len()), (PENDING_MAX, EXECUTING_MAX));
}

#[test]
fn what_another_release_says_is_ignored() {
    let mut bytes = TabMessage::Ask { fresh: true }.encode();
    assert_eq!(bytes, [TABS_VERSION, 0, 1]);
    bytes[0] += 1;
    assert_eq!(TabMessage::decode(&bytes), None);
    assert_eq!(TabMessage::decode(&[]), None);
    assert_eq!(TabMessage::decode(&[TABS_VERSION, 99]), None);
}

#[test]
fn a_page_of_another_version_is_told_so() {
    let hello = Event::Page(ToWorker::Hello { version: u32::from(PROTOCOL_VERSION) + 1 });
    assert_eq!(owner().handle(hello), [failed(None, Failure::Protocol)]);
}

#[test]
fn what_takes_a_learner_along_is_told_to_who_asked_and_to_nobody_else() {
    let (mut owner, mut other, mut third) = (owner(), Tabs::new(TabId(2)), Tabs::new(TabId(3)));
    other.handle(Event::Start { lock: false, seen: Some(Epoch(0)) });
    other.handle(Event::Channel(TabMessage::Owns { tab: TabId(1), epoch: Epoch(1) }));
    let asked = other.handle(Event::Page(ToWorker::Pass { nonce: 7, learner: [1; 16] }));
    let [Action::Broadcast(request)] = &asked[..] else { panic!("{asked:?}") };
    let work = owner.handle(Event::Channel(request.clone()));
    let [Action::Execute { origin, .. }] = &work[..] else { panic!("{work:?}") };
    let answer = FromWorker::Passed { nonce: 7, secret: [2; 16], key: [3; 16], consent: 4 };
    let told = owner.handle(Event::Executed { origin: *origin, nonce: 7, answer: answer.clone() });
    let [Action::Broadcast(told)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(third.handle(Event::Channel(told.clone())), []);
    assert_eq!(other.handle(Event::Channel(told.clone())), [Action::ToPage(answer)]);
}

#[test]
fn a_broken_store_is_tried_again_when_another_tab_asks() {
    let mut tabs = started(true);
    tabs.handle(Event::Taken { epoch: Epoch(0) });
    tabs.handle(Event::Broken(Failure::Full));
    let request = |nonce| TabMessage::Request { from: TabId(2), item: protocol::encode(&item(nonce)) };
    let take = [Action::Take { expected: Some(Epoch(0)) }];
    assert_eq!(tabs.handle(Event::Channel(request(7))), take);
    let refused = answer(TabId(2), &FromWorker::Failed { nonce: Some(7), reason: Failure::Full });
    assert_eq!(tabs.handle(Event::Broken(Failure::Full)), [failed(None, Failure::Full), refused]);
    assert_eq!(tabs.handle(Event::Channel(request(8))), take);
    tabs.handle(Event::Taken { epoch: Epoch(0) });
    let execute = Action::Execute { origin: Origin::Tab(TabId(2)), item: item(8) };
    assert_eq!(tabs.handle(Event::Channel(request(8))), [execute]);
}
