//! A resident at a phone: real Chromium, real `bdhv` processes, loopback.

mod aloud;
mod axe;
mod comfort;
mod editions;
mod golden;
mod harness;
mod keyboard;
mod killed;
mod learn;
mod narrow;
mod play;
mod readable;
mod route;
mod screens;
mod shelf;
mod tabs;
mod walk;
