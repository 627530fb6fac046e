//! The download of one pinned release of cloudflared, when the user has agreed to it.

use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;

/// The pinned release.
pub const VERSION: &str = "2026.5.1";
/// Where the assets lie: pass it to [`fetch`].
pub const BASE_URL: &str = "https://github.com/cloudflare/cloudflared/releases/download/2026.5.1";
/// What to do where no asset is pinned.
pub const UNPINNED: &str = "No release of cloudflared is pinned for this kind of machine. Install it from https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/downloads/ and choose its file, or put it on the PATH.";

/// The real files have 20 to 70 MB.
const LARGEST: u64 = 100 * 1024 * 1024;
const STALLED: Duration = Duration::from_secs(60);

/// One file of the pinned release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// Its name in the release.
    pub name: &'static str,
    /// The checksum of the file that is downloaded.
    pub sha256: &'static str,
    /// The checksum of the program in it, when it is an archive. For archives this is the one that the release notes
    /// list under the archive's name, because Cloudflare's release script sums the unpacked program.
    pub program_sha256: Option<&'static str>,
}

/// The pinned files by operating system and architecture, as in [`std::env::consts`].
pub const ASSETS: [(&str, &str, Asset); 5] = [
    (
        "macos",
        "aarch64",
        Asset {
            name: "cloudflared-darwin-arm64.tgz",
            sha256: "af75f2fa11a42de1ceaa0345537c51d3c86915748e65bc2c6680983dfd36ae74",
            program_sha256: Some("086dd6628a3608eba7327af1092abcc52b10994524112ae49bf356ec49bef8c4"),
        },
    ),
    (
        "macos",
        "x86_64",
        Asset {
            name: "cloudflared-darwin-amd64.tgz",
            sha256: "1389ce2cff3ec7ee777d7bed43253e433aa2521b9b00cc42ccf0066a4d971149",
            program_sha256: Some("c232c2be1fda76ffb5dff55874c4d4e3d3137bd426e3e73d539c3ecbe20526a2"),
        },
    ),
    (
        "linux",
        "x86_64",
        Asset {
            name: "cloudflared-linux-amd64",
            sha256: "3c6a5ba995a258dbe90f98e5fdb2c2620b7be72c3ca761614f6eb52aee252cea",
            program_sha256: None,
        },
    ),
    (
        "linux",
        "aarch64",
        Asset {
            name: "cloudflared-linux-arm64",
            sha256: "7b7a8b9a2764acab0fecda633cb54a6c0df42d7f8ca1ec45c78333c2227d8d91",
            program_sha256: None,
        },
    ),
    (
        "windows",
        "x86_64",
        Asset {
            name: "cloudflared-windows-amd64.exe",
            sha256: "8b97b5af442651e07c52caa9c79c6f60032bc10b675c2b36dd11c7690d9942e3",
            program_sha256: None,
        },
    ),
];

/// The file for this machine; where there is none, [`UNPINNED`] says what to do.
#[must_use]
pub fn asset() -> Option<&'static Asset> {
    let here = (std::env::consts::OS, std::env::consts::ARCH);
    ASSETS.iter().find(|(os, arch, _)| (*os, *arch) == here).map(|(_, _, asset)| asset)
}

/// Why cloudflared was not downloaded. Whatever was there before is still there.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No answer, or a broken one.
    #[error(
        "cloudflared could not be downloaded ({0}). Nothing was changed; check the network and try again"
    )]
    Network(String),
    /// The server has it not.
    #[error(
        "the server answered {0} instead of cloudflared. Nothing was changed; try again later, or install cloudflared yourself"
    )]
    Refused(u16),
    /// More than any release has.
    #[error(
        "the download is larger than 100 MiB, so it is not cloudflared. It was thrown away; try again later"
    )]
    TooLarge,
    /// Something else than what was pinned.
    #[error(
        "what was downloaded is not the pinned release of cloudflared (its checksum is {found}). It was thrown away and never run; try again from another network, or install cloudflared yourself"
    )]
    Checksum {
        /// Its SHA-256.
        found: String,
    },
    /// The archive could not be unpacked.
    #[error(
        "the downloaded archive could not be unpacked ({0}). Nothing was changed; install cloudflared yourself"
    )]
    Unpack(String),
    /// The folder could not be written.
    #[error(
        "cloudflared could not be saved ({0}). Nothing was changed; check the free space and the folder's rights"
    )]
    Disk(#[from] std::io::Error),
}

/// Downloads one file from `base_url`, checks it, and only then puts it into the folder as `cloudflared`
/// (`cloudflared.exe` on Windows), ready to run. Returns its path.
///
/// # Errors
/// See [`FetchError`]; what lay in the folder before is kept.
pub async fn fetch(asset: &Asset, base_url: &str, into: &Path) -> Result<PathBuf, FetchError> {
    std::fs::create_dir_all(into)?;
    let download = download(asset, base_url, into).await?;
    let name = if asset.name.ends_with(".exe") { "cloudflared.exe" } else { "cloudflared" };
    let path = into.join(name);
    let Some(program_sha256) = asset.program_sha256 else {
        put(download, &path)?;
        return Ok(path);
    };
    let unpacked = unpack(&download, into).await?;
    let found = sum(&unpacked.path().join("cloudflared"))?;
    if found != program_sha256 {
        return Err(FetchError::Checksum { found });
    }
    let mut program = NamedTempFile::new_in(into)?;
    std::io::copy(&mut std::fs::File::open(unpacked.path().join("cloudflared"))?, &mut program)?;
    put(program, &path)?;
    Ok(path)
}

async fn download(asset: &Asset, base_url: &str, into: &Path) -> Result<NamedTempFile, FetchError> {
    let network = |error: reqwest::Error| FetchError::Network(chain(&error));
    // Fails when another part of the program has chosen one already, which serves us as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .connect_timeout(STALLED / 2)
        .read_timeout(STALLED)
        .user_agent(concat!("offdesk/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(network)?;
    let url = format!("{}/{}", base_url.trim_end_matches('/'), asset.name);
    let mut response = client.get(url).send().await.map_err(network)?;
    if !response.status().is_success() {
        return Err(FetchError::Refused(response.status().as_u16()));
    }
    if response.content_length().is_some_and(|length| length > LARGEST) {
        return Err(FetchError::TooLarge);
    }
    let mut file = NamedTempFile::new_in(into)?;
    let (mut hash, mut length) = (Sha256::new(), 0);
    while let Some(chunk) = response.chunk().await.map_err(network)? {
        length += chunk.len() as u64;
        if length > LARGEST {
            return Err(FetchError::TooLarge);
        }
        hash.update(&chunk);
        file.write_all(&chunk)?;
    }
    let found = hex(&hash.finalize());
    if found != asset.sha256 {
        return Err(FetchError::Checksum { found });
    }
    Ok(file)
}

/// Makes it durable and ready to run, and only then gives it its name.
fn put(mut file: NamedTempFile, path: &Path) -> Result<(), FetchError> {
    file.flush()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o755))?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

async fn unpack(archive: &NamedTempFile, into: &Path) -> Result<tempfile::TempDir, FetchError> {
    let folder = tempfile::tempdir_in(into)?;
    let output = tokio::process::Command::new("tar")
        .arg("-xzf")
        .arg(archive.path())
        .arg("-C")
        .arg(folder.path())
        .arg("cloudflared")
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| FetchError::Unpack(format!("tar: {error}")))?;
    if !output.status.success() {
        return Err(FetchError::Unpack(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(folder)
}

fn sum(path: &Path) -> Result<String, FetchError> {
    let mut file = std::fs::File::open(path).map_err(|error| FetchError::Unpack(error.to_string()))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match std::io::Read::read(&mut file, &mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            length => hash.update(&buffer[..length]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The causes too: the outermost message alone says only "error sending request".
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}
