//! Drives one session over a stream: translates between bytes, the store's answers and the core.

use std::collections::VecDeque;

use iroh::endpoint::{Connection, RecvStream, SendStream};
use n0_future::time::{Duration, Instant, sleep, timeout};
use thiserror::Error;
use tokio::sync::{oneshot, watch};
use tracing::{info, warn};

use super::LinkState;
use crate::replica::{Job, Replica, now};
use crate::session::{Answer, Config, Event, Notice, Output, Session};
use crate::store::{Request, Response};

/// Bytes read at once.
const READ_BYTES: usize = 64 * 1024;
/// A peer that takes nothing of what waits for it in this time is dropped: a hall's network stalls for
/// seconds, and a place that a dead phone keeps is one that a living one lacks.
const STALL_MAX: Duration = Duration::from_mins(1);
/// How long a closing side waits for the other to have read everything.
const CLOSE_WAIT: Duration = Duration::from_secs(3);

/// Why a session's stream ended.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum LinkEnd {
    /// The connection was lost or closed.
    #[error("the connection ended: {0}")]
    Connection(String),
    /// One side refused the other, or the core ended.
    #[error("the session ended")]
    Session,
    /// The store was closed.
    #[error("the store is closed")]
    Store,
    /// This node is shutting down.
    #[error("shutting down")]
    Shutdown,
}

pub(super) struct Link<'a> {
    session: Session,
    replica: &'a Replica,
    state: &'a watch::Sender<LinkState>,
    /// Queries that wait for a place in the store's queue.
    asks: VecDeque<Request>,
    /// Answers that will come, in order.
    answers: VecDeque<oneshot::Receiver<Response>>,
    out: VecDeque<u8>,
    /// Who the peer is, short, for logs.
    peer: String,
    closing: bool,
}

impl<'a> Link<'a> {
    pub(super) fn new(config: Config, replica: &'a Replica, state: &'a watch::Sender<LinkState>) -> Self {
        let peer = config.peer.to_string();
        Self {
            session: Session::new(config),
            replica,
            state,
            asks: VecDeque::new(),
            answers: VecDeque::new(),
            out: VecDeque::new(),
            peer,
            closing: false,
        }
    }

    /// Runs the session until either side ends it.
    pub(super) async fn run(
        mut self,
        connection: &Connection,
        mut send: SendStream,
        mut recv: RecvStream,
        mut shutdown: watch::Receiver<bool>,
    ) -> LinkEnd {
        let mut position = self.replica.subscribe();
        let mut buffer = vec![0; READ_BYTES];
        let mut progress = Instant::now();
        self.event(Event::Opened);
        let end = loop {
            if self.closing && self.out.is_empty() {
                break LinkEnd::Session;
            }
            if self.out.is_empty() {
                progress = Instant::now();
            } else if progress.elapsed() >= STALL_MAX {
                break LinkEnd::Connection(format!("the peer has read nothing for {STALL_MAX:?}"));
            }
            let jobs = self.replica.jobs();
            let room = self.session.input_max().min(READ_BYTES);
            tokio::select! {
                permit = jobs.reserve(), if !self.asks.is_empty() => {
                    let (Ok(permit), Some(request)) = (permit, self.asks.pop_front()) else { break LinkEnd::Store };
                    let (job, answer) = Job::new(request);
                    permit.send(job);
                    self.answers.push_back(answer);
                }
                answer = next(&mut self.answers), if !self.answers.is_empty() => {
                    let Ok(response) = answer else { break LinkEnd::Store };
                    self.answered(response);
                }
                written = send.write(self.out.as_slices().0), if !self.out.is_empty() => match written {
                    Ok(bytes) => {
                        progress = Instant::now();
                        self.out.drain(..bytes);
                        self.event(Event::Sent(bytes));
                    }
                    Err(error) => break LinkEnd::Connection(error.to_string()),
                },
                read = recv.read(&mut buffer[..room]), if !self.closing && room > 0 => match read {
                    Ok(Some(bytes)) => self.event(Event::Received(&buffer[..bytes])),
                    Ok(None) => break LinkEnd::Session,
                    Err(error) => break LinkEnd::Connection(error.to_string()),
                },
                // Looks again, although nothing happens.
                () = sleep(STALL_MAX), if !self.out.is_empty() => {}
                changed = position.changed() => match changed {
                    Ok(()) => self.event(Event::Changed),
                    Err(_) => break LinkEnd::Store,
                },
                _ = shutdown.wait_for(|down| *down) => break LinkEnd::Shutdown,
            }
        };
        // The peer reads what was sent, the reason of a refusal above all, before the connection goes.
        if send.finish().is_ok() {
            timeout(CLOSE_WAIT, send.stopped()).await.ok();
        }
        connection.close(0u32.into(), end.to_string().as_bytes());
        end
    }

    fn answered(&mut self, response: Response) {
        let answer = match response {
            Response::Session(answer) => answer,
            Response::Failed(why) => Answer::Failed(why),
            _ => Answer::Failed("the store answered something else".to_owned()),
        };
        self.event(Event::Answer(answer));
    }

    fn event(&mut self, event: Event<'_>) {
        for output in self.session.handle(event, now()) {
            match output {
                Output::Send(bytes) => self.out.extend(bytes),
                Output::Ask(query) => self.asks.push_back(Request::Session(query)),
                Output::Notice(notice) => self.notice(&notice),
                Output::Close => self.closing = true,
            }
        }
    }

    fn notice(&self, notice: &Notice) {
        let peer = &self.peer;
        match notice {
            Notice::Greeted { .. } => {
                self.state.send_replace(LinkState::Connected);
                info!(%peer, "{notice}");
            }
            Notice::CaughtUp { .. } => tracing::debug!(%peer, "{notice}"),
            _ => warn!(%peer, "{notice}"),
        }
    }
}

/// Waits for the first answer and takes it off the queue.
async fn next(answers: &mut VecDeque<oneshot::Receiver<Response>>) -> Result<Response, ()> {
    let response = match answers.front_mut() {
        Some(answer) => answer.await.map_err(drop),
        None => Err(()),
    };
    answers.pop_front();
    response
}
