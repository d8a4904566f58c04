//! Which tab's worker owns the database, and how the other tabs reach it.
//!
//! Every tab has a worker, and one of them owns the database. The others forward what their page
//! asks over a `BroadcastChannel` and pass on what the owner tells. When the owner's tab goes away,
//! another takes over by itself and everything unanswered is asked again.
//!
//! In a secure context a Web Lock decides: waiting for it is all there is to do. Elsewhere a lease
//! does, a number in `IndexedDB` called the epoch: whoever takes over raises it, and a commit of an
//! owner with a smaller one is refused by the storage itself. So two tabs that both believe to own
//! the database cost a repetition, never a record.
//!
//! This module is plain logic: events in, actions out, no clock and no browser.

use std::collections::{BTreeMap, BTreeSet};

use app::protocol::{self, Failure, FromWorker, PROTOCOL_VERSION, PhoneState, ToWorker};
use serde::{Deserialize, Serialize};

/// Version of the messages between tabs; the first byte of each. Others are ignored: a tab opened
/// before an update finds no owner it understands, takes over, and is fenced like any other.
pub(crate) const TABS_VERSION: u8 = 1;

/// Most items of this tab's page that wait for an answer. The page keeps what is over it.
pub(crate) const PENDING_MAX: usize = 256;

/// Most items of other tabs being worked on. What is over it is asked again by its tab.
pub(crate) const EXECUTING_MAX: usize = 256;

/// Most waiting items asked again at one tick.
const RESEND_MAX: usize = 32;

/// Ticks without a word from the owner after which a tab takes over.
pub(crate) const SILENT_TICKS_MAX: u8 = 3;

/// Random number of a tab's worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct TabId(pub(crate) u64);

/// Grows with every change of owner. Zero where a Web Lock decides alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Epoch(pub(crate) u64);

/// What tabs tell each other. Messages of the page's protocol travel inside, encoded as there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TabMessage {
    /// Asks the owner to speak, and for the state if the asker has none.
    Ask { fresh: bool },
    /// The owner speaks.
    Owns { tab: TabId, epoch: Epoch },
    /// Asks the owner to do what a page wants.
    Request { from: TabId, item: Vec<u8> },
    /// What the owner answers to one tab.
    Answer { to: TabId, answer: Vec<u8> },
    /// What the owner shows to all.
    State { epoch: Epoch, state: Vec<u8> },
}

impl TabMessage {
    /// Encodes with [`TABS_VERSION`] in front.
    pub(crate) fn encode(&self) -> Vec<u8> {
        // Fails only for types that cannot be encoded; these can.
        postcard::to_extend(self, vec![TABS_VERSION]).unwrap_or_default()
    }

    /// Decodes what another tab sent, or `None` where it speaks otherwise.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        // A page message is the largest content; the rest is a few numbers.
        let bounded = bytes.len() <= protocol::MESSAGE_BYTES_MAX + 64;
        let body = bytes.strip_prefix(&[TABS_VERSION]).filter(|_| bounded)?;
        postcard::from_bytes(body).ok()
    }
}

/// Whose item is being worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// This tab's page.
    Page,
    /// Another tab.
    Tab(TabId),
}

/// What happened.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// The worker runs. `lock`: a Web Lock decides. `seen`: the lease's epoch before anything else.
    Start { lock: bool, seen: Option<Epoch> },
    /// The page sent a message.
    Page(ToWorker),
    /// Another tab sent a message.
    Channel(TabMessage),
    /// A moment passed; a few of them in a second.
    Tick,
    /// [`Action::Take`] succeeded: the store is open and ours.
    Taken { epoch: Epoch },
    /// [`Action::Take`] came second; this is the epoch now.
    Lost { epoch: Epoch },
    /// The store cannot be opened, or failed and was closed.
    Broken(Failure),
    /// Storage refused a commit: another tab has taken over.
    Evicted,
    /// An [`Action::Execute`] ended.
    Executed { origin: Origin, nonce: u64, answer: FromWorker },
    /// What the own store shows now.
    State(PhoneState),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Tells this tab's page.
    ToPage(FromWorker),
    /// Tells the other tabs.
    Broadcast(TabMessage),
    /// Becomes owner and opens the store. `expected`: only if this is still the epoch.
    Take { expected: Option<Epoch> },
    /// Keeps an item in the store.
    Execute { origin: Origin, item: ToWorker },
    /// Forgets the store without writing anything more.
    Drop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Not started, or asked whether anybody owns the database.
    Seeking { started: bool },
    /// Another tab owns the database.
    Following { owner: Option<TabId>, unanswered: u8 },
    /// Waits for the outcome of a take-over.
    Taking,
    /// Owns the database, and the store is open.
    Owning,
    /// Owns the database, and the store cannot be used.
    Broken(Failure),
}

/// One tab's part in the arrangement.
#[derive(Debug)]
pub(crate) struct Tabs {
    id: TabId,
    role: Role,
    /// A Web Lock decides who owns.
    lock: bool,
    /// The newest epoch known; our own when owning.
    epoch: Option<Epoch>,
    /// What this tab's page waits for, by nonce.
    pending: BTreeMap<u64, ToWorker>,
    /// What is being kept for other tabs.
    executing: BTreeSet<(TabId, u64)>,
    /// What was last shown.
    state: Option<PhoneState>,
}

impl Tabs {
    /// Starts with nothing known; the first event is [`Event::Start`], but the page may be faster.
    pub(crate) fn new(id: TabId) -> Self {
        Self {
            id,
            role: Role::Seeking { started: false },
            lock: false,
            epoch: None,
            pending: BTreeMap::new(),
            executing: BTreeSet::new(),
            state: None,
        }
    }

    /// Advances by one event.
    pub(crate) fn handle(&mut self, event: Event) -> Vec<Action> {
        match event {
            Event::Start { lock, seen } => self.start(lock, seen),
            Event::Page(message) => self.page(message),
            Event::Channel(message) => self.channel(message),
            Event::Tick => self.tick(),
            Event::Taken { epoch } => self.taken(epoch),
            Event::Lost { epoch } => self.follow(None, epoch),
            Event::Broken(reason) => self.broken(reason),
            Event::Evicted => self.evicted(),
            Event::Executed { origin, nonce, answer } => self.executed(origin, nonce, answer),
            Event::State(state) => self.show(state),
        }
    }

    fn start(&mut self, lock: bool, seen: Option<Epoch>) -> Vec<Action> {
        self.lock = lock;
        self.epoch = seen;
        let ask = Action::Broadcast(TabMessage::Ask { fresh: true });
        if lock {
            self.role = Role::Following { owner: None, unanswered: 0 };
            vec![ask, Action::Take { expected: None }]
        } else {
            self.role = Role::Seeking { started: true };
            vec![ask]
        }
    }

    fn page(&mut self, message: ToWorker) -> Vec<Action> {
        let Some(nonce) = message.nonce() else {
            return self.hello(&message);
        };
        let full = self.pending.len() >= PENDING_MAX;
        if full && !self.pending.contains_key(&nonce) {
            return Vec::new();
        }
        let known = self.pending.insert(nonce, message.clone()).is_some();
        match self.role {
            Role::Owning if known => Vec::new(),
            Role::Owning => vec![Action::Execute { origin: Origin::Page, item: message }],
            Role::Following { .. } => vec![self.request(&message)],
            // Storage may have recovered: the user freed some, or allowed it.
            Role::Broken(_) => self.take(),
            Role::Seeking { .. } | Role::Taking => Vec::new(),
        }
    }

    fn hello(&self, message: &ToWorker) -> Vec<Action> {
        if *message != (ToWorker::Hello { version: PROTOCOL_VERSION.into() }) {
            return vec![failed(None, Failure::Protocol)];
        }
        let state = self.state.clone().map(FromWorker::State).map(Action::ToPage);
        match self.role {
            Role::Broken(reason) => state.into_iter().chain([failed(None, reason)]).collect(),
            _ => state.into_iter().collect(),
        }
    }

    fn channel(&mut self, message: TabMessage) -> Vec<Action> {
        match message {
            TabMessage::Ask { fresh } => self.asked(fresh),
            TabMessage::Owns { tab, epoch } => self.owns(tab, epoch),
            TabMessage::Request { from, item } => self.requested(from, &item),
            TabMessage::Answer { to, answer } if to == self.id => self.answered(&answer),
            TabMessage::Answer { .. } => Vec::new(),
            TabMessage::State { epoch, state } => self.shown(epoch, &state),
        }
    }

    fn asked(&self, fresh: bool) -> Vec<Action> {
        if self.role != Role::Owning {
            return Vec::new();
        }
        let state = self.state.as_ref().filter(|_| fresh).map(|state| self.state_message(state));
        [Some(self.owns_message()), state].into_iter().flatten().map(Action::Broadcast).collect()
    }

    fn owns(&mut self, tab: TabId, epoch: Epoch) -> Vec<Action> {
        let ours = self.epoch.unwrap_or_default();
        match self.role {
            Role::Owning if epoch > ours => {
                let mut actions = vec![Action::Drop];
                actions.extend(self.follow(Some(tab), epoch));
                actions
            }
            // It does not know yet that it was succeeded.
            Role::Owning => vec![Action::Broadcast(self.owns_message())],
            _ if epoch < ours => Vec::new(),
            Role::Following { owner: Some(owner), .. } if owner == tab && epoch == ours => {
                self.role = Role::Following { owner: Some(tab), unanswered: 0 };
                Vec::new()
            }
            Role::Following { .. } | Role::Seeking { .. } => self.follow(Some(tab), epoch),
            // What failed here works there.
            Role::Broken(_) if !self.lock => self.follow(Some(tab), epoch),
            Role::Taking | Role::Broken(_) => Vec::new(),
        }
    }

    fn requested(&mut self, from: TabId, item: &[u8]) -> Vec<Action> {
        let Ok(item) = protocol::decode::<ToWorker>(item) else {
            return Vec::new();
        };
        let Some(nonce) = item.nonce() else {
            return Vec::new();
        };
        match self.role {
            Role::Owning if self.executing.len() < EXECUTING_MAX => {
                let new = self.executing.insert((from, nonce));
                let execute = Action::Execute { origin: Origin::Tab(from), item };
                new.then_some(execute).into_iter().collect()
            }
            // Only the holder of a lock can try the storage again; without one each tab tries itself. Who asked is
            // told if it fails again, and else asks once more.
            Role::Broken(_) if self.lock => {
                self.executing.insert((from, nonce));
                self.take()
            }
            _ => Vec::new(),
        }
    }

    fn answered(&mut self, answer: &[u8]) -> Vec<Action> {
        let Ok(answer) = protocol::decode::<FromWorker>(answer) else {
            return Vec::new();
        };
        match answer {
            FromWorker::Kept { nonce }
            | FromWorker::Failed { nonce: Some(nonce), .. }
            | FromWorker::Passed { nonce, .. } => {
                let waited = self.pending.remove(&nonce).is_some();
                waited.then_some(Action::ToPage(answer)).into_iter().collect()
            }
            FromWorker::Failed { nonce: None, .. } | FromWorker::State(_) => Vec::new(),
        }
    }

    fn shown(&mut self, epoch: Epoch, state: &[u8]) -> Vec<Action> {
        let old = self.epoch.is_some_and(|known| epoch < known);
        let follows = matches!(self.role, Role::Following { .. } | Role::Seeking { .. });
        match protocol::decode(state) {
            Ok(FromWorker::State(state)) if follows && !old => {
                self.state = Some(state.clone());
                vec![Action::ToPage(FromWorker::State(state))]
            }
            _ => Vec::new(),
        }
    }

    fn tick(&mut self) -> Vec<Action> {
        match self.role {
            Role::Seeking { started: true } => self.take(),
            Role::Following { unanswered: SILENT_TICKS_MAX.., .. } if !self.lock => self.take(),
            Role::Following { owner, unanswered } => {
                let unanswered = unanswered.saturating_add(1);
                self.role = Role::Following { owner, unanswered };
                let fresh = self.state.is_none();
                let ask = Action::Broadcast(TabMessage::Ask { fresh });
                let again = self.pending.values().take(RESEND_MAX).map(|item| self.request(item));
                std::iter::once(ask).chain(again).collect()
            }
            Role::Seeking { started: false } | Role::Taking | Role::Owning | Role::Broken(_) => Vec::new(),
        }
    }

    fn take(&mut self) -> Vec<Action> {
        self.role = Role::Taking;
        vec![Action::Take { expected: self.epoch }]
    }

    fn taken(&mut self, epoch: Epoch) -> Vec<Action> {
        self.role = Role::Owning;
        self.epoch = Some(epoch);
        self.executing.clear();
        let execute = |item: &ToWorker| Action::Execute { origin: Origin::Page, item: item.clone() };
        let announce = Action::Broadcast(self.owns_message());
        std::iter::once(announce).chain(self.pending.values().map(execute)).collect()
    }

    /// Follows a new owner: everything unanswered is asked again.
    fn follow(&mut self, owner: Option<TabId>, epoch: Epoch) -> Vec<Action> {
        self.role = Role::Following { owner, unanswered: 0 };
        self.epoch = Some(epoch);
        self.executing.clear();
        let ask = Action::Broadcast(TabMessage::Ask { fresh: true });
        let again = self.pending.values().map(|item| self.request(item));
        std::iter::once(ask).chain(again).collect()
    }

    fn broken(&mut self, reason: Failure) -> Vec<Action> {
        self.role = Role::Broken(reason);
        let executing = std::mem::take(&mut self.executing)
            .into_iter()
            .map(|(tab, nonce)| answer(tab, &FromWorker::Failed { nonce: Some(nonce), reason }));
        let pending = std::mem::take(&mut self.pending).into_keys();
        std::iter::once(failed(None, reason))
            .chain(pending.map(|nonce| failed(Some(nonce), reason)))
            .chain(executing)
            .collect()
    }

    fn evicted(&mut self) -> Vec<Action> {
        if self.role != Role::Owning {
            return Vec::new();
        }
        let epoch = self.epoch.unwrap_or_default();
        let mut actions = vec![Action::Drop];
        // The successor's epoch is at least one higher; it says which when asked.
        actions.extend(self.follow(None, Epoch(epoch.0 + 1)));
        actions
    }

    fn executed(&mut self, origin: Origin, nonce: u64, message: FromWorker) -> Vec<Action> {
        match origin {
            Origin::Page => {
                let waited = self.pending.remove(&nonce).is_some();
                waited.then_some(Action::ToPage(message)).into_iter().collect()
            }
            Origin::Tab(tab) => {
                self.executing.remove(&(tab, nonce));
                vec![answer(tab, &message)]
            }
        }
    }

    fn show(&mut self, state: PhoneState) -> Vec<Action> {
        if self.role != Role::Owning || self.state.as_ref() == Some(&state) {
            return Vec::new();
        }
        let broadcast = Action::Broadcast(self.state_message(&state));
        self.state = Some(state.clone());
        vec![Action::ToPage(FromWorker::State(state)), broadcast]
    }

    fn owns_message(&self) -> TabMessage {
        TabMessage::Owns { tab: self.id, epoch: self.epoch.unwrap_or_default() }
    }

    fn state_message(&self, state: &PhoneState) -> TabMessage {
        let state = FromWorker::State(PhoneState { owner: false, ..state.clone() });
        let epoch = self.epoch.unwrap_or_default();
        TabMessage::State { epoch, state: protocol::encode(&state) }
    }

    fn request(&self, item: &ToWorker) -> Action {
        let item = protocol::encode(item);
        Action::Broadcast(TabMessage::Request { from: self.id, item })
    }
}

fn failed(nonce: Option<u64>, reason: Failure) -> Action {
    Action::ToPage(FromWorker::Failed { nonce, reason })
}

fn answer(to: TabId, message: &FromWorker) -> Action {
    Action::Broadcast(TabMessage::Answer { to, answer: protocol::encode(message) })
}

#[cfg(test)]
mod tests;
