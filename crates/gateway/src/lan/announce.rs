//! Tells the local network by multicast DNS where this host is. The name says nothing about machine or person.

use mdns_sd::{IfKind, ServiceDaemon, ServiceInfo};
use offdesk_protocol::{ErrorCode, HostId, Problem};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

const SERVICE: &str = "_offdesk._tcp.local.";

/// How long the end of an announcement may hold up its owner.
const GOODBYE: Duration = Duration::from_millis(500);

/// This host's name in the local network: `offdesk-0a1b2c.local`.
pub(crate) fn name(host: HostId) -> String {
    format!("{}.local", label(host))
}

fn label(host: HostId) -> String {
    let hash = Sha256::digest(host.0.as_bytes());
    let hex: String = hash.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    format!("offdesk-{hex}")
}

/// A running announcement; it ends, with a goodbye to the network, when this is dropped.
pub(crate) struct Announcement {
    daemon: ServiceDaemon,
    service: String,
}

impl fmt::Debug for Announcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Announcement").field("service", &self.service).finish_non_exhaustive()
    }
}

/// Announces the host at these addresses and this port, on the interfaces that have them and no others.
pub(crate) fn announce(host: HostId, addresses: &[IpAddr], port: u16) -> Result<Announcement, Problem> {
    let failed = |error: mdns_sd::Error| {
        Problem::new(
            ErrorCode::Internal,
            format!("This host can't be announced in the local network: {error}."),
        )
        .hint("Its address still works.")
    };
    let info = info(host, addresses, port).map_err(failed)?;
    let service = info.get_fullname().to_owned();
    let daemon = ServiceDaemon::new().map_err(failed)?;
    // Owned before the rest can fail, so that the daemon's thread ends with it.
    let announcement = Announcement { daemon, service };
    announcement.daemon.disable_interface(IfKind::All).map_err(failed)?;
    let on: Vec<IfKind> = addresses.iter().copied().map(IfKind::Addr).collect();
    announcement.daemon.enable_interface(on).map_err(failed)?;
    announcement.daemon.register(info).map_err(failed)?;
    Ok(announcement)
}

fn info(host: HostId, addresses: &[IpAddr], port: u16) -> mdns_sd::Result<ServiceInfo> {
    let properties: &[(&str, &str)] = &[];
    ServiceInfo::new(SERVICE, &label(host), &format!("{}.", name(host)), addresses, port, properties)
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // The daemon sends the goodbye before it takes up the shutdown.
        let _ = self.daemon.unregister(&self.service);
        if let Ok(ended) = self.daemon.shutdown() {
            let _ = ended.recv_timeout(GOODBYE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mdns_sd::ServiceEvent;
    use std::time::Instant;

    #[test]
    fn the_name_is_stable_and_says_nothing() {
        let host: HostId = "01890000-0000-7000-8000-000000000001".parse().unwrap();
        assert_eq!(name(host), name(host));
        assert_ne!(name(host), name(HostId::new()));
        assert_eq!(name(host).len(), "offdesk-0a1b2c.local".len());
    }

    #[test]
    fn what_is_announced() {
        let host = HostId::new();
        let info = info(host, &["192.168.1.7".parse().unwrap()], 4433).unwrap();
        assert_eq!(info.get_hostname(), format!("{}.", name(host)));
        assert_eq!(info.get_fullname(), format!("{}.{SERVICE}", label(host)));
        assert_eq!((info.get_port(), info.get_properties().len()), (4433, 0));
    }

    /// On the loopback interface alone; where multicast is not to be had there, the test above is what remains.
    #[test]
    fn it_is_found_and_says_goodbye() {
        let host = HostId::new();
        let loopback: IpAddr = [127, 0, 0, 1].into();
        let announcement = announce(host, &[loopback], 4433).unwrap();
        let browser = ServiceDaemon::new().unwrap();
        browser.disable_interface(IfKind::All).unwrap();
        browser.enable_interface(IfKind::Addr(loopback)).unwrap();
        let events = browser.browse(SERVICE).unwrap();
        let until = |wanted: &dyn Fn(&ServiceEvent) -> bool| {
            let end = Instant::now() + Duration::from_secs(6);
            while let Ok(event) = events.recv_timeout(end.saturating_duration_since(Instant::now())) {
                if wanted(&event) {
                    return true;
                }
            }
            false
        };
        let ours = label(host);
        let found = until(&|event| {
            matches!(event, ServiceEvent::ServiceResolved(found)
                if found.get_fullname().starts_with(&ours) && found.get_port() == 4433)
        });
        if !found {
            eprintln!("skipped: no multicast on the loopback interface here");
            return;
        }
        drop(announcement);
        assert!(until(&|event| {
            matches!(event, ServiceEvent::ServiceRemoved(_, name) if name.starts_with(&ours))
        }));
        let _ = browser.shutdown();
    }
}
