//! Tests of `bdhv` as a process: what it says when it cannot start, what it serves, how far its sockets
//! reach, who may do what, what authors see, how it stops.

mod authority;
mod content;
mod http;
mod publish;
mod relay;
mod run;
mod start;
