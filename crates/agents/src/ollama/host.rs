//! Where Ollama is: `OLLAMA_HOST`, as Ollama itself reads it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const PORT: u16 = 11434;

/// The address of Ollama's API that this value of `OLLAMA_HOST` means, without a `/` at its end.
pub fn ollama_base(host: Option<&str>) -> String {
    let said = host.unwrap_or_default().trim().trim_matches(['"', '\'']);
    let (scheme, rest, usual) = match said.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => ("https", rest, 443),
        Some((_, rest)) => ("http", rest, 80),
        None => ("http", said, PORT),
    };
    let (place, path) = rest.split_once('/').map_or((rest, ""), |(place, path)| (place, path));
    // A name and password are no part of an address that is shown and passed on.
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    let (name, port) = split(place);
    let port = port.unwrap_or(usual);
    let path = path.trim_matches('/');
    let path = if path.is_empty() { String::new() } else { format!("/{path}") };
    format!("{scheme}://{}:{port}{path}", reachable(name))
}

fn split(place: &str) -> (&str, Option<u16>) {
    if place.parse::<Ipv6Addr>().is_ok() {
        return (place, None);
    }
    match place.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, port.parse().ok()),
        _ => (place, None),
    }
}

/// Where a server that listens here is asked: to listen everywhere is no place to ask.
fn reachable(name: &str) -> String {
    let bare = name.trim_matches(['[', ']']);
    match bare.parse::<IpAddr>() {
        _ if bare.is_empty() => Ipv4Addr::LOCALHOST.to_string(),
        Ok(IpAddr::V4(ip)) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        Ok(IpAddr::V6(ip)) if ip.is_unspecified() => format!("[{}]", Ipv6Addr::LOCALHOST),
        Ok(IpAddr::V6(ip)) => format!("[{ip}]"),
        _ => bare.into(),
    }
}

/// The name and port of an address that [`ollama_base`] gave.
pub(super) fn name_and_port(base: &str) -> Option<(&str, u16)> {
    let place = base.split_once("://")?.1.split('/').next()?;
    let (name, port) = place.rsplit_once(':')?;
    Some((name, port.parse().ok()?))
}

/// Whether such an address is this machine's own.
pub fn is_this_machine(base: &str) -> bool {
    name_and_port(base).is_some_and(|(name, _)| {
        name == "localhost"
            || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_as_ollama_reads_it() {
        for (said, wanted) in [
            ("", "http://127.0.0.1:11434"),
            ("0.0.0.0", "http://127.0.0.1:11434"),
            ("0.0.0.0:1234", "http://127.0.0.1:1234"),
            (":1234", "http://127.0.0.1:1234"),
            ("box", "http://box:11434"),
            ("box:80", "http://box:80"),
            ("http://box", "http://box:80"),
            ("https://box/ollama/", "https://box:443/ollama"),
            ("https://me:secret@box:8443", "https://box:8443"),
            ("::1", "http://[::1]:11434"),
            ("[::]:1234", "http://[::1]:1234"),
            (" \"127.0.0.1:9\" ", "http://127.0.0.1:9"),
        ] {
            assert_eq!(ollama_base(Some(said)), wanted, "{said}");
        }
        assert_eq!(ollama_base(None), "http://127.0.0.1:11434");
        assert!(is_this_machine("http://127.0.0.1:1") && is_this_machine("http://localhost:1"));
        assert!(is_this_machine("http://[::1]:1") && !is_this_machine("http://box:1"));
        assert_eq!(name_and_port("https://box:443/x"), Some(("box", 443)));
    }
}
