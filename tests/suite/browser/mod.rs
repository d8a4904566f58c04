//! A resident at a phone: real Chromium, real `bdhv` processes, loopback.

mod aloud;
mod axe;
mod comfort;
mod confirmation;
mod early;
mod editions;
mod golden;
mod harness;
mod in_app;
mod keyboard;
mod killed;
mod learn;
mod narrow;
mod offline;
mod people;
mod play;
mod readable;
mod rights;
mod route;
mod screens;
mod search;
mod shelf;
mod steps;
mod storage;
mod tabs;
mod walk;
