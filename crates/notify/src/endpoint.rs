//! Where messages may go. What a page or a person gives is hostile: nothing of this machine or its network may be
//! reached by it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use offdesk_protocol::*;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Longest address.
const LONGEST: usize = 2048;

/// A subscription as it is kept: what its browser gave, and whose it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptSubscription {
    /// The device.
    pub device: DeviceId,
    /// What its browser gave.
    #[serde(flatten)]
    pub given: PutSubscription,
    /// Since when.
    pub made_at: Timestamp,
}

impl std::fmt::Debug for KeptSubscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptSubscription").field("id", &self.id()).field("device", &self.device).finish()
    }
}

impl KeptSubscription {
    /// Names it without giving its address away.
    pub fn id(&self) -> String {
        Sha256::digest(self.given.endpoint.as_bytes())
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// As it is shown.
    pub fn view(&self) -> Subscription {
        let service = Url::parse(&self.given.endpoint).ok();
        Subscription {
            id: self.id(),
            device: self.device,
            origin: self.given.origin.clone(),
            service: service.and_then(|url| url.host_str().map(str::to_string)).unwrap_or_default(),
            made_at: self.made_at,
        }
    }
}

/// An address that may be asked.
#[derive(Clone, Debug)]
pub struct Address(pub(crate) Url);

impl Address {
    /// For what a device gives: https, a public name.
    ///
    /// # Errors
    /// When it is none.
    pub fn public(text: &str) -> Result<Self, Problem> {
        Self::parse(text, false)
    }

    /// For what somebody at the machine gives: their own servers may be in their own network.
    ///
    /// # Errors
    /// When it is none.
    pub fn own(text: &str) -> Result<Self, Problem> {
        Self::parse(text, true)
    }

    fn parse(text: &str, own: bool) -> Result<Self, Problem> {
        let bad = |why: &str| {
            let text = format!("Nothing can be sent there: {why}; nothing was changed.");
            Problem::new(ErrorCode::BadRequest, text).hint("Give a whole https address.")
        };
        if text.len() > LONGEST {
            return Err(bad("the address is too long"));
        }
        let url = Url::parse(text).map_err(|_| bad("this is no address"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("an address with a name and password in it"));
        }
        let host = url.host_str().ok_or_else(|| bad("the address names no host"))?;
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        let loopback = literal.is_some_and(|ip| ip.is_loopback());
        if loopback && loopback_allowed() {
            return Ok(Self(url));
        }
        if url.scheme() != "https" && !own {
            return Err(bad("it is not https"));
        }
        if !matches!(url.scheme(), "https" | "http") {
            return Err(bad("it is not https"));
        }
        if own {
            return Ok(Self(url));
        }
        if literal.is_some_and(|ip| !is_public(ip)) {
            return Err(bad("it is an address of this machine or its network"));
        }
        // Names that only a network's own resolver knows.
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        let inner = [".local", ".localhost", ".internal", ".lan", ".home.arpa", ".onion"];
        if literal.is_none() && (!name.contains('.') || inner.iter().any(|end| name.ends_with(end))) {
            return Err(bad("it is a name of this machine or its network"));
        }
        Ok(Self(url))
    }

    /// Its host's name.
    pub fn host(&self) -> String {
        self.0.host_str().unwrap_or_default().to_string()
    }

    pub(crate) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

/// Tests have their push service on this machine; a shipped build has no such door.
fn loopback_allowed() -> bool {
    cfg!(feature = "faults") && std::env::var_os("OFFDESK_PUSH_LOOPBACK").is_some()
}

/// Checks what a browser gave before it is kept.
///
/// # Errors
/// When it is no subscription.
pub(crate) fn keys_of(given: &PutSubscription) -> Result<(p256::PublicKey, [u8; 16]), String> {
    let public = BASE64.decode(given.p256dh.trim_end_matches('=')).ok();
    let public = public.and_then(|bytes| p256::PublicKey::from_sec1_bytes(&bytes).ok());
    let auth: Option<[u8; 16]> =
        BASE64.decode(given.auth.trim_end_matches('=')).ok().and_then(|bytes| bytes.try_into().ok());
    public.zip(auth).ok_or_else(|| "The browser's keys are garbled.".into())
}

impl KeptSubscription {
    /// Takes what a page gave, if messages can go there.
    ///
    /// # Errors
    /// When the address is not a public https one or the keys are none.
    pub fn of(device: DeviceId, given: PutSubscription, made_at: Timestamp) -> Result<Self, Problem> {
        Address::public(&given.endpoint)?;
        keys_of(&given).map_err(|why| Problem::new(ErrorCode::BadRequest, why))?;
        Ok(Self { device, given, made_at })
    }
}

/// Whether this address is in no network of somebody's own.
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => public_v4(ip),
        IpAddr::V6(ip) => public_v6(ip),
    }
}

fn public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_unspecified()
        || ip.is_broadcast()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19)))
}

fn public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    // Other networks' addresses inside: mapped, compatible, translated, 6to4, Teredo.
    if let Some(inner) = ip.to_ipv4() {
        return public_v4(inner);
    }
    if parts[0] == 0x64 && parts[1] == 0xff9b {
        let [.., high, low] = parts;
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        return parts[2..6] == [0; 4] && public_v4(Ipv4Addr::new(a, b, c, d));
    }
    // Global unicast is 2000::/3; the rest is local, reserved or multicast.
    let special = parts[0] == 0x2002 || (parts[0] == 0x2001 && (parts[1] < 0x200 || parts[1] == 0xdb8));
    (parts[0] & 0xe000) == 0x2000 && !special
}

/// Resolves names and keeps only public addresses: a name may be pointed inside after it was checked.
pub(crate) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> =
                found.filter(|address| is_public(address.ip()) || loopback_allowed()).collect();
            if public.is_empty() {
                return Err("the name leads to no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inside_can_be_reached() {
        for inside in [
            "https://127.0.0.1/x",
            "https://127.1/x",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://10.0.0.1/",
            "https://172.16.3.4/",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[64:ff9b::a9fe:a9fe]/",
            "https://[2002:7f00:1::]/",
            "https://[2001:0:7f00:1::]/",
            "https://[fe80::1]/",
            "https://[fc00::1]/",
            "https://[ff02::1]/",
            "https://localhost/",
            "https://router/",
            "https://nas.local/",
            "https://nas.local./",
            "https://metadata.google.internal/",
            "http://push.example.com/",
            "ftp://push.example.com/",
            "file:///etc/passwd",
            "https://user:word@push.example.com/",
            "",
        ] {
            assert!(Address::public(inside).is_err(), "{inside}");
        }
        for outside in [
            "https://fcm.googleapis.com/fcm/send/abc",
            "https://updates.push.services.mozilla.com/wpush/v2/x",
            "https://web.push.apple.com/x",
            "https://8.8.8.8/",
            "https://[2606:4700::1]/",
        ] {
            assert!(Address::public(outside).is_ok(), "{outside}");
        }
        assert!(Address::own("http://192.168.1.5:8080").is_ok());
        assert!(Address::own("file:///etc/passwd").is_err());
    }
}
