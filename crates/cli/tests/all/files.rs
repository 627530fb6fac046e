//! A person looks at, fetches and brings files from their own terminal, and an agent may not.

use crate::story::*;
use crate::workspaces::{git, repository};
use offdesk_protocol::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_fetches_and_brings_files_of_a_run() {
    let desk = Desk::new();
    repository(&desk);
    std::fs::create_dir(desk.workspace.join("src")).unwrap();
    std::fs::write(desk.workspace.join("src/main.rs"), "fn main() {}\n").unwrap();
    let big: Vec<u8> = (0..3_000_000u32).map(|at| (at % 251) as u8).collect();
    std::fs::write(desk.workspace.join("big.bin"), &big).unwrap();
    let id = desk.start_run("demo", "say: hello").await;
    desk.until_state(id, RunState::Idle).await;
    let run = id.to_string();

    let listed = desk.json(&["files", "ls", &run]);
    let names: Vec<&str> =
        listed["entries"].as_array().unwrap().iter().filter_map(|e| e["name"].as_str()).collect();
    assert_eq!(names, ["src", "big.bin", "draft.txt", "notes.md"]);
    let dir = desk.workspace.to_str().unwrap().to_string();
    let below = desk.json(&["files", "ls", &format!("{dir}/src")]);
    assert_eq!(below["entries"][0]["path"], "src/main.rs", "a folder is named as it is");
    let found = desk.json(&["files", "find", &run, "smain"]);
    assert_eq!(found["found"][0]["path"], "src/main.rs");

    let to = desk.home.path().join("fetched.bin");
    desk.json(&["files", "get", &run, "big.bin", "--to", to.to_str().unwrap()]);
    assert!(std::fs::read(&to).unwrap() == big, "all of it, byte for byte");
    let kept = desk.refused(1, &["files", "get", &run, "notes.md", "--to", to.to_str().unwrap()]);
    assert_eq!(kept.code, ErrorCode::FileExists);
    // Over what is no plain file, none is put: it is written into.
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let pipe = desk.home.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let from = pipe.clone();
        let reader = std::thread::spawn(move || std::fs::read(from).unwrap());
        desk.json(&["files", "get", &run, "notes.md", "--to", pipe.to_str().unwrap(), "--force"]);
        assert_eq!(reader.join().unwrap(), b"one\n");
        assert!(pipe.metadata().unwrap().file_type().is_fifo());
    }
    // A secret is given only to who says so, and what is outside to nobody.
    desk.refused(4, &["files", "get", &run, ".env", "--to", "-"]);
    let secret = desk.cli(&["files", "get", &run, ".env", "--to", "-", "--secrets"]);
    assert_eq!(String::from_utf8_lossy(&secret.stdout), "KEY=1\n");
    desk.refused(1, &["files", "ls", &run, "../.."]);
    desk.refused(1, &["files", "ls", desk.home.path().to_str().unwrap()]);

    let brought = desk.home.path().join("notes.md");
    std::fs::write(&brought, "from the road\n").unwrap();
    let put = ["files", "put", brought.to_str().unwrap(), &run];
    let there = desk.refused(1, &put);
    assert_eq!(there.code, ErrorCode::FileExists);
    assert_eq!(desk.file("notes.md"), "one\n", "what was there stays");
    let both = desk.json(&[&put[..], &["--keep-both"]].concat());
    assert_eq!(both["entry"]["path"], "notes (2).md");
    let replaced = desk.json(&[&put[..], &["--replace"]].concat());
    assert_eq!(replaced["replaced"], true);
    assert_eq!(
        (desk.file("notes.md"), desk.file("notes (2).md")),
        ("from the road\n".into(), "from the road\n".into())
    );
    assert!(git(&desk, &desk.workspace, &["status", "--short"]).contains("M notes.md"));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_come_by_ranges_and_never_as_a_page() {
    let desk = Desk::new();
    std::fs::write(desk.workspace.join("page.html"), "<script>alert(document.domain)</script>").unwrap();
    let (url, key) = (desk.url.clone(), crate::bad_input::key(&desk).await);
    let root = desk.workspace.to_str().unwrap().to_string();
    let get = |range: Option<&str>| {
        let request = reqwest::Client::new()
            .get(format!("{url}/api/v1/files/content"))
            .query(&[("root", root.as_str()), ("path", "page.html")])
            .bearer_auth(&key);
        match range {
            Some(range) => request.header("range", range.to_string()),
            None => request,
        }
        .send()
    };
    let whole = get(None).await.unwrap();
    assert_eq!(whole.status(), 200);
    let header = |name: &str| whole.headers()[name].to_str().unwrap().to_string();
    assert_eq!(header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-security-policy"), "sandbox; default-src 'none'");
    assert!(header("content-disposition").starts_with("attachment; filename=\"page.html\""));
    let part = get(Some("bytes=1-6")).await.unwrap();
    assert_eq!((part.status().as_u16(), part.text().await.unwrap().as_str()), (206, "script"));
    assert_eq!(get(Some("bytes=999-")).await.unwrap().status(), 416);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_produced_is_kept_with_it_and_goes_with_it() {
    let desk = Desk::new();
    repository(&desk);
    let id = crate::workspaces::start(&desk, &["edit: report.md\nsay: all done"]);
    crate::workspaces::let_it_work(&desk, id).await;
    let run = id.to_string();
    let kept = desk.json(&["artifacts", "add", &run, "report.md"]);
    assert_eq!((kept["kind"].as_str(), kept["name"].as_str()), (Some("file"), Some("report.md")));
    let text = desk.file("report.md");
    desk.refused(4, &["artifacts", "add", &run, ".env"]);
    desk.refused(1, &["artifacts", "add", &run, "../../data/local-key"]);
    let mine = desk.home.path().join("mine.txt");
    std::fs::write(&mine, "for the record").unwrap();
    desk.json(&["artifacts", "add", &run, mine.to_str().unwrap(), "--from-here"]);
    // The same once more is the one that is there, and no news.
    assert_eq!(desk.json(&["artifacts", "add", &run, "report.md"])["id"], kept["id"]);

    desk.json(&["stop", &run]);
    desk.until(id, "it is over", |view| view.state.is_over()).await;
    let names = || -> Vec<String> {
        let all = desk.json(&["artifacts", "ls", &run]);
        all.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_string()).collect()
    };
    let log =
        || String::from_utf8(desk.cli(&["artifacts", "get", &run, "log.txt", "--to", "-"]).stdout).unwrap();
    assert!(log().contains("› edit: report.md") && log().contains("all done"), "{}", log());
    let told: Vec<bool> = log().lines().map(|line| line.contains("kept report.md (")).collect();
    assert_eq!(told.into_iter().filter(|told| *told).count(), 1, "{}", log());
    let diff = desk.cli(&["artifacts", "get", &run, "changes.diff", "--to", "-"]);
    assert!(String::from_utf8_lossy(&diff.stdout).contains("+++ b/report.md"));
    let mut all = names();
    all.sort();
    assert_eq!(all, ["changes.diff", "log.txt", "mine.txt", "report.md"]);
    // The workspace changes, and what was kept does not.
    std::fs::remove_file(desk.workspace.join("report.md")).unwrap();
    let report = desk.cli(&["artifacts", "get", &run, "report.md", "--to", "-"]);
    assert_eq!(String::from_utf8_lossy(&report.stdout), text);
    desk.json(&["artifacts", "rm", &run, "mine.txt"]);
    assert!(!names().contains(&"mine.txt".to_string()));

    let storage = desk.json(&["storage"]);
    let uses = storage["uses"].as_array().unwrap();
    assert!(uses.iter().any(|of| of["kind"] == "artifacts" && of["bytes"].as_u64() > Some(0)), "{uses:?}");
    desk.json(&["delete", &run, "--yes", "--lose-work"]);
    assert!(!desk.data.join("artifacts").join(&run).exists());
    desk.close().await;
}
