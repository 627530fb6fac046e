//! Where programs of one machine find each other. Paths only: nothing is looked up.

use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Longest path of a Unix socket, in bytes, with room for every system we run on.
pub const LONGEST_SOCKET_PATH: usize = 100;

/// The gateway's local socket for a data folder: beside the log, or in a folder of the user's under `temp` where that
/// path would be too long for a socket. Without a `user` (Windows) it is a named pipe.
pub fn local_socket(data: &Path, user: Option<u32>, temp: &Path) -> PathBuf {
    let name = Uuid::new_v5(&Uuid::NAMESPACE_OID, data.as_os_str().as_encoded_bytes());
    let Some(user) = user else {
        return PathBuf::from(format!(r"\\.\pipe\offdesk-{}", name.simple()));
    };
    let beside = data.join("gateway.sock");
    if beside.as_os_str().len() <= LONGEST_SOCKET_PATH {
        return beside;
    }
    temp.join(format!("offdesk-{user}")).join(format!("{}.sock", name.simple()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_the_log_where_that_fits() {
        let at = |data: &str, user| local_socket(Path::new(data), user, Path::new("/tmp"));
        assert_eq!(
            at("/home/ada/.local/share/offdesk", Some(7)),
            Path::new("/home/ada/.local/share/offdesk/gateway.sock")
        );
        let long = format!("/home/{}", "a".repeat(100));
        let elsewhere = at(&long, Some(7));
        assert!(elsewhere.starts_with("/tmp/offdesk-7"), "{elsewhere:?}");
        assert_ne!(elsewhere, at(&format!("{long}b"), Some(7)));
        assert!(at("C:/data", None).to_string_lossy().starts_with(r"\\.\pipe\offdesk-"));
    }
}
