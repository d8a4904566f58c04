//! Drives one session over a stream, and counts.
//!
//! A third driver of the session's core beside the network adapter and the simulator: it does what the
//! adapter does, and also counts bytes, holds them back to be a slow path, and stops where it is told.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use anyhow::{Context as _, bail};
use iroh::endpoint::{Connection, ReadError, RecvStream, SendStream};
use sync::replica::{Replica, RequestError, now};
use sync::session::{Answer, Config, Event, Notice, Output, Session};
use sync::store::{Request, Response};
use tokio::time::{Duration, Instant, sleep, sleep_until};

/// Bytes read at once, as the network adapter does.
const READ_BYTES: usize = 64 * 1024;
/// Bytes read at once where they arrive slowly: a few packets.
const PACKET_BYTES: usize = 4 * 1024;
/// When a session has done what it is measured for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goal {
    /// Records that are to be in the store, beside having caught up.
    pub(crate) records: u64,
    /// Bytes in both directions at which the process kills itself.
    pub(crate) die_at: Option<u64>,
    /// How long bytes are held back in each direction.
    pub(crate) delay: Duration,
    /// Silence after which nothing more is expected to come once it is reached.
    pub(crate) silence: Duration,
    /// How many bytes a second arrive at the most.
    pub(crate) rate: Option<u32>,
}

/// What a session took.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Bytes of frames sent.
    pub(crate) sent: u64,
    /// Bytes of frames received.
    pub(crate) received: u64,
    /// Records taken, durably.
    pub(crate) records: u64,
    /// When the goal was reached.
    pub(crate) reached: Option<Instant>,
    caught_up: bool,
}

impl Figures {
    fn add(&mut self, more: &Self) {
        self.sent += more.sent;
        self.received += more.received;
        self.records += more.records;
        self.reached = more.reached;
    }
}

type Asked = Pin<Box<dyn Future<Output = Result<Response, RequestError>> + Send>>;

/// Bytes on a path that takes a while.
#[derive(Debug, Default)]
struct Line(VecDeque<(Instant, Vec<u8>)>);

impl Line {
    fn push(&mut self, bytes: Vec<u8>, delay: Duration) {
        self.0.push_back((Instant::now() + delay, bytes));
    }

    /// Bytes that are due and were not taken: on a slow path those before them are still on the way.
    fn waiting(&self) -> usize {
        let due = |(due, _): &&(Instant, Vec<u8>)| *due <= Instant::now();
        self.0.iter().take_while(due).map(|(_, bytes)| bytes.len()).sum()
    }

    /// Waits for the first bytes to get through.
    async fn next(&mut self) -> Vec<u8> {
        // A timer takes a millisecond at the least, in which a fast path brings everything.
        if let Some((due, _)) = self.0.front()
            && *due > Instant::now()
        {
            sleep_until(*due).await;
        }
        self.0.pop_front().map(|(_, bytes)| bytes).unwrap_or_default()
    }
}

/// A session that is measured.
pub(crate) struct Meter<'a> {
    session: Session,
    replica: &'a Replica,
    goal: Goal,
    /// Answers that will come, in order.
    asked: VecDeque<Asked>,
    outward: Line,
    inward: Line,
    out: VecDeque<u8>,
    figures: Figures,
    closing: bool,
}

impl<'a> Meter<'a> {
    /// Prepares a session.
    pub(crate) fn new(config: Config, replica: &'a Replica, goal: Goal) -> Self {
        Self {
            session: Session::new(config),
            replica,
            goal,
            asked: VecDeque::new(),
            outward: Line::default(),
            inward: Line::default(),
            out: VecDeque::new(),
            figures: Figures::default(),
            closing: false,
        }
    }

    /// Runs the session until it has reached its goal and fallen silent.
    pub(crate) async fn run(mut self, connection: &Connection, figures: &mut Figures) -> anyhow::Result<()> {
        let end = self.drive(connection).await;
        figures.add(&self.figures);
        end
    }

    async fn drive(&mut self, connection: &Connection) -> anyhow::Result<()> {
        let (mut send, mut recv): (SendStream, RecvStream) = connection.open_bi().await?;
        let mut position = self.replica.subscribe();
        let mut buffer = vec![0; READ_BYTES];
        self.event(Event::Opened).await?;
        loop {
            let room = self.session.input_max().saturating_sub(self.inward.waiting()).min(READ_BYTES);
            tokio::select! {
                response = next(&mut self.asked), if !self.asked.is_empty() => {
                    let answer = answer(response?)?;
                    self.count(&answer);
                    self.event(Event::Answer(answer)).await?;
                }
                bytes = self.outward.next(), if !self.outward.0.is_empty() => self.out.extend(bytes),
                bytes = self.inward.next(), if !self.inward.0.is_empty() => {
                    self.event(Event::Received(&bytes)).await?;
                }
                written = send.write(self.out.as_slices().0), if !self.out.is_empty() => {
                    let bytes = written?;
                    self.out.drain(..bytes);
                    self.figures.sent += bytes as u64;
                    self.event(Event::Sent(bytes)).await?;
                }
                read = paced(&mut recv, &mut buffer[..room], self.goal.rate), if room > 0 => {
                    let bytes = read?.context("the hub ended the session")?;
                    self.received(&buffer[..bytes])?;
                }
                changed = position.changed() => {
                    changed?;
                    self.event(Event::Changed).await?;
                }
                () = sleep(self.goal.silence + 2 * self.goal.delay), if self.figures.reached.is_some() => break,
            }
            anyhow::ensure!(!self.closing, "the session ended itself");
        }
        Ok(send.finish()?)
    }

    fn received(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.figures.received += bytes.len() as u64;
        if self.goal.die_at.is_some_and(|most| self.figures.sent + self.figures.received >= most) {
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)?;
        }
        self.inward.push(bytes.to_vec(), self.goal.delay);
        Ok(())
    }

    async fn event(&mut self, event: Event<'_>) -> anyhow::Result<()> {
        for output in self.session.handle(event, now()) {
            match output {
                Output::Send(bytes) => self.outward.push(bytes, self.goal.delay),
                Output::Ask(query) => self.ask(Request::Session(query)).await,
                // While a lost cursor is made up for, the position is 0.
                Output::Notice(Notice::CaughtUp { position }) => self.figures.caught_up |= position > 0,
                Output::Notice(Notice::Greeted { .. }) => {}
                Output::Notice(notice) => bail!("{notice}"),
                Output::Close => self.closing = true,
            }
        }
        if self.figures.caught_up && self.figures.records >= self.goal.records {
            self.figures.reached.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// Puts a request into the store's queue at once, so that requests keep their order.
    async fn ask(&mut self, request: Request) {
        let replica = self.replica.clone();
        let mut asked: Asked = Box::pin(async move { replica.request(request).await });
        let early = poll_fn(|context| Poll::Ready(asked.as_mut().poll(context))).await;
        self.asked.push_back(match early {
            Poll::Ready(response) => Box::pin(std::future::ready(response)),
            Poll::Pending => asked,
        });
    }

    fn count(&mut self, answer: &Answer) {
        let results = if let Answer::Ingest(results) = answer { &results[..] } else { &[] };
        let lengths = results.iter().filter_map(|result| result.as_ref().ok());
        self.figures.records += lengths.sum::<u64>();
    }
}

/// Reads, a little at a time where bytes arrive slowly.
async fn paced(recv: &mut RecvStream, buffer: &mut [u8], rate: Option<u32>) -> Result<Option<usize>, ReadError> {
    let Some(rate) = rate else { return recv.read(buffer).await };
    sleep(PACKET_BYTES as u32 * Duration::from_secs(1) / rate).await;
    let most = buffer.len().min(PACKET_BYTES);
    recv.read(&mut buffer[..most]).await
}

/// Waits for the first answer and takes it off the queue.
async fn next(asked: &mut VecDeque<Asked>) -> Result<Response, RequestError> {
    let response = match asked.front_mut() {
        Some(first) => first.await,
        None => Err(RequestError::Closed),
    };
    asked.pop_front();
    response
}

fn answer(response: Response) -> anyhow::Result<Answer> {
    match response {
        Response::Session(answer) => Ok(answer),
        other => bail!("the store answered {other:?}"),
    }
}
