//! The path through the local network: TLS with a certificate of our own, and a name by multicast DNS.

pub(crate) mod announce;
pub(crate) mod certificate;
pub(crate) mod tls;

use std::net::{IpAddr, SocketAddr};

/// The addresses at which a listener bound so is reached from the local network: its own, or all private ones of
/// this machine. Public addresses are left out: nobody should be told to use them.
pub(crate) fn addresses(bind: SocketAddr) -> Vec<IpAddr> {
    if !bind.ip().is_unspecified() {
        return vec![bind.ip()];
    }
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!("the network interfaces can't be listed: {error}");
        Vec::new()
    });
    let mut found: Vec<IpAddr> = interfaces
        .iter()
        .filter(|interface| interface.is_oper_up())
        .map(if_addrs::Interface::ip)
        .filter(|address| is_private(*address) && reaches(bind.ip(), *address))
        .collect();
    found.sort();
    found.dedup();
    found
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    }
}

/// `0.0.0.0` takes IPv4 alone; `::` takes both.
fn reaches(bind: IpAddr, address: IpAddr) -> bool {
    bind.is_ipv6() || address.is_ipv4()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_address_is_the_only_one_and_an_unbound_one_gives_private_ones_only() {
        let bound: SocketAddr = "192.168.7.1:4".parse().unwrap();
        assert_eq!(addresses(bound), [bound.ip()]);
        for bind in ["0.0.0.0:4", "[::]:4"] {
            let bind: SocketAddr = bind.parse().unwrap();
            assert!(
                addresses(bind).into_iter().all(|address| is_private(address) && reaches(bind.ip(), address))
            );
        }
    }

    #[test]
    fn what_counts_as_private() {
        for yes in ["10.1.2.3", "172.16.0.1", "192.168.0.1", "fd00::1"] {
            assert!(is_private(yes.parse().unwrap()), "{yes}");
        }
        for no in ["127.0.0.1", "8.8.8.8", "169.254.1.1", "::1", "fe80::1", "2001:db8::1"] {
            assert!(!is_private(no.parse().unwrap()), "{no}");
        }
    }
}
