//! The local socket for the command line and the tray: a Unix socket, or a named pipe on Windows. Who calls is known
//! from the peer's credentials; a peer that runs inside an attempt is an agent.

use crate::access::Caller;
use std::path::{Path, PathBuf};

/// Where the socket of this data folder is.
pub(crate) fn socket_path(data: &Path) -> PathBuf {
    platform::socket_path(data)
}

/// The process at the other end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// Its id, where the system says.
    pub pid: Option<u32>,
}

impl Peer {
    /// `program`: what it calls itself; for people only, since whoever comes by the socket may the same.
    pub(crate) fn caller(self, program: Option<&str>) -> Caller {
        // A process that can't be told is treated as the one that may the least.
        if self.pid.is_none_or(offdesk_runner::is_inside_an_attempt) {
            return Caller::agent();
        }
        match program.is_some_and(|program| program.starts_with("offdesk-tray/")) {
            true => Caller::person("the app on this machine"),
            false => Caller::person("the command line"),
        }
    }
}

pub(crate) use platform::bind;
#[cfg(unix)]
pub(crate) use platform::bind_private;

#[cfg(unix)]
mod platform {
    use super::Peer;
    use axum::extract::connect_info::Connected;
    use axum::serve::IncomingStream;
    use offdesk_protocol::{LONGEST_SOCKET_PATH, local_socket};
    use std::io;
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};
    use tokio::net::{UnixListener, UnixStream};

    pub(super) fn socket_path(data: &Path) -> PathBuf {
        // SAFETY: getuid has no preconditions and cannot fail.
        let user = unsafe { libc::getuid() };
        local_socket(data, Some(user), &std::env::temp_dir())
    }

    pub(crate) struct SocketListener {
        listener: UnixListener,
        path: PathBuf,
    }

    pub(crate) async fn bind(path: &Path) -> io::Result<SocketListener> {
        let listener = replace(path)?;
        Ok(SocketListener { listener, path: path.to_path_buf() })
    }

    /// A socket in a folder of our own; nothing when its path is too long for one.
    pub(crate) fn bind_private(path: &Path) -> io::Result<Option<UnixListener>> {
        if path.as_os_str().len() > LONGEST_SOCKET_PATH {
            return Ok(None);
        }
        replace(path).map(Some)
    }

    fn replace(path: &Path) -> io::Result<UnixListener> {
        if let Some(folder) = path.parent() {
            own_folder(folder)?;
        }
        // The data folder's lock is held, so a socket that is there was left by a gateway that died.
        match std::fs::remove_file(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        Ok(listener)
    }

    /// The folder is ours alone, also where others can write beside it.
    fn own_folder(folder: &Path) -> io::Result<()> {
        use std::os::unix::fs::{DirBuilderExt, MetadataExt};
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let meta = folder.symlink_metadata()?;
        // SAFETY: getuid has no preconditions and cannot fail.
        let uid = unsafe { libc::getuid() };
        if !meta.is_dir() || meta.uid() != uid || meta.mode() & 0o022 != 0 {
            let text =
                format!("{} is not a folder of yours alone, so no socket is put there", folder.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
        }
        Ok(())
    }

    impl Drop for SocketListener {
        fn drop(&mut self) {
            // A socket that is left is removed by the next gateway.
            let _ = std::fs::remove_file(&self.path);
        }
    }

    impl axum::serve::Listener for SocketListener {
        type Io = UnixStream;
        type Addr = Peer;

        async fn accept(&mut self) -> (UnixStream, Peer) {
            loop {
                match self.listener.accept().await {
                    Ok((stream, _)) => match stream.peer_cred() {
                        // SAFETY: getuid has no preconditions and cannot fail.
                        Ok(cred) if cred.uid() == unsafe { libc::getuid() } => {
                            let pid = cred.pid().and_then(|pid| u32::try_from(pid).ok());
                            return (stream, Peer { pid });
                        }
                        _ => tracing::warn!("Another user tried the local socket and was refused."),
                    },
                    Err(error) => {
                        tracing::error!("The local socket took no connection: {error}");
                        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                    }
                }
            }
        }

        fn local_addr(&self) -> io::Result<Peer> {
            Ok(Peer { pid: Some(std::process::id()) })
        }
    }

    impl Connected<IncomingStream<'_, SocketListener>> for Peer {
        fn connect_info(stream: IncomingStream<'_, SocketListener>) -> Self {
            *stream.remote_addr()
        }
    }
}

#[cfg(windows)]
mod platform {
    use super::Peer;
    use axum::extract::connect_info::Connected;
    use axum::serve::IncomingStream;
    use futures_util::future::BoxFuture;
    use futures_util::stream::{FuturesUnordered, StreamExt};
    use std::io;
    use std::os::windows::io::AsRawHandle;
    use std::path::{Path, PathBuf};
    use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};
    use windows_sys::Win32::System::Pipes::GetNamedPipeClientProcessId;

    pub(super) fn socket_path(data: &Path) -> PathBuf {
        offdesk_protocol::local_socket(data, None, &std::env::temp_dir())
    }

    /// Callers that may come in one moment. A pipe has no queue: whoever finds no free instance is turned away.
    const WAITING: usize = 16;

    pub(crate) struct SocketListener {
        free: FuturesUnordered<Waiting>,
        path: PathBuf,
    }

    type Waiting = BoxFuture<'static, io::Result<NamedPipeServer>>;

    pub(crate) async fn bind(path: &Path) -> io::Result<SocketListener> {
        let free = FuturesUnordered::new();
        for number in 0..WAITING {
            free.push(instance(path, number == 0)?);
        }
        Ok(SocketListener { free, path: path.to_path_buf() })
    }

    /// One that waits for a caller. The default security of a named pipe lets its owner, administrators and the system
    /// connect for writing.
    fn instance(path: &Path, first: bool) -> io::Result<Waiting> {
        let server =
            ServerOptions::new().first_pipe_instance(first).reject_remote_clients(true).create(path)?;
        Ok(Box::pin(async move { server.connect().await.map(|()| server) }))
    }

    impl axum::serve::Listener for SocketListener {
        type Io = NamedPipeServer;
        type Addr = Peer;

        async fn accept(&mut self) -> (NamedPipeServer, Peer) {
            loop {
                // One for each that was taken or is broken; also after a time without room for any.
                while self.free.len() < WAITING {
                    match instance(&self.path, false) {
                        Ok(following) => self.free.push(following),
                        Err(error) => {
                            tracing::error!("The local pipe has no room for another caller: {error}");
                            break;
                        }
                    }
                }
                match self.free.next().await {
                    Some(Ok(stream)) => {
                        let mut pid = 0;
                        // SAFETY: the handle is a connected pipe of ours and `pid` outlives the call.
                        let told =
                            unsafe { GetNamedPipeClientProcessId(stream.as_raw_handle().cast(), &mut pid) };
                        return (stream, Peer { pid: (told != 0).then_some(pid) });
                    }
                    Some(Err(error)) => {
                        tracing::error!("The local pipe took no connection: {error}");
                        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                    }
                    None => tokio::time::sleep(std::time::Duration::from_millis(200)).await,
                }
            }
        }

        fn local_addr(&self) -> io::Result<Peer> {
            Ok(Peer { pid: Some(std::process::id()) })
        }
    }

    impl Connected<IncomingStream<'_, SocketListener>> for Peer {
        fn connect_info(stream: IncomingStream<'_, SocketListener>) -> Self {
            *stream.remote_addr()
        }
    }
}
