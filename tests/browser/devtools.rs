//! Chromium's `DevTools` protocol over a pipe: JSON messages, each ended by a zero byte.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::measure::{self, Transfer, Wire};

/// How long the browser may take to answer one command. A document that is replaced can take a command
/// with it, so who waits for something asks again well before giving up.
const ANSWER_SECONDS_MAX: u64 = 15;

/// Most requests of a page that are counted.
const TRANSFERS_MAX: usize = 10_000;

/// Most lines a page's console may leave behind.
const CONSOLE_LINES_MAX: usize = 2_000;

/// One line that a page or one of its workers wrote to the console, or an error nobody caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleLine {
    /// `log`, `warning`, `error`, …; `exception` for an error nobody caught.
    pub level: String,
    /// What it says.
    pub text: String,
}

/// The connection to one browser process.
#[derive(Debug)]
pub(super) struct DevTools {
    to: Mutex<ChildStdin>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    answers: HashMap<u64, Value>,
    /// Messages received, so that who waits knows that something happened.
    messages: u64,
    /// Sessions of workers by the page that started them.
    parents: HashMap<String, String>,
    /// What workers of a page may not ask for, by its session: each fetches for itself.
    blocked: HashMap<String, Value>,
    console: HashMap<String, Vec<ConsoleLine>>,
    /// Addresses asked for, by session and request.
    asked: HashMap<(String, String), String>,
    transfers: HashMap<String, Vec<Transfer>>,
    closed: bool,
}

impl DevTools {
    /// Speaks over the pipe of a browser that was just started.
    pub(super) fn connect(to: ChildStdin, from: ChildStdout) -> Arc<Self> {
        let tools = Arc::new(Self { to: Mutex::new(to), state: Mutex::default(), changed: Condvar::new() });
        let reading = Arc::clone(&tools);
        std::thread::spawn(move || reading.read(BufReader::new(from)));
        tools
    }

    /// Sends a command and waits for its result. `session` is empty for the browser itself.
    pub(super) fn call(&self, session: &str, method: &str, params: &Value) -> anyhow::Result<Value> {
        let id = self.send(session, method, params).with_context(|| format!("sending {method}"))?;
        let end = Instant::now() + Duration::from_secs(ANSWER_SECONDS_MAX);
        let mut state = self.locked();
        loop {
            if let Some(mut answer) = state.answers.remove(&id) {
                if let Some(error) = answer.get("error") {
                    bail!("{method}: {}", error["message"].as_str().unwrap_or("refused"));
                }
                return Ok(answer["result"].take());
            }
            if state.closed {
                bail!("{method}: the browser is gone");
            }
            let left = end.checked_duration_since(Instant::now());
            let left = left.with_context(|| format!("{method}: no answer within {ANSWER_SECONDS_MAX} s"))?;
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until the browser reports anything, at most for `at_most`.
    pub(super) fn pause(&self, at_most: Duration) {
        let state = self.locked();
        let seen = state.messages;
        let quiet = |state: &mut State| state.messages == seen && !state.closed;
        // Why it went on does not matter: who waits looks again.
        drop(self.changed.wait_timeout_while(state, at_most, quiet));
    }

    /// Returns what a page and its workers wrote to the console so far.
    pub(super) fn console(&self, session: &str) -> Vec<ConsoleLine> {
        self.locked().console.get(session).cloned().unwrap_or_default()
    }

    /// Returns what came over the network for a page so far.
    pub(super) fn transfers(&self, session: &str) -> Vec<Transfer> {
        self.locked().transfers.get(session).cloned().unwrap_or_default()
    }

    /// Lets the workers that a page starts from now on ask for nothing of these addresses.
    pub(super) fn block_workers(&self, session: &str, blocked: Value) {
        self.locked().blocked.insert(session.to_owned(), blocked);
    }

    /// Listens to a worker that has just started, and lets it go on.
    fn attend(&self, worker: &str) -> anyhow::Result<()> {
        let blocked = {
            let state = self.locked();
            state.blocked.get(&state.page_of(worker)).cloned()
        };
        if let Some(blocked) = blocked {
            self.send(worker, "Network.enable", &json!({}))?;
            self.send(worker, "Network.setBlockedURLs", &blocked)?;
        }
        self.send(worker, "Runtime.enable", &json!({}))?;
        self.send(worker, "Runtime.runIfWaitingForDebugger", &json!({}))?;
        Ok(())
    }

    fn send(&self, session: &str, method: &str, params: &Value) -> anyhow::Result<u64> {
        let id = {
            let mut state = self.locked();
            state.next += 1;
            state.next
        };
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !session.is_empty() {
            message["sessionId"] = session.into();
        }
        let mut bytes = serde_json::to_vec(&message)?;
        bytes.push(0);
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        to.write_all(&bytes)?;
        to.flush()?;
        Ok(id)
    }

    fn read(&self, mut from: BufReader<ChildStdout>) {
        let mut bytes = Vec::new();
        while from.read_until(0, &mut bytes).is_ok_and(|n| n > 0) {
            if let Ok(message) = serde_json::from_slice::<Value>(bytes.strip_suffix(&[0]).unwrap_or(&bytes)) {
                self.receive(message);
            }
            bytes.clear();
        }
        self.locked().closed = true;
        self.changed.notify_all();
    }

    fn receive(&self, message: Value) {
        let worker = {
            let mut state = self.locked();
            state.messages += 1;
            state.receive(message)
        };
        self.changed.notify_all();
        if let Some(worker) = worker {
            // Its console is wanted; if it is gone already, so is its console.
            drop(self.attend(&worker));
        }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes a message in; returns the session of a worker that has just started.
    fn receive(&mut self, message: Value) -> Option<String> {
        if let Some(id) = message["id"].as_u64() {
            self.answers.insert(id, message);
            return None;
        }
        let session = message["sessionId"].as_str().unwrap_or_default();
        let params = &message["params"];
        let method = message["method"].as_str().unwrap_or_default();
        if let Some(wire) = measure::wire(method, params) {
            self.count(session, wire);
        }
        match method {
            "Target.attachedToTarget" if !session.is_empty() => {
                let worker = params["sessionId"].as_str().unwrap_or_default().to_owned();
                let page = self.page_of(session);
                self.parents.insert(worker.clone(), page);
                return Some(worker);
            }
            "Runtime.consoleAPICalled" => {
                let text = params["args"].as_array().into_iter().flatten().map(shown).collect::<Vec<_>>().join(" ");
                self.add(session, params["type"].as_str().unwrap_or_default(), text);
            }
            "Runtime.exceptionThrown" => {
                let details = &params["exceptionDetails"];
                let text = details["exception"]["description"].as_str().or(details["text"].as_str());
                self.add(session, "exception", text.unwrap_or_default().to_owned());
            }
            "Log.entryAdded" => {
                let entry = &params["entry"];
                let text = format!(
                    "{} {}",
                    entry["text"].as_str().unwrap_or_default(),
                    entry["url"].as_str().unwrap_or_default()
                );
                self.add(session, entry["level"].as_str().unwrap_or_default(), text);
            }
            _ => {}
        }
        None
    }

    fn count(&mut self, session: &str, wire: Wire) {
        match wire {
            Wire::Asked(request, url) if self.asked.len() < TRANSFERS_MAX => {
                self.asked.insert((session.to_owned(), request), url);
            }
            Wire::Asked(..) => {}
            Wire::Came(request, bytes) => {
                if let Some(url) = self.asked.remove(&(session.to_owned(), request)) {
                    self.transfers.entry(session.to_owned()).or_default().push(Transfer { url, bytes });
                }
            }
        }
    }

    fn page_of(&self, session: &str) -> String {
        self.parents.get(session).cloned().unwrap_or_else(|| session.to_owned())
    }

    fn add(&mut self, session: &str, level: &str, text: String) {
        let lines = self.console.entry(self.page_of(session)).or_default();
        if lines.len() < CONSOLE_LINES_MAX {
            lines.push(ConsoleLine { level: level.to_owned(), text });
        }
    }
}

/// Returns what a console shows for a value.
fn shown(value: &Value) -> String {
    match (&value["value"], value["description"].as_str()) {
        (Value::String(text), _) => text.clone(),
        (_, Some(description)) => description.to_owned(),
        (other, None) => other.to_string(),
    }
}
