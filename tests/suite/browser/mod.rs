//! A resident at a phone: real Chromium, real `bdhv` processes, loopback.

mod harness;
