//! What people do with files, and what enemies try.

use super::*;
use crate::uploads::make_private_folder;
use proptest::prelude::*;
use std::fs;

struct Host {
    home: tempfile::TempDir,
    files: Files,
    uploads: Uploads,
}

impl Host {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("root/api/src")).unwrap();
        fs::write(home.path().join("root/api/src/main.rs"), "fn main() {}\n").unwrap();
        fs::write(home.path().join("root/api/.env"), "KEY=1\n").unwrap();
        fs::write(home.path().join("outside.txt"), "not yours").unwrap();
        let data = home.path().join("root/data");
        make_private_folder(&data.join("worktrees/one")).unwrap();
        fs::write(data.join("local-key"), "secret").unwrap();
        let uploads = Uploads::new(&data);
        Self { files: Files::new(&data, uploads.clone()), uploads, home }
    }

    fn roots(&self) -> Vec<PathBuf> {
        vec![dunce::canonicalize(self.home.path()).unwrap().join("root")]
    }

    fn root(&self) -> Place {
        let roots = self.roots();
        self.files.root(&roots, roots[0].to_str().unwrap()).unwrap()
    }

    fn upload(&self, name: &str, text: &str) -> UploadId {
        let begin =
            BeginUpload { id: UploadId::new(), name: name.into(), size: text.len() as u64, sha256: None };
        let id = self.uploads.begin(begin).unwrap().id;
        self.uploads.take(id, 0, text.as_bytes()).unwrap();
        id
    }

    fn names(&self, path: &str, hidden: bool) -> Vec<String> {
        let list = self.files.list(&self.root(), path, hidden, 0, 100).unwrap();
        list.entries.into_iter().map(|entry| entry.name).collect()
    }

    fn found(&self, words: &str, ignored: bool) -> Vec<String> {
        let wish = FindFiles { words: words.into(), hidden: false, ignored, limit: 20 };
        self.files.find(&self.root(), &wish).unwrap().found.into_iter().map(|file| file.path).collect()
    }
}

fn wish(upload: UploadId, folder: &str, existing: ExistingFile, etag: Option<String>) -> PutFile {
    PutFile { upload, run: None, root: None, folder: folder.into(), name: None, existing, etag }
}

#[test]
fn a_person_looks_around_and_reads_a_file() {
    let host = Host::new();
    assert_eq!(host.names("", false), ["api", "data"]);
    assert_eq!(host.names("api", false), ["src"]);
    assert_eq!(host.names("api", true), ["src", ".env"]);
    let mut file = host.files.open(&host.root(), "api/src/main.rs").unwrap().unless_secret().unwrap();
    assert_eq!((file.info.shape, file.size), (FileShape::Text, 13));
    assert_eq!(file.piece(3, 4).unwrap(), b"main");
    assert_eq!(file.piece(99, 4).unwrap(), b"");
    let etag = file.info.etag.clone();
    fs::write(host.home.path().join("root/api/src/main.rs"), "fn main() { run() }\n").unwrap();
    let again = host.files.open(&host.root(), "api/src/main.rs").unwrap();
    assert_eq!(again.if_still(Some(&etag)).unwrap_err().code, ErrorCode::WrongState);
}

#[test]
fn secrets_are_given_out_only_when_a_person_says_so() {
    let host = Host::new();
    let place = host.root();
    let secret = host.files.open(&place, "api/.env").unwrap();
    assert!(secret.info.secret.is_some() && secret.info.entry.secret);
    assert_eq!(secret.unless_secret().unwrap_err().code, ErrorCode::NotAllowed);
    fs::write(
        host.home.path().join("root/notes.md"),
        "Use ghp_abcdefghijklmnopqrstuvwxyz0123456789 to push.",
    )
    .unwrap();
    assert!(host.files.open(&place, "notes.md").unwrap().unless_secret().is_err());
}

#[test]
fn what_the_gateway_keeps_is_shown_to_nobody() {
    let host = Host::new();
    let place = host.root();
    assert_eq!(host.files.list(&place, "data", true, 0, 10).unwrap_err().code, ErrorCode::NotAllowed);
    assert_eq!(host.files.open(&place, "data/local-key").unwrap_err().code, ErrorCode::NotAllowed);
    assert!(host.files.list(&place, "data/worktrees/one", true, 0, 10).is_ok(), "worktrees are for runs");
    assert!(host.found("key", true).is_empty());
    let data = host.roots()[0].join("data");
    assert_eq!(host.files.workspace(&host.roots(), &data).unwrap_err().code, ErrorCode::NotAllowed);
    assert!(host.files.workspace(&host.roots(), &data.join("worktrees/one")).is_ok());
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_a_place() {
    use std::os::unix::fs::symlink;
    let host = Host::new();
    let (place, root) = (host.root(), host.roots()[0].clone());
    symlink("../outside.txt", root.join("out")).unwrap();
    symlink("..", root.join("up")).unwrap();
    symlink(host.home.path(), root.join("absolute")).unwrap();
    symlink("../src/main.rs", root.join("api/src/within")).unwrap();
    symlink(".env", root.join("api/harmless.txt")).unwrap();
    symlink("data/local-key", root.join("notes")).unwrap();
    for path in ["out", "up/outside.txt", "absolute/outside.txt", "api/../../outside.txt"] {
        assert!(host.files.open(&place, path).is_err(), "{path}");
    }
    assert_eq!(host.files.open(&place, "notes").unwrap_err().code, ErrorCode::NotAllowed, "a link to a key");
    assert!(host.files.list(&place, "up", true, 0, 10).is_err());
    let kind = |name: &str, entries: &[FileEntry]| {
        entries.iter().find(|entry| entry.name == name).map(|entry| (entry.kind, entry.link))
    };
    let entries = host.files.list(&place, "", true, 0, 100).unwrap().entries;
    assert_eq!(kind("out", &entries), Some((FileKind::Outside, true)));
    let entries = host.files.list(&place, "api/src", true, 0, 100).unwrap().entries;
    assert_eq!(kind("within", &entries), Some((FileKind::File, true)), "below the place, links are followed");
    // What a link is called does not hide what it leads to.
    assert!(host.files.open(&place, "api/harmless.txt").unwrap().unless_secret().is_err());
    // A workspace that became a link leads nowhere else, either.
    fs::rename(root.join("api"), root.join("was")).unwrap();
    symlink(host.home.path(), root.join("api")).unwrap();
    assert!(host.files.workspace(&host.roots(), &root.join("api")).is_err());
}

#[cfg(unix)]
#[test]
fn a_pipe_makes_nobody_wait_and_odd_names_lead_back() {
    use std::os::unix::ffi::OsStrExt as _;
    let host = Host::new();
    let (place, root) = (host.root(), host.roots()[0].join("api"));
    let made = std::process::Command::new("mkfifo").arg(root.join("pipe")).status().unwrap();
    assert!(made.success());
    assert_eq!(host.files.open(&place, "api/pipe").unwrap_err().code, ErrorCode::BadRequest);
    for name in [&b"a\xff\xfeb"[..], b"line\nbreak", "\u{202e}gpj.exe".as_bytes(), b"back\\slash", b"\\x41"] {
        fs::write(root.join(std::ffi::OsStr::from_bytes(name)), name).unwrap();
    }
    for name in host.names("api", false).into_iter().filter(|name| name != "src" && name != "pipe") {
        let path = format!("api/{name}");
        let mut file = host.files.open(&place, &path).unwrap();
        let content = file.piece(0, 100).unwrap();
        assert_eq!(name::said(std::ffi::OsStr::from_bytes(&content)), name, "each opens the file it names");
    }
    let all: Vec<String> = host.found("", false);
    assert!(all.contains(&"api/a\\xff\\xfeb".to_string()), "{all:?}");
}

#[test]
fn an_upload_never_takes_the_place_of_what_nobody_saw() {
    let host = Host::new();
    let place = host.root();
    let read = |path: &str| fs::read_to_string(host.roots()[0].join(path)).unwrap();
    let first = host.upload("notes.txt", "first");
    let put = host.files.put(&place, &wish(first, "api", ExistingFile::Refuse, None)).unwrap();
    assert_eq!((put.entry.path.as_str(), put.replaced), ("api/notes.txt", false));
    // The answer was lost, and the phone asks again.
    let again = host.files.put(&place, &wish(first, "api", ExistingFile::Refuse, None)).unwrap();
    assert_eq!(again.entry, put.entry);
    let second = host.upload("notes.txt", "second");
    let refused = host.files.put(&place, &wish(second, "api", ExistingFile::Refuse, None)).unwrap_err();
    assert_eq!(refused.code, ErrorCode::FileExists);
    let unseen = host.files.put(&place, &wish(second, "api", ExistingFile::Replace, None)).unwrap_err();
    assert_eq!(unseen.code, ErrorCode::FileExists);
    let both = host.files.put(&place, &wish(second, "api", ExistingFile::KeepBoth, None)).unwrap();
    assert_eq!(both.entry.path, "api/notes (2).txt");
    let third = host.upload("notes.txt", "third");
    let seen = host.files.open(&place, "api/notes.txt").unwrap().info.etag;
    let replaced = host.files.put(&place, &wish(third, "api", ExistingFile::Replace, Some(seen))).unwrap();
    assert!(replaced.replaced);
    assert_eq!((read("api/notes.txt"), read("api/notes (2).txt")), ("third".into(), "second".into()));
    let unfinished = fs::read_dir(host.roots()[0].join("api")).unwrap().flatten();
    assert!(
        !unfinished.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().contains("offdesk"))
    );
}

#[test]
fn nothing_is_put_among_what_git_or_the_gateway_keeps() {
    let host = Host::new();
    let place = host.root();
    fs::create_dir_all(host.roots()[0].join("api/.git/hooks")).unwrap();
    let upload = host.upload("pre-commit", "#!/bin/sh\n");
    for folder in ["api/.git/hooks", "api/.git", "data", "..", "nowhere"] {
        assert!(
            host.files.put(&place, &wish(upload, folder, ExistingFile::Refuse, None)).is_err(),
            "{folder}"
        );
    }
    for name in ["../up", "a/b", "", "..", "bi\u{202e}di", "line\nbreak"] {
        let named = PutFile { name: Some(name.into()), ..wish(upload, "api", ExistingFile::Refuse, None) };
        assert!(host.files.put(&place, &named).is_err(), "{name:?}");
    }
}

#[test]
fn what_git_ignores_is_found_only_when_it_is_wanted() {
    let host = Host::new();
    let root = host.roots()[0].join("api");
    fs::create_dir_all(root.join("node_modules/left-pad")).unwrap();
    fs::write(root.join("node_modules/left-pad/main.js"), "").unwrap();
    fs::write(root.join(".gitignore"), "node_modules\n").unwrap();
    fs::write(root.join("src/maintenance.md"), "").unwrap();
    assert_eq!(host.found("smain", false), ["api/src/main.rs", "api/src/maintenance.md"]);
    assert_eq!(host.found("padmain", false), [""; 0]);
    assert_eq!(host.found("padmain", true), ["api/node_modules/left-pad/main.js"]);
    assert_eq!(host.found("", false).first().map(String::as_str), Some("api"));
}

#[test]
fn pictures_get_small_and_what_only_says_so_is_none() {
    let host = Host::new();
    let (place, root) = (host.root(), host.roots()[0].clone());
    image::RgbImage::from_pixel(900, 300, image::Rgb([9, 99, 200])).save(root.join("wide.png")).unwrap();
    let small = host.files.small(host.files.open(&place, "wide.png").unwrap()).unwrap();
    assert_eq!((small.media_type, small.width, small.height), ("image/jpeg", 256, 85));
    // Claims forty thousand pixels in a few bytes.
    let mut bomb = fs::read(root.join("wide.png")).unwrap();
    bomb[16..24].copy_from_slice(&[0, 0, 0x9c, 0x40, 0, 0, 0x9c, 0x40]);
    fs::write(root.join("bomb.png"), bomb).unwrap();
    let refused = host.files.small(host.files.open(&place, "bomb.png").unwrap()).unwrap_err();
    assert_eq!(refused.code, ErrorCode::Unsupported);
    fs::write(root.join("page.png"), "<html><script>alert(1)</script>").unwrap();
    let page = host.files.open(&place, "page.png").unwrap();
    assert_eq!((page.info.shape, page.info.media_type.as_str()), (FileShape::Text, "text/plain"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_path_is_asked_for_what_is_outside_stays_there(
        path in "(\\.\\.|api|up|out|src|data|absolute|outside\\.txt|local-key|/|\\\\|\\.|\\x00|%2e){1,8}"
    ) {
        let host = Host::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            let root = host.roots()[0].clone();
            symlink("..", root.join("up")).unwrap();
            symlink("../outside.txt", root.join("out")).unwrap();
            symlink(host.home.path(), root.join("absolute")).unwrap();
        }
        if let Ok(mut file) = host.files.open(&host.root(), &path) {
            let content = file.piece(0, 100).unwrap();
            prop_assert!(content != b"not yours" && content != b"secret");
        }
    }
}
