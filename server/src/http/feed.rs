//! The dashboard's numbers, sent to every open dashboard as they change.
//!
//! The node publishes; each reader gets the newest state, never a backlog: whoever reads slowly skips
//! what is outdated. Sent as server-sent events, which a browser reopens by itself.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use n0_future::{Stream, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::problem::Problem;
use super::serve::until;

/// Readers at once; a dashboard is for a few offices.
pub(crate) const READERS_MAX: usize = 64;

/// Silence after which a comment is sent, so that both sides notice a dead connection.
const SILENCE_SECONDS_MAX: Duration = Duration::from_secs(15);

/// The numbers as JSON, shared by all readers.
pub(crate) type Overview = Arc<str>;

/// The source of the live feed.
#[derive(Debug)]
pub(crate) struct Feed {
    newest: watch::Receiver<Overview>,
    places: Arc<Semaphore>,
}

impl Feed {
    /// Feeds readers from `newest`.
    pub(crate) fn new(newest: watch::Receiver<Overview>) -> Self {
        Self { newest, places: Arc::new(Semaphore::new(READERS_MAX)) }
    }

    /// Starts a reader: the current numbers at once, then each change, until `stop` turns true.
    ///
    /// # Errors
    ///
    /// When [`READERS_MAX`] are reading.
    pub(crate) fn stream(
        &self,
        stop: watch::Receiver<bool>,
    ) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<>>, Problem> {
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

/// One open dashboard.
struct Reader {
    newest: watch::Receiver<Overview>,
    stop: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Reader {
    async fn next(&mut self) -> Option<Event> {
        until(&mut self.stop, self.newest.changed()).await?.ok()?;
        let overview = self.newest.borrow_and_update().clone();
        Some(Event::default().data(overview))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;
    use n0_future::StreamExt as _;

    #[tokio::test]
    async fn a_reader_gets_the_newest_state_and_ends_with_the_node() {
        let (publish, newest) = watch::channel(Overview::from("{\"n\":1}"));
        let (stop, stopped) = watch::channel(false);
        let feed = Feed::new(newest);
        let mut body = feed.stream(stopped).unwrap().into_response().into_body().into_data_stream();

        assert_eq!(body.next().await.unwrap().unwrap(), "data: {\"n\":1}\n\n");
        publish.send_replace(Overview::from("{\"n\":2}"));
        publish.send_replace(Overview::from("{\"n\":3}"));
        assert_eq!(body.next().await.unwrap().unwrap(), "data: {\"n\":3}\n\n");
        stop.send_replace(true);
        assert!(body.next().await.is_none());
    }

    #[test]
    fn readers_are_bounded_and_leave_their_place() {
        let (_publish, newest) = watch::channel(Overview::from("{}"));
        let (_stop, stopped) = watch::channel(false);
        let feed = Feed::new(newest);
        let mut readers: Vec<_> = (0..READERS_MAX).map(|_| feed.stream(stopped.clone()).unwrap()).collect();
        assert_eq!(feed.stream(stopped.clone()).err(), Some(Problem::FeedFull));
        readers.pop();
        assert!(feed.stream(stopped).is_ok());
    }
}
