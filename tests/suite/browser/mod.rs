//! A resident at a phone: real Chromium, real `bdhv` processes, loopback.

mod axe;
mod comfort;
mod editions;
mod golden;
mod harness;
mod in_app;
mod keyboard;
mod killed;
mod learn;
mod narrow;
mod offline;
mod play;
mod readable;
mod route;
mod screens;
mod shelf;
mod storage;
mod tabs;
mod walk;
