//! `cargo xtask size`: what a phone downloads, file by file, as it crosses the wire.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use content::pack::{Catalogue, CourseManifest, LessonSummary};
use serde_json::Value;

use crate::node::Node;
use crate::process::{Steps, build_bdhv};
use crate::{courses, paths, prerequisites, site};

/// Most bytes for the first load of a lesson, everything on the wire (DESIGN §12).
const FIRST_LOAD_BYTES_MAX: usize = 200 * 1000;
/// Most bytes of the worker bundle, loaded after (DESIGN §12).
const WORKER_BYTES_MAX: usize = 800 * 1000;
