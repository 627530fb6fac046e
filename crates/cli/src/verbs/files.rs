//! `offdesk files`: look at, fetch and bring files of the host.

use super::{say, say_json};
use crate::outcome::Outcome;
use crate::verbs::storage::size;
use clap::{Args, Subcommand};
use offdesk_client::{Client, ClientError, Download, FilesOf, Wanted};
use offdesk_protocol::*;
use std::path::{Path, PathBuf};

/// How often a download goes on after the line broke.
const TRIES: u32 = 5;

#[derive(Debug, Args)]
pub(crate) struct Files {
    #[command(subcommand)]
    verb: FilesVerb,
}

#[derive(Debug, Subcommand)]
enum FilesVerb {
    /// List a folder; without one, the folders in which runs may work.
    Ls(Ls),
    /// Find files by letters of their paths, best first.
    Find(Find),
    /// Fetch a file.
    Get(Get),
    /// Bring a file into a folder. What is there already stays, unless you say otherwise.
    Put(Put),
}

#[derive(Debug, Args)]
struct Ls {
    /// A run, for its workspace; or a folder in which runs may work.
    place: Option<String>,
    /// The path below it.
    path: Option<String>,
    /// Hidden files, too.
    #[arg(long, short)]
    all: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Find {
    /// A run, for its workspace; or a folder in which runs may work.
    place: String,
    /// Letters of the path in their order, such as `srcmain`.
    words: String,
    /// Hidden files, too.
    #[arg(long, short)]
    all: bool,
    /// Also files that git is told to ignore.
    #[arg(long)]
    ignored: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Get {
    /// A run, for its workspace; or the file itself, in a folder in which runs may work.
    place: String,
    /// The path below the run's workspace.
    path: Option<String>,
    /// Where to put it; by default its name, here. `-` prints it.
    #[arg(long, short = 'o', value_name = "FILE")]
    to: Option<PathBuf>,
    /// Also when it holds a key or a password.
    #[arg(long)]
    secrets: bool,
    /// Put it in the place of a file that is here already.
    #[arg(long)]
    force: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Put {
    /// The file here.
    file: PathBuf,
    /// A run, for its workspace; or a folder in which runs may work.
    place: String,
    /// The folder below it.
    folder: Option<String>,
    /// Its name there.
    #[arg(long)]
    name: Option<String>,
    /// If there is one of its name: give the new one another name, such as `notes (2).txt`.
    #[arg(long)]
    keep_both: bool,
    /// If there is one of its name: put the new one in its place.
    #[arg(long, conflicts_with = "keep_both")]
    replace: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Files {
    /// Whether failures are to be JSON as well.
    pub(crate) fn json(&self) -> bool {
        match &self.verb {
            FilesVerb::Ls(Ls { json, .. })
            | FilesVerb::Find(Find { json, .. })
            | FilesVerb::Get(Get { json, .. })
            | FilesVerb::Put(Put { json, .. }) => *json,
        }
    }
}

pub(crate) async fn files(client: &Client, asked: Files) -> Result<(), Outcome> {
    match asked.verb {
        FilesVerb::Ls(wish) => ls(client, wish).await,
        FilesVerb::Find(wish) => find(client, wish).await,
        FilesVerb::Get(wish) => get(client, wish).await,
        FilesVerb::Put(wish) => put(client, wish).await,
    }
}

/// A run and a path in its workspace, or a root and a path below it.
async fn meant(client: &Client, place: &str, path: Option<&str>) -> Result<(FilesOf, String), Outcome> {
    if let Ok(run) = place.parse::<RunId>() {
        return Ok((FilesOf::Run(run), path.unwrap_or_default().trim_matches('/').into()));
    }
    let whole = std::path::absolute(Path::new(place).join(path.unwrap_or_default()))?;
    // A name of one of our own files may be written with links; on another machine it is what it is.
    let whole = dunce::canonicalize(&whole).unwrap_or(whole);
    let roots = client.folders(None).await?.roots;
    let below = roots.iter().filter_map(|root| {
        let real = dunce::canonicalize(root).unwrap_or_else(|_| root.into());
        Some((root.clone(), whole.strip_prefix(&real).ok()?.to_path_buf()))
    });
    let Some((root, rest)) = below.min_by_key(|(_, rest)| rest.components().count()) else {
        let text = format!(
            "{} is outside the folders in which runs may work.",
            visible(&whole.display().to_string())
        );
        let hint = format!("Allowed: {}. Or name a run.", visible(&roots.join(", ")));
        return Err(Problem::new(ErrorCode::OutsideRoots, text).hint(hint).into());
    };
    let parts: Option<Vec<String>> = rest.components().map(|part| said(part.as_os_str())).collect();
    let parts =
        parts.ok_or_else(|| Outcome::Usage("This path is no text; name it as `files ls` does.".into()))?;
    Ok((FilesOf::Root(root), parts.join("/")))
}

/// A name as the API has it.
fn said(name: &std::ffi::OsStr) -> Option<String> {
    let name = name.to_str()?;
    Some(if cfg!(unix) { name.replace('\\', "\\\\") } else { name.into() })
}

async fn ls(client: &Client, wish: Ls) -> Result<(), Outcome> {
    let Some(place) = &wish.place else {
        let folders = client.folders(None).await?;
        return if wish.json {
            say_json(&folders)
        } else {
            folders.roots.iter().try_for_each(|root| say(visible(root)))
        };
    };
    let (of, path) = meant(client, place, wish.path.as_deref()).await?;
    let wanted = Wanted { hidden: wish.all, ignored: false };
    let mut all = client.list_files(&of, &path, wanted, 0).await?;
    while (all.entries.len() as u64) < u64::from(all.total) {
        let offset = u32::try_from(all.entries.len()).unwrap_or(u32::MAX);
        let next = client.list_files(&of, &path, wanted, offset).await?;
        if next.entries.is_empty() {
            break;
        }
        all.entries.extend(next.entries);
    }
    if wish.json {
        return say_json(&all);
    }
    all.entries.iter().try_for_each(|entry| say(line(entry)))
}

fn line(entry: &FileEntry) -> String {
    let size = entry.size.map(size).unwrap_or_default();
    let at = entry.modified_at.map(|at| at.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default();
    let end = match entry.kind {
        FileKind::Folder => "/",
        FileKind::File => "",
        FileKind::Outside => "  (a link that leads out of here)",
        FileKind::Other => "  (no file: a pipe, a socket or a device)",
    };
    format!("{size:>9}  {at:<16}  {}{end}", visible(&entry.name).replace(['\n', '\t'], "␤"))
}

async fn find(client: &Client, wish: Find) -> Result<(), Outcome> {
    let (of, path) = meant(client, &wish.place, None).await?;
    if !path.is_empty() {
        return Err(Outcome::Usage("Files are found below a run's workspace or a whole root.".into()));
    }
    let found =
        client.find_files(&of, &wish.words, Wanted { hidden: wish.all, ignored: wish.ignored }, 50).await?;
    if wish.json {
        return say_json(&found);
    }
    for one in &found.found {
        say(format!("{}{}", visible_line(&one.path, 1000), if one.folder { "/" } else { "" }))?;
    }
    if !found.complete {
        say("There are too many files to look through all of them. Name a run, for its workspace alone.")?;
    }
    Ok(())
}

async fn get(client: &Client, wish: Get) -> Result<(), Outcome> {
    let (of, path) = meant(client, &wish.place, wish.path.as_deref()).await?;
    let info = client.file_info(&of, &path).await?;
    let to = place_for(wish.to, &info.entry.name, wish.force)?;
    let etag = info.etag.as_str();
    let bytes =
        save(to.as_deref(), async |from| client.download(&of, &path, wish.secrets, from, Some(etag)).await)
            .await?;
    match to {
        Some(to) if wish.json => {
            say_json(&serde_json::json!({ "file": to, "bytes": bytes, "etag": info.etag }))
        }
        Some(to) => say(format!("{} ({})", to.display(), size(bytes))),
        None => Ok(()),
    }
}

/// Where to put what is called so; nothing: it is printed.
pub(super) fn place_for(to: Option<PathBuf>, name: &str, force: bool) -> Result<Option<PathBuf>, Outcome> {
    if to.as_deref().is_some_and(|to| to == Path::new("-")) {
        return Ok(None);
    }
    let to = to.unwrap_or_else(|| plain(name).into());
    if to.exists() && !force {
        let text = format!("{} is here already, and was kept.", to.display());
        return Err(Problem::new(ErrorCode::FileExists, text)
            .hint("Give another place with --to, or --force.")
            .into());
    }
    Ok(Some(to))
}

/// Fetches into a file that gets its name when it is whole, or prints; gives how many bytes.
pub(super) async fn save<F>(to: Option<&Path>, coming: F) -> Result<u64, Outcome>
where
    F: AsyncFn(u64) -> Result<Download, ClientError>,
{
    let Some(to) = to else { return fetch(coming, &mut std::io::stdout()).await };
    // What is no plain file (a device, a pipe) is written into: a file in its place would be another thing.
    if std::fs::metadata(to).is_ok_and(|there| !there.is_file()) {
        let mut there = std::fs::OpenOptions::new().write(true).open(to)?;
        return fetch(coming, &mut there).await;
    }
    // And of a link, what it leads to.
    let to = &dunce::canonicalize(to).unwrap_or_else(|_| to.to_path_buf());
    let part = PathBuf::from(format!("{}.part", to.display()));
    let mut file = std::fs::File::create(&part)?;
    let done = fetch(coming, &mut file).await.and_then(|bytes| {
        file.sync_all()?;
        std::fs::rename(&part, to)?;
        Ok(bytes)
    });
    done.inspect_err(|_| _ = std::fs::remove_file(&part))
}

/// All of it, also when the line breaks in between.
async fn fetch<F>(coming: F, out: &mut impl std::io::Write) -> Result<u64, Outcome>
where
    F: AsyncFn(u64) -> Result<Download, ClientError>,
{
    let (mut here, mut tries) = (0u64, 0);
    loop {
        let mut bytes = match coming(here).await {
            Ok(bytes) => bytes,
            Err(ClientError::Problem(problem)) => return Err(problem.into()),
            Err(error) if tries >= TRIES || here == 0 => return Err(error.into()),
            Err(_) => {
                tries += 1;
                tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                continue;
            }
        };
        loop {
            match bytes.next().await {
                Ok(Some(piece)) => {
                    out.write_all(&piece)?;
                    here += piece.len() as u64;
                }
                Ok(None) => return Ok(here),
                Err(error) if tries >= TRIES => return Err(error.into()),
                Err(_) => {
                    tries += 1;
                    break;
                }
            }
        }
    }
}

/// A name that is one here, too.
fn plain(name: &str) -> String {
    let kept = visible(name).replace(['/', '\\', '\n', '\t', ':'], "_");
    if kept.trim_matches('.').is_empty() { "file".into() } else { kept }
}

async fn put(client: &Client, wish: Put) -> Result<(), Outcome> {
    let (of, folder) = meant(client, &wish.place, wish.folder.as_deref()).await?;
    let attachment = client.upload(&wish.file).await?;
    let name = wish.name.unwrap_or_else(|| attachment.name.clone());
    let existing = match (wish.keep_both, wish.replace) {
        (true, _) => ExistingFile::KeepBoth,
        (_, true) => ExistingFile::Replace,
        _ => ExistingFile::Refuse,
    };
    let mut etag = None;
    if existing == ExistingFile::Replace {
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        match client.file_info(&of, &path).await {
            Ok(info) => etag = Some(info.etag),
            Err(ClientError::Problem(problem)) if problem.code == ErrorCode::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    let (run, root) = match of {
        FilesOf::Run(run) => (Some(run), None),
        FilesOf::Root(root) => (None, Some(root)),
    };
    let asked = PutFile { upload: attachment.id, run, root, folder, name: Some(name), existing, etag };
    let done = client.put_file(&asked).await.map_err(|error| match error {
        ClientError::Problem(problem) if problem.code == ErrorCode::FileExists => {
            Outcome::from(problem.hint("Give --keep-both, --replace, or another --name."))
        }
        other => other.into(),
    })?;
    if wish.json {
        return say_json(&done);
    }
    let how = if done.replaced { " (in the place of the one that was there)" } else { "" };
    say(format!("{}{how}", visible_line(&done.entry.path, 1000)))
}
