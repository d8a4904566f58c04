//! A resident at a phone: real Chromium, real `bdhv` processes, loopback.

mod aloud;
mod editions;
mod golden;
mod harness;
mod killed;
mod learn;
mod play;
mod readable;
mod route;
mod screens;
mod shelf;
mod tabs;
mod walk;
