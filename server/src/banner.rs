//! What `bdhv` prints once it serves.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use crate::qr;

/// What the operator and the test harness need to know.
#[derive(Debug)]
pub(crate) struct Ready {
    /// Address learners open, without a slash at the end.
    pub(crate) address: String,
    /// Whether other machines can open it.
    pub(crate) reachable: bool,
    /// The node's endpoint id.
    pub(crate) endpoint: String,
    /// Text for `--peer` of another node.
    pub(crate) ticket: String,
    /// What the node holds and does, one line each.
    pub(crate) state: Vec<String>,
}

impl Ready {
    /// Writes the line of JSON, when asked for, and the banner.
    ///
    /// # Errors
    ///
    /// When standard output is closed.
    pub(crate) fn print(&self, json: bool) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if json {
            writeln!(out, "{}", self.json())?;
        }
        out.write_all(self.banner().as_bytes())?;
        out.flush()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::json!({ "http": self.address, "endpoint": self.endpoint, "ticket": self.ticket })
    }

    fn banner(&self) -> String {
        let mut text = String::new();
        if let Ok(code) = qr::terminal(&format!("{}/", self.address)) {
            text.push('\n');
            text.push_str(&code);
        }
        let _ = writeln!(text, "\nMời bà con mở: {}/", self.address);
        if !self.reachable {
            text.push_str("Địa chỉ này chỉ mở được trên máy này.\n");
        }
        text.push('\n');
        for line in &self.state {
            let _ = writeln!(text, "{line}");
        }
        let _ = writeln!(text, "Mã máy (endpoint): {}", self.endpoint);
        let _ = writeln!(text, "Vé kết nối (--peer): {}", self.ticket);
        text.push_str("\nBấm Ctrl+C để dừng.\n");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_for_programs_and_the_rest_for_people() {
        let ready = Ready {
            address: "http://127.0.0.1:8080".into(),
            reachable: false,
            endpoint: "ab12".into(),
            ticket: "bdhv1xyz".into(),
            state: vec!["4 bài học".into()],
        };
        let json = ready.json().to_string();
        assert!(!json.contains('\n'));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&json).unwrap(),
            serde_json::json!({"http": "http://127.0.0.1:8080", "endpoint": "ab12", "ticket": "bdhv1xyz"})
        );
        let banner = ready.banner();
        for part in
            ["Mời bà con mở: http://127.0.0.1:8080/\n", "chỉ mở được trên máy này", "bdhv1xyz", "4 bài học\n", "█"]
        {
            assert!(banner.contains(part), "{part}");
        }
    }
}
