//! The course format: parse, check, compile.
//!
//! [`parse_course`] turns the files of a folder into a [`Course`] and the [`Problem`]s found;
//! [`check()`] does so for several folders, against each other, and counts what there is.
//! [`compile()`] turns a course without problems into the blobs and the manifest that [`pack`] defines.
//! What may be written is described for authors in `README.md` beside this crate.
//!
//! **Invariant:** no file is opened and no clock is read here, so the same code runs in `bdhv`, in the
//! build tool and in the browser.
//!
//! **Invariant:** no input makes this crate panic, or allocate more than a small multiple of the
//! bounds in [`limits`] and [`pack`].

mod check;
mod compile;
mod context;
mod course;
mod criteria;
mod facts;
mod fence;
mod fields;
mod image;
mod lesson;
mod letters;
pub mod limits;
mod markdown;
pub mod model;
pub mod pack;
mod readability;
mod recording;
mod render;
mod rules;
mod source;
pub mod speech;
mod summary;

pub use check::{Checked, CourseFolder, check};
pub use compile::{Blob, CompileError, Compiled, Sounds, compile, compile_with, unsaid};
pub use course::{check_courses, parse_course, parse_course_with};
pub use criteria::{Criteria, Requirement, Standing, check_criteria, parse_criteria};
pub use facts::{Fact, FactKind, Facts, parse_facts};
pub use model::Course;
pub use readability::Reading;
pub use source::{Position, Problem, Severity, SourceFile};
pub use summary::{Summary, summary};
