//! `bdhv content speak` with the real espeak-ng and opusenc, and what becomes of its audio at a node.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use content::pack::{Catalogue, SpeechIndex, media_type};
use tests::courses::{Author, COURSE, Draft};
use tests::hall::{Station, bdhv, command};
use xtask::http;

fn lessons(text: &str) -> Vec<Draft> {
    vec![Draft { title: "Bài một".to_owned(), text: text.to_owned(), pictures: vec![1] }]
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("the folder's name is no text")
}

fn speak(folder: &Path, more: &[&str]) -> anyhow::Result<String> {
    command(&[&["content", "speak", text(folder)?], more].concat())
}

/// Files of made audio, by name.
fn made(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut made = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    made.sort();
    Ok(made)
}

#[test]
fn only_what_is_new_is_made_and_recordings_are_left_alone() -> anyhow::Result<()> {
    let author = Author::new(1)?;
    author.write(1, &lessons("VNeID có 2 mức."))?;
    let (course, sounds) = (author.course(), author.course().with_file_name(".speech"));
    // Title and goal, the paragraph, the picture, the question, what is said to two answers, the goal at the end.
    let said = speak(&course, &[])?;
    assert!(said.contains(": 7 texts, 0 recorded, 7 made now; "), "{said}");
    let first = made(&sounds)?;
    assert_eq!(first.len(), 7);
    for file in &first {
        let bytes = std::fs::read(file)?;
        assert!(bytes.starts_with(b"OggS") && bytes[28..].starts_with(b"OpusHead"), "{}", file.display());
        // A second of speech has two thousand bytes; no text here takes half a minute.
        assert!((1_000..60_000).contains(&bytes.len()), "{}: {} bytes", file.display(), bytes.len());
    }
    let said = speak(&course, &[])?;
    assert!(said.contains(": 7 texts, 0 recorded, 0 made now; "), "{said}");

    // A list tells who wants to record what to call the file.
    let listed = speak(&course, &["--list"])?;
    let line = listed
        .lines()
        .find(|line| line.ends_with("-\tVi en i ai đi có hai mức.") || line.ends_with("-\tvi en i ai đi có hai mức."));
    let name = line.and_then(|line| line.split('\t').next()).with_context(|| listed.clone())?;
    std::fs::create_dir(course.join("audio"))?;
    std::fs::copy(&first[0], name)?;
    let said = speak(&course, &[])?;
    assert!(said.contains(": 7 texts, 1 recorded, 0 made now; "), "{said}");
    let checked = command(&["content", "check", text(&course)?])?;
    assert!(!checked.contains("recording"), "{checked}");

    // Other words: one text is made, and the recording says nothing any more.
    let page = course.join("01-bai.md");
    std::fs::write(&page, std::fs::read_to_string(&page)?.replace("2 mức", "3 mức"))?;
    let said = speak(&course, &[])?;
    assert!(said.contains(": 7 texts, 0 recorded, 1 made now; "), "{said}");
    let checked = command(&["content", "check", text(&course)?])?;
    assert!(checked.contains("warning: nothing in the course is said by the recording"), "{checked}");
    Ok(())
}

#[test]
fn a_folder_may_be_named_and_a_missing_program_ends_with_the_command_to_type() -> anyhow::Result<()> {
    let author = Author::new(1)?;
    author.write(1, &lessons("Chào cô bác."))?;
    let (course, out) = (author.course(), author.course().with_file_name("out"));
    let output = Command::new(bdhv()?)
        .args(["content", "speak", text(&course)?, "--out", text(&out)?])
        .env("PATH", course.with_file_name("nothing"))
        .output()?;
    let said = String::from_utf8(output.stderr)?;
    assert_eq!(
        said.trim_end(),
        "error: cannot make the audio: there is no program `espeak-ng`; \
         sudo apt-get install -y --no-install-recommends espeak-ng opus-tools"
    );
    assert_eq!((output.status.code(), made(&out)?.len()), (Some(70), 0));
    speak(&course, &["--out", text(&out)?])?;
    assert_eq!(made(&out)?.len(), 7);
    Ok(())
}

#[test]
fn audio_is_published_and_served() -> anyhow::Result<()> {
    let author = Author::new(1)?;
    author.write(1, &lessons("Chào cô bác."))?;
    speak(&author.course(), &[])?;
    let hub = Station::hub(&[])?;
    let words = author.publish(hub.data()?)?;
    command(&words.iter().map(String::as_str).collect::<Vec<_>>())?;
    let origin = format!("http://127.0.0.1:{}", hub.port()?);
    let catalogue = Catalogue::decode(&http::get_plain(&origin, "/catalogue")?.body)?;
    let speech = catalogue.course(COURSE).and_then(|course| course.speech).context("the course has audio")?;
    let index = SpeechIndex::decode(&http::get_plain(&origin, &format!("/pack/{speech}"))?.body)?;
    assert_eq!(index.recordings.len(), 7);
    for recording in index.recordings {
        let sound = http::get(&origin, &format!("/pack/{}", recording.blob))?;
        ensure!(sound.status == 200, "{} answered {}", recording.blob, sound.status);
        assert_eq!((media_type(&sound.body), sound.body.len()), ("audio/ogg", recording.bytes as usize));
    }
    Ok(())
}
