//! Files of the host: folders, contents by ranges, small pictures, names, and uploads put into folders.

use super::Failure;
use super::extract::{Asked, Body};
use crate::Shared;
use crate::access::Caller;
use crate::runs::unknown_run;
use axum::body::Body as Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use offdesk_protocol::*;
use offdesk_runner::{FilePlace, Files, FindFiles, OpenFile};
use serde::Deserialize;
use std::io::{Seek as _, SeekFrom};
use std::sync::Arc;
use tokio::io::AsyncReadExt as _;
use tokio_util::io::ReaderStream;

/// What is given out of a file is never a page of ours: it runs nothing, loads nothing, and has no origin.
const POLICY: &str = "sandbox; default-src 'none'";
/// Most answers of a search, and how many by default.
const MOST_FOUND: usize = 200;
const FOUND: usize = 20;

type Answer<T> = Result<Json<T>, Failure>;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/files/list", get(list))
        .route("/files/info", get(info))
        .route("/files/content", get(content))
        .route("/files/piece", get(piece))
        .route("/files/thumbnail", get(thumbnail))
        .route("/files/find", get(find))
        .route("/files/put", post(put))
}

/// Where, and what of it. `run` or `root` name the place.
#[derive(Debug, Default, Deserialize)]
struct FileQuery {
    run: Option<RunId>,
    root: Option<String>,
    #[serde(default)]
    path: String,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    ignored: bool,
    /// A person said to show it, whatever it holds.
    #[serde(default)]
    secrets: bool,
    /// The content that was seen.
    etag: Option<String>,
    #[serde(default)]
    offset: u64,
    limit: Option<u32>,
    #[serde(default)]
    q: String,
}

/// Opens the place and works in it, on a thread of its own: disks are slow, and nobody else waits for them.
async fn within<T: Send + 'static>(
    shared: &Shared,
    run: Option<RunId>,
    root: Option<String>,
    work: impl FnOnce(&Files, &FilePlace) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let dir = match run {
        Some(run) => Some(shared.hub.run(run).ok_or_else(|| unknown_run(run))?.dir.clone()),
        None => None,
    };
    let (files, roots) = (shared.runs.runner.files().clone(), shared.runs.runner.roots());
    let done = tokio::task::spawn_blocking(move || {
        let place = match (dir, root) {
            (Some(dir), None) => files.workspace(&roots, std::path::Path::new(&dir))?,
            (None, Some(root)) => files.root(&roots, &root)?,
            _ => {
                return Err(Problem::new(
                    ErrorCode::BadRequest,
                    "Say where: `run`, or one of the roots as `root`.",
                ));
            }
        };
        work(&files, &place)
    });
    done.await
        .map_err(|error| Problem::new(ErrorCode::Internal, format!("Reading was cut short: {error}.")))?
}

/// The file of a query, if the caller may see what is in it.
async fn opened(shared: &Shared, caller: &Caller, query: FileQuery) -> Result<OpenFile, Problem> {
    caller.may_see_files()?;
    if query.secrets {
        caller.may_change()?;
    }
    let (path, etag, secrets) = (query.path, query.etag, query.secrets);
    within(shared, query.run, query.root, move |files, place| {
        let file = files.open(place, &path)?.if_still(etag.as_deref())?;
        if secrets { Ok(file) } else { file.unless_secret() }
    })
    .await
}

async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Asked(query): Asked<FileQuery>,
) -> Answer<FileList> {
    caller.may_see_files()?;
    let (offset, limit) =
        (u32::try_from(query.offset).unwrap_or(u32::MAX), query.limit.unwrap_or(MOST_ENTRIES));
    let look =
        move |files: &Files, place: &FilePlace| files.list(place, &query.path, query.hidden, offset, limit);
    Ok(Json(within(&shared, query.run, query.root, look).await?))
}

async fn info(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Asked(query): Asked<FileQuery>,
) -> Answer<FileInfo> {
    caller.may_see_files()?;
    let look = move |files: &Files, place: &FilePlace| Ok(files.open(place, &query.path)?.info);
    Ok(Json(within(&shared, query.run, query.root, look).await?))
}

async fn piece(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Asked(query): Asked<FileQuery>,
) -> Answer<FilePiece> {
    let (offset, limit) = (query.offset, query.limit.unwrap_or(LARGEST_PIECE));
    let mut file = opened(&shared, &caller, query).await?;
    let read = tokio::task::spawn_blocking(move || {
        let data = STANDARD.encode(file.piece(offset, limit)?);
        Ok(FilePiece { offset, size: file.size, etag: file.info.etag, data })
    });
    let read: Result<FilePiece, Problem> = read
        .await
        .map_err(|error| Problem::new(ErrorCode::Internal, format!("Reading was cut short: {error}.")))?;
    Ok(Json(read?))
}

async fn thumbnail(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Asked(query): Asked<FileQuery>,
) -> Answer<Thumbnail> {
    caller.may_see_files()?;
    let look = move |files: &Files, place: &FilePlace| {
        let small = files.small(files.open(place, &query.path)?.unless_secret()?)?;
        let (media_type, data) = (small.media_type.into(), STANDARD.encode(small.bytes));
        Ok(Thumbnail { media_type, width: small.width, height: small.height, data })
    };
    Ok(Json(within(&shared, query.run, query.root, look).await?))
}

async fn find(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Asked(query): Asked<FileQuery>,
) -> Answer<FoundFiles> {
    caller.may_see_files()?;
    let limit = query.limit.map_or(FOUND, |limit| limit as usize).clamp(1, MOST_FOUND);
    let wish = FindFiles { words: query.q, hidden: query.hidden, ignored: query.ignored, limit };
    Ok(Json(within(&shared, query.run, query.root, move |files, place| files.find(place, &wish)).await?))
}

async fn put(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(wish): Body<PutFile>,
) -> Answer<FilePut> {
    caller.may_change()?;
    let (run, root) = (wish.run, wish.root.clone());
    let put = within(&shared, run, root, move |files, place| files.put(place, &wish)).await?;
    Ok(Json(put))
}

/// The first and last byte of one range of this many; nothing: all of it. RFC 9110 lets a server leave out the others.
fn range(headers: &HeaderMap, size: u64) -> Result<Option<(u64, u64)>, ()> {
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let Some(one) = asked.and_then(|asked| asked.strip_prefix("bytes=")).filter(|asked| !asked.contains(','))
    else {
        return Ok(None);
    };
    let Some((from, to)) = one.trim().split_once('-') else { return Ok(None) };
    let number = |text: &str| text.parse::<u64>().ok();
    let (first, last) = match (from, to) {
        ("", last) => match number(last) {
            Some(0) => return Err(()),
            Some(last) => (size.saturating_sub(last), size.saturating_sub(1)),
            None => return Ok(None),
        },
        (from, "") => match number(from) {
            Some(from) => (from, size.saturating_sub(1)),
            None => return Ok(None),
        },
        (from, to) => match (number(from), number(to)) {
            (Some(from), Some(to)) if from <= to => (from, to.min(size.saturating_sub(1))),
            _ => return Ok(None),
        },
    };
    if first < size { Ok(Some((first, last))) } else { Err(()) }
}

/// How a browser is to call what it keeps: in ASCII, and as it is.
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() && !"\"\\/%".contains(c) { c } else { '_' }).collect();
    let whole: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

/// A file's bytes, or a range of them, as they are on the disk and never all in memory.
async fn content(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Asked(query): Asked<FileQuery>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let OpenFile { info, size, file } = opened(&shared, &caller, query).await?;
    let media_type = match info.shape {
        FileShape::Text => "text/plain".into(),
        FileShape::Picture => info.media_type,
        FileShape::Binary => "application/octet-stream".into(),
    };
    give(&headers, Given { name: info.entry.name, media_type, etag: info.etag, size, file })
}

/// What is given out.
pub(super) struct Given {
    pub name: String,
    /// By its first bytes.
    pub media_type: String,
    pub etag: String,
    pub size: u64,
    pub file: std::fs::File,
}

/// Bytes as an attachment that is nobody's page: whole, or one range.
pub(super) fn give(headers: &HeaderMap, given: Given) -> Result<Response, Failure> {
    let Given { name, media_type, etag, size, mut file } = given;
    let same = headers
        .get(header::IF_RANGE)
        .is_none_or(|tag| tag.to_str().is_ok_and(|tag| tag.trim_matches('"') == etag));
    let part = if same { range(headers, size) } else { Ok(None) };
    let mut answer = HeaderMap::new();
    let mut say = |name: header::HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::try_from(value) {
            answer.insert(name, value);
        }
    };
    // Nothing is given out as more than it may be: a page, a script or a drawing that runs is text or bytes.
    let media_type = match media_type.as_str() {
        "text/plain" => "text/plain; charset=utf-8",
        picture @ ("image/png" | "image/jpeg" | "image/gif" | "image/webp") => picture,
        _ => "application/octet-stream",
    };
    say(header::CONTENT_TYPE, media_type);
    say(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    say(header::CONTENT_SECURITY_POLICY, POLICY);
    say(header::CONTENT_DISPOSITION, &disposition(&name));
    say(header::ACCEPT_RANGES, "bytes");
    say(header::CACHE_CONTROL, "private, no-store");
    say(header::ETAG, &format!("\"{etag}\""));
    let (status, from, count) = match part {
        Ok(None) => (StatusCode::OK, 0, size),
        Ok(Some((first, last))) => {
            say(header::CONTENT_RANGE, &format!("bytes {first}-{last}/{size}"));
            (StatusCode::PARTIAL_CONTENT, first, last - first + 1)
        }
        Err(()) => {
            say(header::CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, answer).into_response());
        }
    };
    say(header::CONTENT_LENGTH, &count.to_string());
    file.seek(SeekFrom::Start(from))
        .map_err(|error| Problem::new(ErrorCode::Internal, format!("The file cannot be read: {error}.")))?;
    let bytes = ReaderStream::with_capacity(tokio::fs::File::from_std(file).take(count), 64 * 1024);
    Ok((status, answer, Bytes::from_stream(bytes)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_given_and_nonsense_is_left_out() {
        let asked = |text: &str| range(&HeaderMap::from_iter([(header::RANGE, text.parse().unwrap())]), 100);
        assert_eq!(asked("bytes=0-9"), Ok(Some((0, 9))));
        assert_eq!(asked("bytes=90-"), Ok(Some((90, 99))));
        assert_eq!(asked("bytes=-5"), Ok(Some((95, 99))));
        assert_eq!(asked("bytes=0-999"), Ok(Some((0, 99))));
        assert_eq!(asked("bytes=-999"), Ok(Some((0, 99))));
        for beyond in ["bytes=100-", "bytes=100-200", "bytes=-0"] {
            assert_eq!(asked(beyond), Err(()), "{beyond}");
        }
        for all in
            ["bytes=9-0", "bytes=a-b", "lines=0-9", "bytes=0-1,5-6", "bytes=", "bytes=18446744073709551616-"]
        {
            assert_eq!(asked(all), Ok(None), "{all}");
        }
        assert_eq!(range(&HeaderMap::new(), 0), Ok(None));
    }

    #[test]
    fn a_name_says_nothing_else_to_a_browser() {
        let told = disposition("a\"; filename=b\r\n.html");
        assert!(told.starts_with("attachment; filename=\"a_;_filename=b__.html\"; "), "{told}");
        assert!(HeaderValue::try_from(told).is_ok());
        assert!(disposition("öl.txt").ends_with("filename*=UTF-8''%C3%B6l.txt"));
    }
}
