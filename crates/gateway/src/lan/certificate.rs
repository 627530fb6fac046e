//! The self-signed certificate of the LAN path. A browser's person accepts it once, so it is kept as long as it serves.

use crate::keys::file;
use offdesk_protocol::{ErrorCode, Problem, Timestamp};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use x509_parser::extensions::GeneralName;
use zeroize::Zeroizing;

const CERTIFICATE: &str = "lan-cert.pem";
const KEY: &str = "lan-key.pem";

const DAY: u64 = 24 * 60 * 60;
/// The longest that browsers take without complaint.
const LIFE: Duration = Duration::from_secs(397 * DAY);
/// With less than this left it is renewed.
const RENEW: Duration = Duration::from_secs(30 * DAY);
/// A phone's clock may be a little behind ours.
const BEFORE: Duration = Duration::from_secs(60 * 60);

/// What the certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// An address.
    Address(IpAddr),
    /// A DNS name, without a dot at its end.
    Dns(String),
}

/// The certificate and its key.
pub(crate) struct Certificate {
    /// X.509, DER.
    pub(crate) cert_der: Vec<u8>,
    /// PKCS #8, DER; wiped from memory when dropped.
    pub(crate) key_der: Zeroizing<Vec<u8>>,
    /// SHA-256 of the certificate as browsers show it: `AB:CD:…`.
    pub(crate) fingerprint: String,
    /// From then on nobody takes it.
    pub(crate) not_after: Timestamp,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("fingerprint", &self.fingerprint)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

/// The kept certificate when it covers all names for a while yet, else a new one with a new key.
pub(crate) fn certificate(data: &Path, names: &[Name], now: Timestamp) -> Result<Certificate, Problem> {
    let (cert, key) = (data.join(CERTIFICATE), data.join(KEY));
    match load(&cert, &key) {
        Kept::Whole(kept) if kept.serves(names, now) => return Ok(kept.certificate),
        Kept::Whole(_) | Kept::Nothing => {}
        Kept::Broken(why) => {
            tracing::warn!("the LAN certificate is replaced, the old one kept as .broken: {why}");
            set_aside(&cert)?;
            set_aside(&key)?;
        }
    }
    make(&cert, &key, names, now)
}

enum Kept {
    Whole(Loaded),
    Nothing,
    Broken(String),
}

struct Loaded {
    certificate: Certificate,
    not_before: Timestamp,
    names: Vec<Name>,
}

impl Loaded {
    fn serves(&self, names: &[Name], now: Timestamp) -> bool {
        let renew = self.certificate.not_after.checked_sub(RENEW).unwrap_or(Timestamp::MIN);
        self.not_before <= now && now < renew && names.iter().all(|name| self.names.contains(name))
    }
}

fn load(cert: &Path, key: &Path) -> Kept {
    let Ok(pem) = std::fs::read(cert) else {
        return if cert.exists() {
            Kept::Broken(format!("{} can't be read", cert.display()))
        } else {
            Kept::Nothing
        };
    };
    // A key that others could read is not used again either.
    let key_pem = match file::read(key) {
        Ok(Some(pem)) => pem,
        Ok(None) => return Kept::Broken(format!("{} is missing", key.display())),
        Err(why) => return Kept::Broken(why),
    };
    parse(&pem, &key_pem).map_or_else(|| Kept::Broken(format!("{} is garbled", cert.display())), Kept::Whole)
}

fn parse(pem: &[u8], key_pem: &[u8]) -> Option<Loaded> {
    let cert_der = CertificateDer::from_pem_slice(pem).ok()?.to_vec();
    let key_der = PrivatePkcs8KeyDer::from_pem_slice(key_pem).ok()?;
    let key_der = Zeroizing::new(key_der.secret_pkcs8_der().to_vec());
    let (rest, parsed) = x509_parser::parse_x509_certificate(&cert_der).ok()?;
    let pair = KeyPair::try_from(key_der.as_slice()).ok()?;
    if !rest.is_empty() || parsed.public_key().subject_public_key.data.as_ref() != pair.public_key_raw() {
        return None;
    }
    let validity = parsed.validity();
    let not_before = Timestamp::from_second(validity.not_before.timestamp()).ok()?;
    let not_after = Timestamp::from_second(validity.not_after.timestamp()).ok()?;
    let names =
        parsed.subject_alternative_name().ok()??.value.general_names.iter().filter_map(name).collect();
    let fingerprint = fingerprint(&cert_der);
    Some(Loaded { certificate: Certificate { cert_der, key_der, fingerprint, not_after }, not_before, names })
}

fn name(name: &GeneralName<'_>) -> Option<Name> {
    match name {
        GeneralName::DNSName(name) => Some(Name::Dns((*name).to_owned())),
        GeneralName::IPAddress(bytes) => <[u8; 4]>::try_from(*bytes)
            .map(IpAddr::from)
            .or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from))
            .map(Name::Address)
            .ok(),
        _ => None,
    }
}

fn make(cert: &Path, key: &Path, names: &[Name], now: Timestamp) -> Result<Certificate, Problem> {
    let failed = |error: rcgen::Error| {
        Problem::new(
            ErrorCode::Internal,
            format!("A certificate for the local network can't be made: {error}."),
        )
    };
    let mut params = CertificateParams::default();
    params.subject_alt_names = names.iter().map(san).collect::<Result<_, _>>().map_err(failed)?;
    // Everybody in the network reads it: it names no machine and no person.
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Offdesk");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = Duration::from_secs(u64::try_from(now.as_second()).unwrap_or(0));
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + now.saturating_sub(BEFORE);
    params.not_after = epoch + now + LIFE;
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
    let made = params.self_signed(&pair).map_err(failed)?;

    let unsaved = |why: String| Problem::new(ErrorCode::StorageFailed, why);
    let key_pem = Zeroizing::new(pair.serialize_pem());
    let cert_pem = made.pem();
    file::write_new(key, key_pem.as_bytes()).map_err(unsaved)?;
    file::write_new(cert, cert_pem.as_bytes()).map_err(unsaved)?;
    // What the next start will find is what this one serves.
    match load(cert, key) {
        Kept::Whole(kept) => Ok(kept.certificate),
        Kept::Nothing => Err(unsaved(format!("{} is gone as soon as it is written.", cert.display()))),
        Kept::Broken(why) => Err(unsaved(why)),
    }
}

fn san(name: &Name) -> Result<SanType, rcgen::Error> {
    Ok(match name {
        Name::Address(address) => SanType::IpAddress(*address),
        Name::Dns(name) => SanType::DnsName(name.as_str().try_into()?),
    })
}

fn set_aside(path: &Path) -> Result<(), Problem> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".broken");
    match std::fs::rename(path, PathBuf::from(aside)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Problem::new(
            ErrorCode::StorageFailed,
            format!("{} can't be moved: {error}.", path.display()),
        )),
        _ => Ok(()),
    }
}

fn fingerprint(der: &[u8]) -> String {
    Sha256::digest(der).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<Name> {
        vec![
            Name::Address([192, 168, 1, 7].into()),
            Name::Address("fd00::7".parse().unwrap()),
            Name::Dns("offdesk-0a1b2c.local".into()),
        ]
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + day * DAY as i64).unwrap()
    }

    #[test]
    fn it_is_kept_while_it_serves_and_renewed_with_a_new_key_before_it_ends() {
        let data = tempfile::tempdir().unwrap();
        let first = certificate(data.path(), &names(), at(0)).unwrap();
        assert_eq!(first.not_after, at(397));
        assert_eq!(first.fingerprint.len(), 32 * 3 - 1);
        for day in [0, 200, 366] {
            assert_eq!(
                certificate(data.path(), &names()[..2], at(day)).unwrap().fingerprint,
                first.fingerprint
            );
        }
        let second = certificate(data.path(), &names(), at(367)).unwrap();
        assert_eq!(second.not_after, at(367 + 397));
        assert_ne!(second.key_der, first.key_der);
        assert!(!data.path().join("lan-cert.pem.broken").exists(), "it was not broken");
        let third = certificate(data.path(), &names(), at(0)).unwrap();
        assert_ne!(
            third.fingerprint, second.fingerprint,
            "a clock that was set back makes ours not valid yet"
        );
    }

    #[test]
    fn a_name_it_does_not_cover_renews_it() {
        let data = tempfile::tempdir().unwrap();
        let first = certificate(data.path(), &names()[1..], at(0)).unwrap();
        let second = certificate(data.path(), &names(), at(1)).unwrap();
        assert_ne!(second.fingerprint, first.fingerprint);
        assert_eq!(certificate(data.path(), &names(), at(2)).unwrap().fingerprint, second.fingerprint);
    }

    #[test]
    fn a_garbled_one_or_one_without_its_key_is_set_aside_and_replaced() {
        let data = tempfile::tempdir().unwrap();
        let first = certificate(data.path(), &names(), at(0)).unwrap();
        std::fs::write(data.path().join(CERTIFICATE), "garbled").unwrap();
        let second = certificate(data.path(), &names(), at(0)).unwrap();
        assert_ne!(second.fingerprint, first.fingerprint);
        assert_eq!(std::fs::read(data.path().join("lan-cert.pem.broken")).unwrap(), b"garbled");

        let other = tempfile::tempdir().unwrap();
        certificate(other.path(), &names(), at(0)).unwrap();
        std::fs::copy(other.path().join(KEY), data.path().join(KEY)).unwrap();
        let third = certificate(data.path(), &names(), at(0)).unwrap();
        assert_ne!(third.fingerprint, second.fingerprint);
    }

    #[cfg(unix)]
    #[test]
    fn its_key_is_for_its_owner_and_not_used_when_others_could_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let data = tempfile::tempdir().unwrap();
        let first = certificate(data.path(), &names(), at(0)).unwrap();
        let key = data.path().join(KEY);
        assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_ne!(certificate(data.path(), &names(), at(0)).unwrap().fingerprint, first.fingerprint);
    }

    #[test]
    fn it_shows_no_key() {
        let data = tempfile::tempdir().unwrap();
        let made = certificate(data.path(), &names(), at(0)).unwrap();
        assert!(!format!("{made:?}").contains("key"));
    }
}
