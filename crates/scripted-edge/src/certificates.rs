//! The edge's certificate, from an authority of its own.

use anyhow::{Context as _, Result};
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// Makes authority and certificate, writes `ca.pem` into the folder and returns its path. `leaf.pem`, certificate and
/// key, is for a test that stands before the edge itself.
///
/// # Errors
/// When the folder cannot be written.
pub fn make(folder: &Path) -> Result<(PathBuf, TlsAcceptor)> {
    let mut authority = CertificateParams::new(Vec::<String>::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "Scripted edge");
    let authority_key = KeyPair::generate()?;
    let authority_certificate = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let names = ["*.trycloudflare.com", "localhost", "127.0.0.1"].map(String::from).to_vec();
    let mut leaf = CertificateParams::new(names)?;
    leaf.use_authority_key_identifier_extension = true;
    leaf.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    let key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&key, &issuer)?;

    std::fs::create_dir_all(folder)?;
    let file = folder.join("ca.pem");
    std::fs::write(&file, authority_certificate.pem())
        .context("the authority's certificate is not written")?;
    std::fs::write(folder.join("leaf.pem"), certificate.pem() + &key.serialize_pem())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )?;
    // The first request is read as HTTP/1.1, so nothing else is offered.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((file, TlsAcceptor::from(Arc::new(config))))
}
