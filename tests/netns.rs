//! Two hosts on one cable, as network namespaces that only the test can see.

use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

/// Two namespaces joined by a virtual cable, removed when dropped.
#[derive(Debug)]
pub struct Cable {
    names: [String; 2],
}

/// Addresses of the two ends. The range is for documentation (RFC 5737), so it is nobody's.
pub const ENDS: [&str; 2] = ["192.0.2.1", "192.0.2.2"];

impl Cable {
    /// Lays the cable.
    ///
    /// # Errors
    ///
    /// When the system does not let us, which takes root.
    pub fn lay() -> anyhow::Result<Self> {
        let id = std::process::id();
        let cable = Self { names: [format!("bdhv-{id}-a"), format!("bdhv-{id}-b")] };
        let links = [format!("bd{id}a"), format!("bd{id}b")];
        for name in &cable.names {
            ip(&["netns", "add", name])?;
        }
        ip(&["link", "add", &links[0], "type", "veth", "peer", "name", &links[1]])?;
        for ((name, link), address) in cable.names.iter().zip(&links).zip(ENDS) {
            ip(&["link", "set", link, "netns", name])?;
            ip(&["-n", name, "address", "add", &format!("{address}/24"), "dev", link])?;
            ip(&["-n", name, "link", "set", "lo", "up"])?;
            ip(&["-n", name, "link", "set", link, "up"])?;
            ip(&["-n", name, "route", "add", "224.0.0.0/4", "dev", link])?;
        }
        Ok(cable)
    }

    /// Starts a command that runs a program at one end: 0 or 1.
    pub fn at(&self, end: usize, program: &std::path::Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.names[end]]).arg(program);
        command
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        for name in &self.names {
            // The cable goes with the last namespace it ends in.
            drop(ip(&["netns", "delete", name]));
        }
    }
}

/// Tells whether this process may make namespaces.
pub fn allowed() -> bool {
    let id = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    id.is_ok_and(|id| id.stdout == b"0\n")
}

fn ip(words: &[&str]) -> anyhow::Result<()> {
    let output = Command::new("ip").args(words).output().context("no `ip`; `cargo xtask test` installs iproute2")?;
    ensure!(output.status.success(), "ip {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr));
    Ok(())
}
