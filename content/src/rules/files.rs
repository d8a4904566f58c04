//! Rules of the folder and of its files as bytes.

use super::rule;
use crate::limits::{FILES_MAX, PATH_BYTES_MAX, TEXT_FILE_BYTES_MAX};
use crate::pack::{COURSES_MAX, LESSONS_PER_COURSE_MAX, RECORDING_BYTES_MAX};
use crate::source::Rule;

pub(crate) fn more_problems(left_out: usize) -> Rule {
    rule(format!("{left_out} more problems are not listed"), "mend the listed ones and check again")
}

pub(crate) fn too_many_files(found: usize) -> Rule {
    rule(format!("the folder has {found} files, at most {FILES_MAX} are read"), "split the course in two")
}

pub(crate) fn missing_course_file() -> Rule {
    rule("the folder has no course.toml", "add one with id, edition, title, summary, reviewed and language")
}

pub(crate) fn no_lessons() -> Rule {
    rule("the course has no lesson", "add a file such as 01-first-steps.md")
}

pub(crate) fn too_many_lessons() -> Rule {
    rule(
        format!("this is more than the {LESSONS_PER_COURSE_MAX} lessons a course may have"),
        "move some to another course",
    )
}

pub(crate) fn too_many_courses() -> Rule {
    rule(format!("this is more than the {COURSES_MAX} courses a catalogue may have"), "leave one out")
}

pub(crate) fn unknown_file() -> Rule {
    rule(
        "this is neither course.toml, nor a lesson, nor an image, nor a recording",
        "name lessons like 01-first-steps.md, images like a-phone.svg (svg, png, jpg or webp), and recordings \
         as `bdhv content speak --list` does, in small letters a-z, digits and hyphens; move other files out of the folder",
    )
}

pub(crate) fn large_recording(bytes: usize) -> Rule {
    rule(
        format!("the recording has {bytes} bytes, at most {RECORDING_BYTES_MAX} are played"),
        "encode it with opusenc --speech --bitrate 16 --downmix-mono",
    )
}

pub(crate) fn many_channels() -> Rule {
    rule("the recording has more than one channel", "encode it with opusenc --speech --bitrate 16 --downmix-mono")
}

pub(crate) fn not_opus() -> Rule {
    rule("this is not Opus in Ogg", "encode it with opusenc --speech --bitrate 16 --downmix-mono")
}

pub(crate) fn long_path() -> Rule {
    rule(format!("the path is longer than {PATH_BYTES_MAX} bytes"), "give the file a shorter name")
}

pub(crate) fn large_text_file(bytes: usize) -> Rule {
    rule(format!("the file has {bytes} bytes, at most {TEXT_FILE_BYTES_MAX} are read"), "split it into shorter lessons")
}

pub(crate) fn not_utf8() -> Rule {
    rule("these bytes are not UTF-8", "save the file with the encoding UTF-8")
}

pub(crate) fn byte_order_mark() -> Rule {
    rule("the file begins with a byte order mark", "save it as UTF-8 without BOM")
}

pub(crate) fn carriage_return() -> Rule {
    rule("lines end as on Windows (CR LF)", "save the file with line ends LF")
}

pub(crate) fn invisible_character(c: char) -> Rule {
    rule(
        format!("there is an invisible character here, U+{:04X}", u32::from(c)),
        "delete it; it may be hiding at either side of the cursor",
    )
}

pub(crate) fn combining_mark() -> Rule {
    rule(
        "the accent is stored apart from its letter",
        "type the letter anew, with the keyboard set to composed Unicode (\"Unicode dựng sẵn\")",
    )
}
