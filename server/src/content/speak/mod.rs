//! `bdhv content speak`: makes the audio of courses where nobody recorded it.

mod make;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use clap::Args;
use content::pack::{Lesson, RECORDINGS_MAX};
use content::speech::{self, Spoken, Voice};
use content::{Compiled, Course, compile};

pub(super) use make::Sounds;

use super::draft::Draft;
use super::folder::Place;
use super::report;
use crate::fault::{Fault, Kind};
use make::{ENDING, MakeError, how_to_install};

/// Where made audio lies among the courses, unless told otherwise. Folders that begin with a point are no courses.
const FOLDER: &str = ".speech";
/// Most made files that are looked at: those of some full courses, with what earlier words left.
const MADE_MAX: usize = 8 * RECORDINGS_MAX;

/// What to speak.
#[derive(Debug, Args)]
pub(crate) struct SpeakArgs {
    /// Folder of a course, or one that holds such folders.
    path: PathBuf,
    /// Folder for the audio; left out, `.speech` among the courses, where check, preview and publish look.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Make nothing; list every text with the file name that a recording of it has in the course's folder.
    #[arg(long)]
    list: bool,
}

/// Makes what is missing, and returns what there is.
///
/// # Errors
///
/// When the courses have errors, a program is missing or fails, or the disk fails.
pub(super) fn run(args: &SpeakArgs) -> Result<String, Fault> {
    let place = Place::find(&args.path)?;
    let draft = Draft::read(&place)?;
    if !draft.checked.may_publish() {
        eprint!("{}", report::lines(&draft));
        return Err(Fault::new(Kind::Data, "the courses have errors, listed above").help("mend those listed"));
    }
    let sounds = args.out.clone().map_or_else(|| of(&place), |folder| Sounds { folder });
    let mut said = String::new();
    for (folder, course) in &draft.checked.courses {
        let compiled = compile(course).map_err(|error| Fault::new(Kind::Data, "cannot compile").why(error))?;
        if args.list {
            list(folder, course, &compiled, &mut said);
        } else {
            said.push_str(&speak(folder, course, &compiled, &sounds)?);
        }
    }
    Ok(said)
}

/// Returns where made audio of some courses lies.
pub(super) fn of(place: &Place) -> Sounds {
    Sounds { folder: place.root.join(FOLDER) }
}

/// Lists the files of made audio, in the order of their names. Which of them a course says is known when it is compiled.
pub(super) fn made(place: &Place) -> Vec<PathBuf> {
    let entries = fs::read_dir(of(place).folder).into_iter().flatten().flatten().take(MADE_MAX);
    let paths = entries.map(|entry| entry.path());
    let mut made: Vec<_> = paths.filter(|path| path.extension().is_some_and(|ending| ending == ENDING)).collect();
    made.sort_unstable();
    made
}

/// Lists the texts of a course, each behind the name of the file that would say it.
fn list(folder: &str, course: &Course, compiled: &Compiled, out: &mut String) {
    for (lesson, spoken) in spoken(course, compiled) {
        let stem = lesson.file.trim_end_matches(".md");
        for Spoken { text, .. } in spoken {
            let key = speech::key(&text);
            let mark = if course.recordings.contains_key(&key) { "recorded" } else { "-" };
            let _ = writeln!(out, "{folder}/audio/{stem}-{key}.opus\t{mark}\t{text}");
        }
    }
}

fn spoken<'a>(
    course: &'a Course,
    compiled: &Compiled,
) -> impl Iterator<Item = (&'a content::model::Lesson, Vec<Spoken>)> {
    let lessons = compiled.manifest.lessons.iter().zip(&course.lessons).filter_map(|(summary, lesson)| {
        let blob = compiled.blobs.iter().find(|blob| blob.hash == summary.blob)?;
        Some((lesson, speech::lesson(&Lesson::decode(&blob.bytes).ok()?, &course.language)))
    });
    lessons.collect::<Vec<_>>().into_iter()
}

fn speak(folder: &str, course: &Course, compiled: &Compiled, sounds: &Sounds) -> Result<String, Fault> {
    let Some(voice) = Voice::of(&course.language) else {
        return Ok(format!("{folder}: espeak-ng has no voice for `{}`; only recordings are heard\n", course.language));
    };
    let texts: Vec<String> = spoken(course, compiled).flat_map(|(_, spoken)| spoken).map(|said| said.text).collect();
    let recorded = texts.iter().filter(|text| course.recordings.contains_key(&speech::key(text))).count();
    let mut missing: Vec<&str> = texts.iter().map(String::as_str).collect();
    missing.retain(|text| !course.recordings.contains_key(&speech::key(text)) && sounds.get(&voice, text).is_none());
    missing.sort_unstable();
    missing.dedup();
    sounds.make_all(&voice, &missing).map_err(fault)?;
    let bytes: usize = texts.iter().filter_map(|text| sounds.get(&voice, text)).map(|sound| sound.len()).sum();
    Ok(format!("{folder}: {} texts, {recorded} recorded, {} made now; {bytes} bytes\n", texts.len(), missing.len()))
}

fn fault(error: MakeError) -> Fault {
    let help = match &error {
        MakeError::Missing(_) => how_to_install(),
        MakeError::Long { .. } => "divide the block, or record it yourself".to_owned(),
        _ => format!("see that this works by itself; to install it anew: {}", how_to_install()),
    };
    Fault::new(Kind::Software, "cannot make the audio").why(error).help(help)
}
