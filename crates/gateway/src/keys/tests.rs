//! What each start makes of a keyring that works, is absent, locked, silent or garbled.

use super::*;
use std::collections::HashMap;
use std::sync::Mutex;

#[derive(Default)]
struct Fake {
    kept: Mutex<HashMap<String, Vec<u8>>>,
    broken: Mutex<Option<String>>,
    silent: Mutex<Duration>,
    forgets: bool,
}

impl Fake {
    fn broken(why: &str) -> Self {
        Self { broken: Mutex::new(Some(why.into())), ..Self::default() }
    }

    fn ask(&self) -> Result<(), String> {
        let wait = *self.silent.lock().unwrap();
        std::thread::sleep(wait);
        self.broken.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

impl Keyring for Fake {
    fn read(&self, user: &str) -> Result<Option<keyring::Secret>, String> {
        self.ask()?;
        Ok(self.kept.lock().unwrap().get(user).cloned().map(Zeroizing::new))
    }

    fn write(&self, user: &str, secret: &[u8]) -> Result<(), String> {
        self.ask()?;
        if !self.forgets {
            self.kept.lock().unwrap().insert(user.into(), secret.into());
        }
        Ok(())
    }
}

struct Host {
    data: tempfile::TempDir,
    id: HostId,
    keyring: Arc<Fake>,
}

impl Host {
    fn with(keyring: Fake) -> Self {
        Self { data: tempfile::tempdir().unwrap(), id: HostId::new(), keyring: Arc::new(keyring) }
    }

    fn open(&self, choice: Choice) -> Opened {
        open_with(self.data.path(), self.id, choice, self.keyring.clone(), Duration::from_millis(300))
    }

    fn keys(&self, choice: Choice) -> Box<HostKeys> {
        match self.open(choice) {
            Opened::Keys(keys) => keys,
            Opened::Locked { why } => panic!("{why}"),
        }
    }

    fn locked(&self, choice: Choice) -> String {
        match self.open(choice) {
            Opened::Keys(_) => panic!("keys where there should be none"),
            Opened::Locked { why } => why,
        }
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = std::fs::read_dir(self.data.path())
            .unwrap()
            .map(|file| file.unwrap().path())
            .map(|path| {
                (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap())
            })
            .collect();
        files.sort();
        files
    }
}

#[test]
fn the_first_start_picks_the_keyring_and_two_starts_give_the_same_keys() {
    let host = Host::with(Fake::default());
    let first = host.keys(Choice::Auto);
    assert_eq!(first.kept(), Kept::Keyring);
    assert_eq!(host.files(), [("keys-kept".to_owned(), b"keyring\n".to_vec())], "no secret is in a file");
    let second = host.keys(Choice::File);
    assert_eq!(second.kept(), Kept::Keyring, "what was chosen once holds");
    let device = uuid::Uuid::from_u128(7);
    assert_eq!(first.link_public(), second.link_public());
    assert_eq!(first.signing_public(), second.signing_public());
    assert_eq!(first.device_secret(&device), second.device_secret(&device));
}

#[test]
fn without_a_keyring_a_file_serves_and_is_used_ever_after() {
    let host = Host::with(Fake::broken("No keyring here."));
    let first = host.keys(Choice::Auto);
    assert_eq!(first.kept(), Kept::File);
    *host.keyring.broken.lock().unwrap() = None;
    let second = host.keys(Choice::Auto);
    assert_eq!((second.kept(), second.link_public()), (Kept::File, first.link_public()));
    assert!(host.keyring.kept.lock().unwrap().is_empty());
}

#[test]
fn a_keyring_that_was_asked_for_and_is_absent_is_not_replaced_by_a_file() {
    let host = Host::with(Fake::broken("No keyring here."));
    assert_eq!(host.locked(Choice::Keyring), "No keyring here.");
    assert!(host.files().is_empty());
}

#[test]
fn a_locked_silent_emptied_or_garbled_keyring_means_locked_and_writes_nothing() {
    let host = Host::with(Fake::default());
    let keys = host.keys(Choice::Auto);
    let before = host.files();

    *host.keyring.broken.lock().unwrap() = Some("The keyring is locked.".into());
    assert_eq!(host.locked(Choice::Auto), "The keyring is locked.");
    *host.keyring.broken.lock().unwrap() = None;

    *host.keyring.silent.lock().unwrap() = Duration::from_secs(3);
    let start = std::time::Instant::now();
    assert!(host.locked(Choice::Auto).contains("did not answer"));
    assert!(start.elapsed() < Duration::from_secs(2), "the limit holds");
    *host.keyring.silent.lock().unwrap() = Duration::ZERO;

    let user = host.id.to_string();
    let whole = host.keyring.kept.lock().unwrap().insert(user.clone(), b"AQ".to_vec()).unwrap();
    assert!(host.locked(Choice::Auto).contains("garbled"));
    host.keyring.kept.lock().unwrap().remove(&user);
    assert!(host.locked(Choice::Auto).contains("no longer has"));
    assert!(host.keyring.kept.lock().unwrap().is_empty(), "no new identity");
    assert_eq!(host.files(), before);

    host.keyring.kept.lock().unwrap().insert(user, whole);
    assert_eq!(host.keys(Choice::Auto).link_public(), keys.link_public(), "unlocked, it is the same host");
}

#[test]
fn a_silent_keyring_at_the_first_start_gets_nothing_late() {
    let host = Host::with(Fake::default());
    *host.keyring.silent.lock().unwrap() = Duration::from_millis(600);
    assert_eq!(host.keys(Choice::Auto).kept(), Kept::File);
    std::thread::sleep(Duration::from_millis(1000));
    assert!(host.keyring.kept.lock().unwrap().is_empty());
}

#[test]
fn a_keyring_that_does_not_give_back_is_not_trusted() {
    let host = Host::with(Fake { forgets: true, ..Fake::default() });
    assert_eq!(host.keys(Choice::Auto).kept(), Kept::File);
}

#[test]
fn keys_of_a_start_that_ended_before_its_note_are_taken_up() {
    let host = Host::with(Fake::default());
    let first = host.keys(Choice::Auto);
    std::fs::remove_file(host.data.path().join(NOTE)).unwrap();
    assert_eq!(host.keys(Choice::Auto).link_public(), first.link_public());

    let host = Host::with(Fake::default());
    let first = host.keys(Choice::File);
    std::fs::remove_file(host.data.path().join(NOTE)).unwrap();
    let second = host.keys(Choice::Auto);
    assert_eq!((second.kept(), second.link_public()), (Kept::File, first.link_public()));
}

#[test]
fn a_missing_or_garbled_file_or_note_means_locked() {
    let host = Host::with(Fake::default());
    host.keys(Choice::File);
    let path = host.data.path().join(FILE);
    std::fs::write(&path, b"half of it").unwrap();
    assert!(host.locked(Choice::Auto).contains("garbled"));
    std::fs::remove_file(&path).unwrap();
    assert!(host.locked(Choice::Auto).contains("missing"));
    assert_eq!(host.files().len(), 1, "only the note");
    std::fs::write(host.data.path().join(NOTE), b"").unwrap();
    assert!(host.locked(Choice::Auto).contains("says neither"));
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_and_refused_when_they_are_not() {
    use std::os::unix::fs::PermissionsExt as _;
    let host = Host::with(Fake::default());
    host.keys(Choice::File);
    local_key(host.data.path()).unwrap();
    for name in [FILE, LOCAL] {
        let path = host.data.path().join(name);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    }
    assert!(host.locked(Choice::Auto).contains("chmod 600"));
    assert!(local_key(host.data.path()).unwrap_err().message.contains("chmod 600"));
}

#[test]
fn the_local_key_stays_the_same_and_a_garbled_one_is_a_problem() {
    let data = tempfile::tempdir().unwrap();
    let key = local_key(data.path()).unwrap();
    assert_ne!(key, [0; 32]);
    assert_eq!(local_key(data.path()).unwrap(), key);
    std::fs::write(data.path().join(LOCAL), b"?").unwrap();
    assert!(local_key(data.path()).unwrap_err().hint.is_some());
}

#[test]
fn what_is_derived_and_signed_is_what_others_compute() {
    let secrets: [u8; SECRETS] = std::array::from_fn(|at| (at / 32 + 1) as u8);
    let keys = HostKeys::from_secrets(&secrets, Kept::File);
    assert_eq!(keys.link_secret(), &[1; 32]);
    let (one, other) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    assert_ne!(keys.device_secret(&one), keys.device_secret(&other));
    // HKDF-SHA256 written out: extract with a salt of zeros, one block of expand. (Python's hmac gave this.)
    let hex: String = keys.device_secret(&one).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, EXPECTED);
    let signature = ed25519_dalek::Signature::from_bytes(&keys.sign(b"paths"));
    let public = ed25519_dalek::VerifyingKey::from_bytes(&keys.signing_public()).unwrap();
    public.verify_strict(b"paths", &signature).unwrap();
    assert_eq!(format!("{keys:?}"), "HostKeys { kept: File, .. }");
}

const EXPECTED: &str = "ae1a7956b1274b0f4c796174c856fb270abf6c1e5e82da403e06b3c8859e3b57";

/// Needs a Secret Service; run by hand inside `tools/desktop-lab/keyring-ci.sh`.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs an unlocked Secret Service"]
fn the_real_keyring_keeps_the_keys() {
    let host = HostId::new();
    let data = tempfile::tempdir().unwrap();
    let opened = || match open(data.path(), host, Choice::Keyring) {
        Opened::Keys(keys) => keys,
        Opened::Locked { why } => panic!("{why}"),
    };
    let first = opened();
    let second = opened();
    assert_eq!((second.kept(), second.link_public()), (Kept::Keyring, first.link_public()));
}
