//! Courses as files: broken ones with the problems they have, hostile ones, and the real ones.

mod bounds;
mod courses;
mod fixtures;
mod folder;
mod guide;
mod markup;
mod properties;
mod tables;
