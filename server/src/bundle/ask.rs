//! Queries to a store, whoever owns it.

use sync::replica::Replica;
use sync::session::{Answer, Query};
use sync::store::{Request, Response, Store};
use tokio::runtime::Handle;

/// Something that answers as a store does.
pub(crate) trait Ask {
    /// Asks one query. What it changes is durable when it is answered.
    ///
    /// # Errors
    ///
    /// In words, why the store could not.
    fn ask(&self, query: Query) -> Result<Answer, String>;
}

/// A store that no other process holds.
impl Ask for Store {
    fn ask(&self, query: Query) -> Result<Answer, String> {
        answer(self.execute(&[Request::Session(query)]).pop())
    }
}

/// The store of a running node; for threads on which its runtime lets one block.
impl Ask for Replica {
    fn ask(&self, query: Query) -> Result<Answer, String> {
        let answered = Handle::current().block_on(self.request(Request::Session(query)));
        answer(Some(answered.map_err(|error| error.to_string())?))
    }
}

fn answer(response: Option<Response>) -> Result<Answer, String> {
    match response {
        Some(Response::Session(answer)) => Ok(answer),
        other => Err(format!("the store answered something else: {other:?}")),
    }
}
