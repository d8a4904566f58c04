//! Courses that publishers sign, and that hubs give each other.
//!
//! | module | what |
//! |---|---|
//! | [`edition`] | a signed edition, and why one is refused |
//! | [`shelf`] | which edition of each course counts: pure, and the same on every hub |
//! | [`blobs`] | lessons, pictures and audio on disk, whole or begun |
//! | [`audio`] | the recordings of an edition, which its index names |
//! | [`wanted`] | what is still to be fetched, and who fetches it |
//! | [`library`] | all of these behind one handle |
//! | [`open`](mod@open), [`fetching`] | the library as it is taken up again, and as those see it who fetch for it |
//! | [`staged`] | what `bdhv content publish` lays down for the library |
//! | [`exchange`], [`link`], [`give`], [`take`] | with other hubs, frame by frame as `sync::wire::packs` draws them |
//!
//! # On disk
//!
//! ```text
//! DIR/packs/blobs/HASH           a blob, whole and checked
//! DIR/packs/blobs/HASH.br, .gz   the same compressed, made when a phone first asks for it
//! DIR/packs/blobs/HASH.part      the beginning of one
//! DIR/packs/blobs/HASH.new       one being written
//! DIR/packs/editions/N.edition   the signed edition of course N that is shown: all of its blobs are here
//! DIR/packs/editions/N.next      one that replaces it as soon as they are
//! DIR/packs/staged/HASH/         an edition and its blobs, until a command has handed them over
//! ```
//!
//! A file gets its name when its content is on the disk, so that a name means that all of it is there. A
//! part is not synced: what a crash leaves of it is checked with the rest when it is whole.
//!
//! # Whom to believe
//!
//! An edition is taken when its signer may publish and was not revoked. When a publisher is revoked
//! afterwards, what a hub already shows of it *stays*, but *yields*: any edition of a publisher in good
//! standing replaces it, whatever its number; it is not passed on; and nobody takes it anew. So a hall does
//! not lose its lessons because the laptop of an honest author was stolen, and a thief who published under
//! the highest number there is has not closed the course for ever: the province revokes, publishes the
//! course again, and every hub that hears of it follows. What is still fetched when the list comes is given
//! up.

mod audio;
mod blobs;
mod edition;
mod exchange;
mod fetching;
mod give;
mod library;
mod link;
mod open;
mod shelf;
mod staged;
mod take;
#[cfg(test)]
mod tests;
mod wanted;

use std::path::Path;
use std::sync::Arc;

use sync::session::Standing;

pub(crate) use exchange::{Exchange, standing};
pub(crate) use library::Library;
pub(crate) use staged::stage;

use crate::fault::{Fault, Kind};
use crate::site::Site;

/// Opens the library in a node's data folder; makes it on first use.
///
/// # Errors
///
/// When the folder cannot be read or written.
pub(crate) fn open(data: &Path, site: Arc<Site>, standing: &Standing) -> Result<Library, Fault> {
    Library::open(data, site, standing).map_err(|error| {
        Fault::new(Kind::CannotCreate, "cannot open the courses")
            .why(error)
            .help("see that this user may write there and that the disk has room")
    })
}
