//! Tests of `bdhv` as a process: what it says when it cannot start, what it serves, how far its sockets
//! reach, how it stops.

mod http;
mod relay;
mod run;
mod start;
