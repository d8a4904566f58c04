//! A resident at a phone: real Chromium, real `bdhv` processes, loopback.

mod editions;
mod golden;
mod harness;
mod in_app;
mod killed;
mod learn;
mod offline;
mod play;
mod readable;
mod route;
mod screens;
mod shelf;
mod tabs;
mod walk;
