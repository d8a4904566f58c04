//! What changes while a page is open, sent to it: the dashboard's numbers, the state of a preview.
//!
//! One side publishes; each reader gets the newest state, never a backlog: whoever reads slowly skips
//! what is outdated. Sent as server-sent events, which a browser reopens by itself.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use app::province::Feed;
use axum::response::sse::{Event, KeepAlive, Sse};
use n0_future::{Stream, stream};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::problem::Problem;
use super::serve::until;

/// Readers at once; a dashboard is for a few offices.
pub(crate) const READERS_MAX: usize = 64;

/// Silence after which a comment is sent, so that both sides notice a dead connection.
const SILENCE_SECONDS_MAX: Duration = Duration::from_secs(15);

/// The source of a live feed: of the dashboard's, unless it says otherwise.
#[derive(Debug)]
pub(crate) struct Live<T = Feed> {
    newest: watch::Receiver<T>,
    places: Arc<Semaphore>,
}

impl<T: Clone + Serialize + Send + Sync + 'static> Live<T> {
    /// Feeds readers from `newest`.
    pub(crate) fn new(newest: watch::Receiver<T>) -> Self {
        Self { newest, places: Arc::new(Semaphore::new(READERS_MAX)) }
    }

    /// Returns what was published last.
    pub(crate) fn newest(&self) -> T {
        self.newest.borrow().clone()
    }

    /// Starts a reader: the current state at once, then each change, until `stop` turns true.
    ///
    /// # Errors
    ///
    /// When [`READERS_MAX`] are reading.
    pub(crate) fn stream(
        &self,
        stop: watch::Receiver<bool>,
    ) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<T>>, Problem> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| Problem::FeedFull)?;
        let mut newest = self.newest.clone();
        newest.mark_changed();
        let events = stream::unfold(Reader { newest, stop, _place: place }, |mut reader| async move {
            let event = reader.next().await?;
            Some((Ok(event), reader))
        });
        Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(SILENCE_SECONDS_MAX)))
    }
}

/// One open page.
struct Reader<T> {
    newest: watch::Receiver<T>,
    stop: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl<T: Serialize> Reader<T> {
    async fn next(&mut self) -> Option<Event> {
        until(&mut self.stop, self.newest.changed()).await?.ok()?;
        let text = serde_json::to_string(&*self.newest.borrow_and_update()).ok()?;
        Some(Event::default().data(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;
    use n0_future::StreamExt as _;

    fn at(at_minutes: u64) -> Feed {
        Feed { at_minutes, communes: Vec::new() }
    }

    #[tokio::test]
    async fn a_reader_gets_the_newest_state_and_ends_with_the_node() {
        let (publish, newest) = watch::channel(at(1));
        let (stop, stopped) = watch::channel(false);
        let live = Live::new(newest);
        let mut body = live.stream(stopped).unwrap().into_response().into_body().into_data_stream();

        assert_eq!(body.next().await.unwrap().unwrap(), "data: {\"at_minutes\":1,\"communes\":[]}\n\n");
        publish.send_replace(at(2));
        publish.send_replace(at(3));
        assert_eq!(body.next().await.unwrap().unwrap(), "data: {\"at_minutes\":3,\"communes\":[]}\n\n");
        assert_eq!(live.newest(), at(3));
        stop.send_replace(true);
        assert!(body.next().await.is_none());
    }

    #[tokio::test]
    async fn readers_are_bounded_and_leave_their_place() {
        let (_publish, newest) = watch::channel(at(1));
        let (_stop, stopped) = watch::channel(false);
        let live = Live::new(newest);
        let mut readers: Vec<_> = (0..READERS_MAX).map(|_| live.stream(stopped.clone()).unwrap()).collect();
        assert_eq!(live.stream(stopped.clone()).err(), Some(Problem::FeedFull));
        readers.pop();
        assert!(live.stream(stopped).is_ok());
    }
}
