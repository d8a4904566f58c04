//! The audio of an edition. Its manifest names the index alone, which names the recordings: what an edition
//! lacks is known in full only when its index is here.

use std::collections::BTreeSet;
use std::io;

use content::pack::{Hash, SPEECH_BYTES_MAX, SpeechIndex};
use sync::wire::packs::BLOB_BYTES_MAX;

use super::edition::{Edition, Refusal};
use super::library::Library;

// What an index may have is what a peer may give.
const _: () = assert!(SPEECH_BYTES_MAX as u64 <= BLOB_BYTES_MAX);

impl Library {
    /// Every blob of an edition that is known: those that its manifest names, and the recordings as soon as
    /// their index is here.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub(super) fn blobs_of(&self, edition: &Edition) -> io::Result<BTreeSet<Hash>> {
        let mut blobs = edition.blobs();
        // One that is damaged names nothing; the edition is refused for it when it is complete.
        if let Some(Ok(index)) = self.speech(edition)? {
            blobs.extend(index.recordings.iter().map(|recording| recording.blob));
        }
        Ok(blobs)
    }

    /// Checks that the audio can be found that the manifest promises.
    ///
    /// # Errors
    ///
    /// When its index is damaged.
    pub(super) fn check_speech(&self, edition: &Edition) -> Result<(), Refusal> {
        match self.speech(edition)? {
            Some(Err(why)) => Err(Refusal::Broken(why)),
            _ => Ok(()),
        }
    }

    fn speech(&self, edition: &Edition) -> io::Result<Option<Result<SpeechIndex, String>>> {
        let Some(hash) = edition.manifest.speech else { return Ok(None) };
        let read = |bytes: Vec<u8>| SpeechIndex::decode(&bytes).map_err(|error| error.to_string());
        Ok(self.blob(hash)?.map(read))
    }
}
