//! The course format: parse, check, compile.
//!
//! Pure: no file is opened and no clock is read here, so the same code runs in `bdhv`, in the build
//! tool and in the browser. `README.md` beside this crate is the author's guide.

pub mod pack;
