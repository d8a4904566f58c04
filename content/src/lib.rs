//! The course format: parse, check, compile.
