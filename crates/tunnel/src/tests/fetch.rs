//! The download, from a small server of our own.

use crate::fetch::{ASSETS, Asset, FetchError, fetch};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

fn sum(bytes: &[u8]) -> &'static str {
    let text: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    text.leak()
}

/// Answers one request and returns the base address.
async fn serve(head: String, body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/releases/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 2048];
        let _ = stream.read(&mut request).await.unwrap();
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(&body).await;
    });
    base
}

async fn serve_body(body: &[u8]) -> String {
    serve(
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len()),
        body.into(),
    )
    .await
}

fn plain(sha256: &'static str) -> Asset {
    Asset { name: "cloudflared-linux-amd64", sha256, program_sha256: None }
}

fn entries(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn the_pinned_file_is_saved_ready_to_run_and_replaces_the_old() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cloudflared"), "old").unwrap();
    let base = serve_body(b"the program").await;
    let path = fetch(&plain(sum(b"the program")), &base, folder.path()).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"the program");
    assert_eq!(entries(folder.path()), ["cloudflared"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o755);
    }
}

#[tokio::test]
async fn anything_else_is_thrown_away_and_what_was_there_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cloudflared"), "old").unwrap();
    let asset = plain(sum(b"the program"));

    let base = serve_body(b"another program").await;
    let error = fetch(&asset, &base, folder.path()).await.unwrap_err();
    assert!(
        matches!(error, FetchError::Checksum { .. }) && error.to_string().contains("never run"),
        "{error}"
    );

    let large = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 101 * 1024 * 1024);
    let error = fetch(&asset, &serve(large, vec![]).await, folder.path()).await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge), "{error}");

    let missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned();
    let error = fetch(&asset, &serve(missing, vec![]).await, folder.path()).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused(404)), "{error}");

    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n".to_owned();
    let error = fetch(&asset, &serve(cut, b"the".to_vec()).await, folder.path()).await.unwrap_err();
    assert!(matches!(error, FetchError::Network(_)), "{error}");

    assert_eq!(entries(folder.path()), ["cloudflared"]);
    assert_eq!(std::fs::read(folder.path().join("cloudflared")).unwrap(), b"old");
}

#[tokio::test]
async fn an_archive_is_checked_before_and_after_it_is_unpacked() {
    let (source, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(source.path().join("cloudflared"), "the program").unwrap();
    let archive = source.path().join("a.tgz");
    let packed = std::process::Command::new("tar")
        .arg("-czf")
        .arg(&archive)
        .arg("-C")
        .arg(source.path())
        .arg("cloudflared")
        .status();
    assert!(packed.unwrap().success());
    let archive = std::fs::read(archive).unwrap();
    let asset = |program: &[u8]| Asset {
        name: "cloudflared-darwin-arm64.tgz",
        sha256: sum(&archive),
        program_sha256: Some(sum(program)),
    };
    let error = fetch(&asset(b"other"), &serve_body(&archive).await, folder.path()).await.unwrap_err();
    assert!(matches!(error, FetchError::Checksum { .. }), "{error}");
    assert!(entries(folder.path()).is_empty());
    let path = fetch(&asset(b"the program"), &serve_body(&archive).await, folder.path()).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), b"the program");
    assert_eq!(entries(folder.path()), ["cloudflared"]);
}

#[test]
fn every_pin_is_a_checksum() {
    for (_, _, asset) in ASSETS {
        for sum in [Some(asset.sha256), asset.program_sha256].into_iter().flatten() {
            assert!(sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()), "{}", asset.name);
        }
        assert_eq!(asset.name.ends_with(".tgz"), asset.program_sha256.is_some());
    }
}
