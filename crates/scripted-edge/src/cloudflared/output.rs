//! Its lines, on stderr, as JSON or plain.

use jiff::Timestamp;
use serde_json::Value;
use std::io::Write as _;

pub(super) struct Output {
    json: bool,
}

impl Output {
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    pub fn say(&self, level: &str, message: &str, mut fields: Value) {
        fields["level"] = level.into();
        fields["message"] = message.into();
        self.line(fields);
    }

    /// Writes a recorded line as of now.
    pub fn line(&self, mut line: Value) {
        let seconds = Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default();
        line["time"] = seconds.to_string().into();
        if self.json {
            return self.plain(&line.to_string());
        }
        let level = match line["level"].as_str() {
            Some("error") => "ERR",
            Some("warn") => "WRN",
            _ => "INF",
        };
        let mut text = format!("{seconds} {level} {}", line["message"].as_str().unwrap_or_default());
        for (name, value) in line.as_object().into_iter().flatten() {
            if !matches!(name.as_str(), "level" | "message" | "time") {
                let value = match value.as_str() {
                    Some(value) if !value.contains(' ') => value.to_owned(),
                    _ => value.to_string(),
                };
                text.push_str(&format!(" {name}={value}"));
            }
        }
        self.plain(&text);
    }

    /// Writes a line as it is; the real one's last words are never JSON. Nobody reading is no reason to end.
    pub fn plain(&self, line: &str) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}
