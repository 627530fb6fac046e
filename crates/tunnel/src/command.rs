//! The files and the command line of one start.

use crate::config::{Config, Credentials, Mode};
use crate::program::ProgramSpec;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Which protocol to insist on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Protocol {
    /// What cloudflared chooses: QUIC.
    #[default]
    Chosen,
    /// TCP, where UDP 7844 is blocked.
    Http2,
}

/// Writes the files that a start needs and returns what to start.
///
/// A config file is always given, because cloudflared otherwise loads the user's own, whose ingress rules would
/// replace our target and answer 404 to everything.
pub(crate) fn prepare(config: &Config, protocol: Protocol) -> io::Result<ProgramSpec> {
    private_folder(&config.folder)?;
    let own = config.folder.join("config.yml");
    let mut args: Vec<String> = vec!["tunnel".into(), "--config".into()];
    match &config.mode {
        Mode::Named { credentials: Credentials::ConfigFile(file), .. } => args.push(text(file)?),
        Mode::Named { .. } => {
            private_file(&own, "")?;
            args.push(text(&own)?);
        }
        Mode::Quick => {
            private_file(&own, &quick_config(config.target.socket.as_deref())?)?;
            args.push(text(&own)?);
        }
    }
    args.extend(["--no-autoupdate", "--output", "json", "--loglevel", "info"].map(String::from));
    args.extend(["--metrics", "127.0.0.1:0", "--grace-period", "3s"].map(String::from));
    if matches!(config.mode, Mode::Quick) {
        args.extend(["--url".into(), config.target.url.clone()]);
    }
    if protocol == Protocol::Http2 {
        args.extend(["--protocol", "http2"].map(String::from));
    }
    match &config.mode {
        Mode::Quick => {}
        Mode::Named { credentials: Credentials::ConfigFile(_), .. } => args.push("run".into()),
        Mode::Named { credentials: Credentials::TokenFile(file), .. } => {
            args.extend(["run".into(), "--token-file".into(), text(file)?]);
        }
        Mode::Named { credentials: Credentials::Token(token), .. } => {
            // A file rather than the environment: whoever starts the program may write its environment down.
            let file = config.folder.join("token");
            private_file(&file, token.reveal())?;
            args.extend(["run".into(), "--token-file".into(), text(&file)?]);
        }
    }
    Ok(ProgramSpec { program: config.program.clone(), args, env: Vec::new() })
}

/// One rule that leads everything to the socket; nothing without one, and then `--url` decides.
fn quick_config(socket: Option<&Path>) -> io::Result<String> {
    let Some(socket) = socket else { return Ok(String::new()) };
    // A JSON string is a YAML string, whatever the path holds.
    let service = serde_json::to_string(&format!("unix:{}", text(socket)?))?;
    Ok(format!("ingress:\n  - service: {service}\n"))
}

fn text(path: &Path) -> io::Result<String> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a path is not valid UTF-8"))
}

fn private_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Replaces the file whole; its mode is 0600 from its first byte on.
fn private_file(path: &PathBuf, content: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Target, Token};
    use base64::Engine as _;
    use std::time::Duration;

    fn config(folder: &Path, mode: Mode, socket: Option<&str>) -> Config {
        Config {
            program: "/bin/cloudflared".into(),
            mode,
            target: Target { socket: socket.map(Into::into), url: "http://127.0.0.1:9".into() },
            folder: folder.join("tunnel"),
            probe_every: Duration::from_secs(5),
        }
    }

    fn token() -> Token {
        let json = r#"{"a":"1","t":"11111111-2222-3333-4444-555555555555","s":"c2VjcmV0"}"#;
        Token::parse(&base64::engine::general_purpose::STANDARD.encode(json)).unwrap()
    }

    #[test]
    fn a_quick_tunnel_leads_to_the_socket_and_still_gets_a_url() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path(), Mode::Quick, Some("/run/a \"b\"/edge.sock"));
        let spec = prepare(&config, Protocol::Http2).unwrap();
        let file = config.folder.join("config.yml");
        let line = spec.args.join(" ").replace(file.to_str().unwrap(), "F");
        assert_eq!(
            line,
            "tunnel --config F --no-autoupdate --output json --loglevel info --metrics 127.0.0.1:0 \
             --grace-period 3s --url http://127.0.0.1:9 --protocol http2"
        );
        let written = std::fs::read_to_string(file).unwrap();
        assert_eq!(written, "ingress:\n  - service: \"unix:/run/a \\\"b\\\"/edge.sock\"\n");
    }

    #[test]
    fn a_token_is_neither_an_argument_nor_in_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let mode = Mode::Named { credentials: Credentials::Token(token()), url: "https://o.example".into() };
        let config = config(folder.path(), mode, None);
        let spec = prepare(&config, Protocol::Chosen).unwrap();
        let file = config.folder.join("token");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), token().reveal());
        assert!(spec.args.ends_with(&["run".into(), "--token-file".into(), file.to_str().unwrap().into()]));
        assert!(!format!("{spec:?} {config:?}").contains(token().reveal()));
        assert!(!spec.args.iter().any(|arg| arg.contains(token().reveal()) || arg == "--url"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&config.folder), mode(&file)), (0o700, 0o600));
        }
    }

    #[test]
    fn the_owners_own_config_file_is_used_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = Credentials::ConfigFile("/etc/mine.yml".into());
        let config =
            config(folder.path(), Mode::Named { credentials, url: "https://o.example".into() }, None);
        let spec = prepare(&config, Protocol::Chosen).unwrap();
        assert_eq!(spec.args[..3], ["tunnel", "--config", "/etc/mine.yml"]);
        assert_eq!(spec.args.last().map(String::as_str), Some("run"));
    }
}
