//! A resident at a phone: real Chromium, real `bdhv` processes, loopback.

mod editions;
mod golden;
mod harness;
mod killed;
mod learn;
mod play;
mod readable;
mod route;
mod screens;
mod search;
mod shelf;
mod steps;
mod tabs;
mod walk;
