//! The system's keyring: the Secret Service, the macOS keychain, the Windows credential manager. A locked or absent
//! one may never answer, so each visit has a thread of its own and a limit.

use keyring_core::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long one visit may take.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

const SERVICE: &str = "offdesk";

/// What was kept under a name.
pub(super) type Secret = Zeroizing<Vec<u8>>;

/// Keeps one secret for each user name. Errors are sentences.
pub(super) trait Keyring: Send + Sync {
    /// What is kept, if anything.
    fn read(&self, user: &str) -> Result<Option<Secret>, String>;
    /// Keeps this.
    fn write(&self, user: &str, secret: &[u8]) -> Result<(), String>;
}

/// Reads within the limit.
pub(super) fn read(
    keyring: &Arc<dyn Keyring>,
    user: &str,
    limit: Duration,
) -> Result<Option<Secret>, String> {
    let user = user.to_owned();
    within(keyring, limit, move |keyring, _| keyring.read(&user))
}

/// Reads within the limit, and when nothing is there keeps `fresh` and reads it back.
pub(super) fn read_or_make(
    keyring: &Arc<dyn Keyring>,
    user: &str,
    fresh: Zeroizing<String>,
    limit: Duration,
) -> Result<Secret, String> {
    let user = user.to_owned();
    within(keyring, limit, move |keyring, given_up| {
        if let Some(found) = keyring.read(&user)? {
            return Ok(found);
        }
        // Nobody waits any more: keys that are kept now would be nobody's.
        if given_up.load(Ordering::SeqCst) {
            return Err(String::new());
        }
        keyring.write(&user, fresh.as_bytes())?;
        match keyring.read(&user)? {
            Some(found) if found.as_slice() == fresh.as_bytes() => Ok(found),
            _ => Err("The keyring took this host's keys but does not give them back.".into()),
        }
    })
}

fn within<T: Send + 'static>(
    keyring: &Arc<dyn Keyring>,
    limit: Duration,
    visit: impl FnOnce(&dyn Keyring, &AtomicBool) -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let (tell, told) = sync_channel(1);
    let given_up = Arc::new(AtomicBool::new(false));
    let (keyring, flag) = (Arc::clone(keyring), Arc::clone(&given_up));
    std::thread::Builder::new()
        .name("keyring".into())
        .spawn(move || {
            let _ = tell.send(visit(keyring.as_ref(), &flag));
        })
        .map_err(|error| format!("The keyring can't be asked: {error}."))?;
    match told.recv_timeout(limit) {
        Ok(answer) => answer,
        Err(RecvTimeoutError::Timeout) => {
            given_up.store(true, Ordering::SeqCst);
            Err(format!("The keyring did not answer within {} seconds; it may be locked.", limit.as_secs()))
        }
        Err(RecvTimeoutError::Disconnected) => Err("The keyring failed while it was asked.".into()),
    }
}

/// The keyring of the person who runs this process.
pub(super) struct SystemKeyring;

impl SystemKeyring {
    /// Connects anew each time: one that was absent at login may be there a minute later.
    fn entry(user: &str) -> Result<keyring_core::Entry, String> {
        platform::store().and_then(|store| store.build(SERVICE, user, None)).map_err(sentence)
    }
}

impl Keyring for SystemKeyring {
    fn read(&self, user: &str) -> Result<Option<Secret>, String> {
        match Self::entry(user)?.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(sentence(error)),
        }
    }

    fn write(&self, user: &str, secret: &[u8]) -> Result<(), String> {
        Self::entry(user)?.set_secret(secret).map_err(sentence)
    }
}

/// Only kinds of error that carry no secret are repeated.
fn sentence(error: Error) -> String {
    match error {
        Error::NoStorageAccess(why) => format!("The keyring is locked: {why}."),
        Error::PlatformFailure(why) => format!("The keyring can't be used: {why}."),
        Error::Ambiguous(found) => format!("The keyring has {} entries for this host's keys.", found.len()),
        _ => "The keyring gave an answer that makes no sense.".into(),
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
mod platform {
    use keyring_core::{CredentialStore, Result};
    use std::sync::Arc;

    pub(super) fn store() -> Result<Arc<CredentialStore>> {
        Ok(zbus_secret_service_keyring_store::Store::new()?)
    }
}

#[cfg(target_os = "macos")]
mod platform {
    use keyring_core::{CredentialStore, Result};
    use std::sync::Arc;

    pub(super) fn store() -> Result<Arc<CredentialStore>> {
        Ok(apple_native_keyring_store::keychain::Store::new()?)
    }
}

#[cfg(windows)]
mod platform {
    use keyring_core::{CredentialStore, Result};
    use std::sync::Arc;

    pub(super) fn store() -> Result<Arc<CredentialStore>> {
        Ok(windows_native_keyring_store::Store::new()?)
    }
}
