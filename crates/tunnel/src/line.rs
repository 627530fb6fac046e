//! What one line of cloudflared's output says. The lines are hostile until proved otherwise: any bytes, any length.

use crate::status::Why;
use serde_json::Value;

/// Longer lines are cut here.
pub(crate) const LONGEST: usize = 4096;

/// One line, cut and read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Read {
    /// The line for a person who looks for the reason.
    pub text: String,
    /// The message in it, without level and fields.
    pub message: String,
    /// When the program says that it wrote it.
    pub stamp: Option<String>,
    /// What it means to us.
    pub said: Option<Said>,
}

/// What a line means to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// It asks Cloudflare for an address.
    Requesting,
    /// The address of a quick tunnel.
    Url(String),
    /// The port of its own small server.
    MetricsPort(u16),
    /// Its version.
    Version(String),
    /// One connection to the edge stands.
    Registered { protocol: Option<String>, location: Option<String> },
    /// A connection to the edge is gone.
    Lost,
    /// Its own checks suggest another protocol.
    Suggests(String),
    /// It could not reach the gateway for a request.
    OriginUnreachable,
    /// It will end, or never work, for this reason.
    Failed(Why),
}

/// Cuts, cleans and reads a line.
pub(crate) fn read(line: &str) -> Read {
    let text: String = cut(line).trim_end().chars().filter(|c| !c.is_control() || *c == '\t').collect();
    let Some(value) = text.starts_with('{').then(|| serde_json::from_str::<Value>(&text).ok()).flatten()
    else {
        let (stamp, message) = plain(&text);
        let said = meaning(message, &|name| plain_field(message, name));
        return Read { stamp: stamp.map(str::to_owned), message: message.to_owned(), said, text };
    };
    let field = |name: &str| match &value[name] {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    };
    let message = field("message").unwrap_or_default();
    let said = meaning(&message, &field);
    let message = match field("error") {
        Some(error) => format!("{message}: {error}"),
        None => message,
    };
    Read { stamp: field("time"), message, said, text }
}

fn cut(line: &str) -> &str {
    let mut end = line.len().min(LONGEST);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

/// Splits `2026-11-21T03:05:05Z INF message`; a fatal last line has neither time nor level.
fn plain(text: &str) -> (Option<&str>, &str) {
    let mut parts = text.splitn(3, ' ');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(stamp), Some("DBG" | "INF" | "WRN" | "ERR" | "FTL"), Some(message)) => (Some(stamp), message),
        _ => (None, text),
    }
}

/// Finds ` name=value` or ` name="value"` in a plain line.
fn plain_field(message: &str, name: &str) -> Option<String> {
    let from = message.find(&format!(" {name}="))? + name.len() + 2;
    let rest = message.get(from..)?;
    let value = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split(' ').next(),
    };
    value.map(str::to_owned)
}

fn meaning(message: &str, field: &dyn Fn(&str) -> Option<String>) -> Option<Said> {
    if let Some(url) = boxed_url(message) {
        return Some(Said::Url(url));
    }
    if message.starts_with("Requesting new quick Tunnel") {
        return Some(Said::Requesting);
    }
    if let Some(address) = message.strip_prefix("Starting metrics server on ") {
        return metrics_port(address).map(Said::MetricsPort);
    }
    if let Some(version) = message.strip_prefix("Version ") {
        return version.split(' ').next().map(|version| Said::Version(version.to_owned()));
    }
    if message.starts_with("Registered tunnel connection") {
        return Some(Said::Registered { protocol: field("protocol"), location: field("location") });
    }
    if message.starts_with("Lost connection with the edge") || message.starts_with("Connection terminated") {
        return Some(Said::Lost);
    }
    if message.starts_with("precheck complete") {
        return field("suggested_protocol").map(Said::Suggests);
    }
    if message.starts_with("Unable to reach the origin service") {
        return Some(Said::OriginUnreachable);
    }
    failure(message, field).map(Said::Failed)
}

/// Keyed on the text, because some failures never end the program and the exit code is 1 for most.
fn failure(message: &str, field: &dyn Fn(&str) -> Option<String>) -> Option<Why> {
    let starts = |text: &str| message.starts_with(text);
    if starts("Error unmarshaling QuickTunnel response") {
        let limited = field("status_code").is_some_and(|code| code.starts_with("429"))
            || message.contains("error code: 1015");
        return Some(if limited { Why::RateLimited } else { Why::ServiceRefused });
    }
    if starts("failed to unmarshal quick Tunnel") || starts("failed to parse quick Tunnel ID") {
        return Some(Why::ServiceRefused);
    }
    if starts("failed to request quick Tunnel") || starts("Could not lookup srv records") {
        return Some(Why::NoNetwork);
    }
    if starts("Provided Tunnel token is not valid") || starts("\"cloudflared tunnel run\" requires") {
        return Some(Why::BadToken);
    }
    if starts("Tunnel credentials file '") || starts("Cannot determine default origin certificate path") {
        return Some(Why::CredentialsMissing);
    }
    if starts("Error opening metrics server listener") {
        return Some(Why::PortTaken);
    }
    if message.contains("Unauthorized: ") || field("error").is_some_and(|e| e.starts_with("Unauthorized: ")) {
        return Some(Why::Unauthorized);
    }
    None
}

/// The address as it stands in the box, `|  https://a-b-c.trycloudflare.com  |`, and nowhere else: the address of
/// Cloudflare's own service, which stands in error lines, looks the same.
fn boxed_url(message: &str) -> Option<String> {
    let inside = message.strip_prefix('|')?.strip_suffix('|')?.trim();
    let host = inside.strip_prefix("https://")?;
    (host.ends_with(".trycloudflare.com") && is_host(host) && host != "api.trycloudflare.com")
        .then(|| inside.to_owned())
}

/// Whether this is a plain DNS name with at least one dot.
pub(crate) fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    host.len() <= 253 && host.contains('.') && host.split('.').all(label)
}

/// Only our own machine's: we ask there without proof of who answers.
fn metrics_port(address: &str) -> Option<u16> {
    let address = address.split('/').next()?.trim();
    let (host, port) = address.rsplit_once(':')?;
    matches!(host, "127.0.0.1" | "localhost").then(|| port.parse().ok().filter(|port| *port != 0)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(line: &str) -> Option<Said> {
        read(line).said
    }

    #[test]
    fn json_and_plain_lines_say_the_same() {
        let json = r#"{"connIndex":0,"location":"loc01","message":"Registered tunnel connection","protocol":"http2"}"#;
        let plain =
            "2026-11-21T03:05:06Z INF Registered tunnel connection connIndex=0 location=loc01 protocol=http2";
        let expected = Said::Registered { protocol: Some("http2".into()), location: Some("loc01".into()) };
        assert_eq!(said(json), Some(expected.clone()));
        assert_eq!(said(plain), Some(expected));
        let limited = r#"2026-11-21T03:05:16Z ERR Error unmarshaling QuickTunnel response: x error="y" status_code="429 Too Many Requests""#;
        assert_eq!(said(limited), Some(Said::Failed(Why::RateLimited)));
    }

    #[test]
    fn an_address_counts_in_the_box_only() {
        assert_eq!(
            said("|  https://a-b.trycloudflare.com   |"),
            Some(Said::Url("https://a-b.trycloudflare.com".into()))
        );
        for line in [
            r#"failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp"#,
            "|  https://api.trycloudflare.com |",
            "|  https://a-b.trycloudflare.com.evil.example |",
            "|  https://user@a.trycloudflare.com |",
            "|  https://.trycloudflare.com |",
            "visit https://a-b.trycloudflare.com",
        ] {
            assert!(!matches!(said(line), Some(Said::Url(_))), "{line}");
        }
    }

    #[test]
    fn only_a_metrics_port_of_this_machine_is_asked() {
        assert_eq!(
            said("Starting metrics server on 127.0.0.1:42923/metrics"),
            Some(Said::MetricsPort(42923))
        );
        assert_eq!(said("Starting metrics server on 10.0.0.8:42923/metrics"), None);
        assert_eq!(said("Starting metrics server on 127.0.0.1:0/metrics"), None);
        assert_eq!(said("Starting metrics server on 127.0.0.1:99999/metrics"), None);
    }

    #[test]
    fn a_name_that_is_not_resolved_during_a_good_start_is_no_failure() {
        let line = r#"{"error":"lookup cfd-features.argotunnel.com: dial udp: network is unreachable","level":"error","message":"Failed to fetch features, default to disable"}"#;
        assert_eq!(said(line), None);
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        let read = read(&"ü".repeat(10_000));
        assert_eq!(read.text.len(), LONGEST);
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            read(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn no_text_near_the_real_ones_is_a_panic(
            start in prop::sample::select(vec![
                "{\"message\":\"", "|  https://", "Starting metrics server on ", "Version ", "x status_code=\"",
                "precheck complete suggested_protocol=", "2026 INF Registered tunnel connection location=",
            ]),
            rest in "\\PC{0,40}",
        ) {
            read(&format!("{start}{rest}"));
        }
    }
}
