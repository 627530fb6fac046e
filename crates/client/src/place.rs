//! Where a gateway is.

use crate::ClientError;
use std::fmt;
use std::path::PathBuf;

/// Where a gateway is, and with what key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On this machine, by its local socket; the system says who we are.
    Socket(PathBuf),
    /// At an address, with a key.
    Url {
        /// Without a slash at the end.
        url: String,
        /// Sent as a bearer, never in an address.
        token: Option<String>,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Socket(path) => write!(f, "{}", path.display()),
            Place::Url { url, .. } => f.write_str(url),
        }
    }
}

/// A connection bytes can be sent over both ways.
pub(crate) trait Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send {}
impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send> Stream for T {}

impl Place {
    /// The gateway of this data folder, by its local socket.
    pub fn of(data: &std::path::Path) -> Self {
        Self::Socket(offdesk_protocol::local_socket(data, user(), &std::env::temp_dir()))
    }

    /// Where a gateway keeps everything, unless told otherwise; nothing when this user has no home folder.
    pub fn default_data() -> Option<PathBuf> {
        let var = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = std::env::home_dir().filter(|home| home.is_absolute())?;
        Some(if cfg!(target_os = "macos") {
            home.join("Library/Application Support/Offdesk")
        } else if cfg!(windows) {
            var("LOCALAPPDATA").unwrap_or_else(|| home.join("AppData/Local")).join("Offdesk")
        } else {
            var("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")).join("offdesk")
        })
    }

    pub(crate) fn base(&self) -> &str {
        match self {
            Place::Socket(_) => "http://localhost",
            Place::Url { url, .. } => url.trim_end_matches('/'),
        }
    }

    pub(crate) fn token(&self) -> Option<&str> {
        match self {
            Place::Socket(_) => None,
            Place::Url { token, .. } => token.as_deref(),
        }
    }

    pub(crate) fn http(&self, program: &str) -> reqwest::Result<reqwest::Client> {
        // One provider of primitives for the whole tree; reqwest asks for it also where it needs none.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder().no_proxy().user_agent(program);
        match self {
            // Nothing to do with certificates, so a system without any is no reason to fail.
            Place::Socket(path) => by_socket(builder.tls_certs_only([]), path).build(),
            Place::Url { url, .. } if url.starts_with("http://") => builder.tls_certs_only([]).build(),
            Place::Url { .. } => builder.build(),
        }
    }

    /// A connection of its own, for the live messages.
    pub(crate) async fn connect(&self) -> Result<Box<dyn Stream>, ClientError> {
        let nobody = || ClientError::NoGateway { place: self.to_string() };
        match self {
            Place::Socket(path) => open_socket(path).await.map_err(|_| nobody()),
            Place::Url { url, .. } => {
                let rest = url.strip_prefix("http://").ok_or_else(|| {
                    ClientError::Garbled("only http:// addresses of this machine can be followed live".into())
                })?;
                let host = rest.trim_end_matches('/');
                let stream = tokio::net::TcpStream::connect(host).await.map_err(|_| nobody())?;
                // Keys are small; waiting to fill packets would be felt.
                let _ = stream.set_nodelay(true);
                Ok(Box::new(stream))
            }
        }
    }
}

#[cfg(unix)]
fn user() -> Option<u32> {
    Some(rustix::process::getuid().as_raw())
}

#[cfg(windows)]
fn user() -> Option<u32> {
    None
}

#[cfg(unix)]
fn by_socket(builder: reqwest::ClientBuilder, path: &std::path::Path) -> reqwest::ClientBuilder {
    builder.unix_socket(path)
}

#[cfg(unix)]
async fn open_socket(path: &std::path::Path) -> std::io::Result<Box<dyn Stream>> {
    Ok(Box::new(tokio::net::UnixStream::connect(path).await?))
}

#[cfg(windows)]
fn by_socket(builder: reqwest::ClientBuilder, path: &std::path::Path) -> reqwest::ClientBuilder {
    builder.windows_named_pipe(path)
}

#[cfg(windows)]
async fn open_socket(path: &std::path::Path) -> std::io::Result<Box<dyn Stream>> {
    Ok(Box::new(tokio::net::windows::named_pipe::ClientOptions::new().open(path)?))
}
