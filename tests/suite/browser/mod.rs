//! A resident at a phone: real Chromium, real `bdhv` processes, loopback.

mod editions;
mod golden;
mod harness;
mod killed;
mod learn;
mod people;
mod play;
mod readable;
mod rights;
mod route;
mod screens;
mod shelf;
mod tabs;
mod walk;
