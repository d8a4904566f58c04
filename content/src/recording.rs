//! Recordings that somebody made of what a lesson says.

use crate::course::is_name_byte;
use crate::pack::RECORDING_BYTES_MAX;
use crate::rules;
use crate::source::{Report, SourceFile};
use crate::speech::KEY_DIGITS;

/// Where they lie in the folder of a course.
const FOLDER: &str = "audio/";
/// What their names end in.
const ENDING: &str = ".opus";

/// Bytes of a page of Ogg before its table of segments, and where their number stands in it (RFC 3533).
const OGG_HEAD: usize = 27;
/// Where the number of channels stands in the first packet (RFC 7845).
const CHANNELS: usize = 9;

/// Returns the key in a path such as `audio/01-kich-hoat-0123456789abcdef.opus`; what is before it is for people.
pub(crate) fn key(path: &str) -> Option<&str> {
    let name = path.strip_prefix(FOLDER)?.strip_suffix(ENDING)?;
    let (before, key) = name.split_at_checked(name.len().checked_sub(KEY_DIGITS)?)?;
    let is_key = key.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_name = before.is_empty() || (before.ends_with('-') && before.bytes().all(is_name_byte));
    (is_key && is_name).then_some(key)
}

/// Checks a recording and returns it with its key; [`None`] when it cannot be played, and then there is a
/// problem, or when the file is none.
pub(crate) fn check(file: &SourceFile, report: &mut Report) -> Option<(String, Vec<u8>)> {
    let key = key(&file.path)?;
    let problem = match channels(&file.bytes) {
        _ if file.bytes.len() > RECORDING_BYTES_MAX => rules::large_recording(file.bytes.len()),
        Some(1) => return Some((key.to_owned(), file.bytes.clone())),
        Some(_) => rules::many_channels(),
        None => rules::not_opus(),
    };
    report.file(&file.path, problem);
    None
}

/// Counts the channels of Opus in Ogg; [`None`] of anything else.
fn channels(bytes: &[u8]) -> Option<u8> {
    let page = bytes.strip_prefix(b"OggS")?;
    let segments = usize::from(*page.get(OGG_HEAD - 5)?);
    let packet = bytes.get(OGG_HEAD + segments..)?;
    packet.starts_with(b"OpusHead").then(|| packet.get(CHANNELS).copied())?
}

#[cfg(test)]
mod tests {
    use super::{channels, check, key};
    use crate::source::{Report, SourceFile};

    fn opus(channels: u8) -> Vec<u8> {
        let mut bytes = [&b"OggS"[..], &[0; 22], &[1, 19], b"OpusHead", &[1, channels], &[0; 9]].concat();
        bytes.extend(b"OggS");
        bytes
    }

    #[test]
    fn names_end_in_the_key_of_what_is_said() {
        let digits = "0123456789abcdef";
        for path in ["audio/0123456789abcdef.opus", "audio/01-mo-3-0123456789abcdef.opus"] {
            assert_eq!(key(path), Some(digits), "{path}");
        }
        for path in [
            "0123456789abcdef.opus",
            "audio/0123456789abcde.opus",
            "audio/0123456789ABCDEF.opus",
            "audio/x0123456789abcdef.opus",
            "audio/Mo-0123456789abcdef.opus",
            "audio/0123456789abcdef.mp3",
            "audio/ế123456789abcdef.opus",
        ] {
            assert_eq!(key(path), None, "{path}");
        }
    }

    #[test]
    fn only_opus_with_one_channel_is_taken() {
        let path = "audio/0123456789abcdef.opus".to_owned();
        let problems = |bytes: Vec<u8>| {
            let mut report = Report::default();
            let taken = check(&SourceFile { path: path.clone(), bytes }, &mut report).is_some();
            let problems = report.finish();
            assert_eq!(taken, problems.is_empty());
            problems.first().map(|problem| problem.message.clone()).unwrap_or_default()
        };
        assert_eq!(problems(opus(1)), "");
        assert_eq!(problems(opus(2)), "the recording has more than one channel");
        assert_eq!(problems(b"RIFF....WAVE".to_vec()), "this is not Opus in Ogg");
        assert_eq!(
            problems([opus(1), vec![0; 1 << 18]].concat()),
            "the recording has 262195 bytes, at most 262144 are played"
        );
        for end in 0..opus(1).len() {
            let _ = channels(&opus(1)[..end]);
        }
        assert_eq!(channels(&opus(1)), Some(1));
    }
}
