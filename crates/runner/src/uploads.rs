//! Files that people bring for a prompt. Each has a folder under `uploads/` with what is known of it and its bytes; a
//! piece can be sent again, so a phone whose line breaks goes on where it was.

use offdesk_protocol::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How long a file waits to go with a prompt.
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);
/// Bytes that may wait in all.
const MOST_WAITING: u64 = 1024 * 1024 * 1024;
/// Files that may wait in all.
const MOST_FILES: usize = 500;
/// Longest name that is kept, in bytes: with what is put before it, every file system takes it.
const LONGEST_NAME: usize = 150;

/// What is known of a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    id: UploadId,
    name: String,
    size: u64,
    /// What the client says its bytes have.
    expected: Option<String>,
    begun_at: Timestamp,
    /// Once it is whole.
    attachment: Option<Attachment>,
    /// It went with a prompt, so the log names it.
    #[serde(default)]
    used: bool,
    /// The path it was put at in a folder; its bytes are there and not here any more.
    #[serde(default)]
    put: Option<String>,
}

/// An upload that is meant for a folder.
#[derive(Debug)]
pub(crate) enum ForFolder {
    /// It is whole.
    Whole {
        /// Its name.
        name: String,
        /// Where its bytes are.
        bytes: PathBuf,
    },
    /// It was put there before, at this path.
    Put(String),
}

/// The files that people brought to this host.
#[derive(Clone, Debug)]
pub struct Uploads {
    folder: PathBuf,
    /// One change at a time: pieces of one file come in order, and what is there is counted.
    changing: Arc<Mutex<()>>,
}

fn failed(what: &str, error: &io::Error) -> Problem {
    Problem::new(ErrorCode::StorageFailed, format!("The file could not be {what}: {error}."))
        .hint("Make room on the disk of the data folder, then send it again; it goes on where it was.")
}

fn unknown(id: UploadId) -> Problem {
    Problem::new(ErrorCode::NotFound, format!("There is no upload {id}."))
        .hint("It may have waited for more than a day. Attach the file again.")
}

/// The last part of what a client calls it, with nothing in it that a path or a screen could take for something else.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept = |c: char| !c.is_control() && !matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*');
    let plain: String = last
        .chars()
        .map(|c| if kept(c) && visible(&c.to_string()).chars().count() == 1 { c } else { '_' })
        .collect();
    let plain = plain.trim().trim_matches('.').trim();
    if plain.is_empty() {
        return "file".into();
    }
    if plain.len() <= LONGEST_NAME {
        return plain.into();
    }
    // The end says what kind of file it is.
    let ending =
        plain.rfind('.').filter(|dot| plain.len() - dot <= 12).map(|dot| &plain[dot..]).unwrap_or_default();
    format!("{}{ending}", &plain[..plain.floor_char_boundary(LONGEST_NAME - ending.len())])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the first bytes say it is. What a client says is not believed.
pub(crate) fn media_type(head: &[u8]) -> String {
    match infer::get(head) {
        Some(kind) => kind.mime_type().into(),
        None if std::str::from_utf8(head).is_ok_and(|text| !text.contains('\0')) => "text/plain".into(),
        None => "application/octet-stream".into(),
    }
}

impl Uploads {
    pub(crate) fn new(data: &Path) -> Self {
        Self { folder: data.join("uploads"), changing: Arc::default() }
    }

    fn place(&self, id: UploadId) -> PathBuf {
        self.folder.join(id.to_string())
    }

    fn known(&self, id: UploadId) -> Result<Known, Problem> {
        let text = fs::read(self.place(id).join("known.json")).map_err(|_| unknown(id))?;
        serde_json::from_slice(&text).map_err(|_| unknown(id))
    }

    fn keep(&self, known: &Known) -> io::Result<()> {
        let place = self.place(known.id);
        let text = serde_json::to_vec(known).map_err(io::Error::other)?;
        let new = place.join("known.new");
        write_private(&new, &text)?;
        fs::rename(new, place.join("known.json"))
    }

    fn view(&self, known: &Known) -> Upload {
        let here = fs::metadata(self.place(known.id).join("data")).map_or(0, |meta| meta.len());
        Upload {
            id: known.id,
            name: known.name.clone(),
            size: known.size,
            received: here.min(known.size),
            attachment: known.attachment.clone(),
            expires_at: known.begun_at.checked_add(KEPT).unwrap_or(known.begun_at),
        }
    }

    /// Begins a file. The same id again gives the same one.
    ///
    /// # Errors
    /// When it is too large, too much waits already, or the disk fails.
    pub fn begin(&self, begin: BeginUpload) -> Result<Upload, Problem> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(known) = self.known(begin.id) {
            return Ok(self.view(&known));
        }
        if begin.size > LARGEST_UPLOAD {
            let mib = begin.size as f64 / (1024.0 * 1024.0);
            let text = format!("The file has {mib:.0} MiB; 100 MiB is the most. Nothing was kept.");
            return Err(Problem::new(ErrorCode::TooLarge, text)
                .hint("Put it on the computer another way and name its place in the prompt."));
        }
        if begin.size == 0 {
            return Err(Problem::new(
                ErrorCode::BadRequest,
                "The file is empty, so there is nothing to send.",
            ));
        }
        self.sweep();
        let (files, bytes) = self.waiting();
        if files >= MOST_FILES || bytes + begin.size > MOST_WAITING {
            return Err(Problem::new(ErrorCode::TooLarge, "Too many files wait to go with a prompt.")
                .hint("Send or remove some of those first; what waits is forgotten after a day."));
        }
        let known = Known {
            id: begin.id,
            name: safe_name(&begin.name),
            size: begin.size,
            expected: begin.sha256.map(|hash| hash.to_ascii_lowercase()),
            begun_at: Timestamp::now(),
            attachment: None,
            used: false,
            put: None,
        };
        let place = self.place(known.id);
        make_private_folder(&self.folder)
            .and_then(|()| make_private_folder(&place))
            .and_then(|()| write_private(&place.join("data"), b""))
            .and_then(|()| self.keep(&known))
            .map_err(|error| failed("kept", &error))?;
        Ok(self.view(&known))
    }

    /// How far it has come.
    ///
    /// # Errors
    /// When there is none.
    pub fn show(&self, id: UploadId) -> Result<Upload, Problem> {
        self.known(id).map(|known| self.view(&known))
    }

    /// Takes the next piece. What is here already is passed over, so a piece may be sent again.
    ///
    /// # Errors
    /// When it leaves a gap, is more than was said, or the whole is not what was said.
    pub fn take(&self, id: UploadId, offset: u64, piece: &[u8]) -> Result<Upload, Problem> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = self.known(id)?;
        let here = self.view(&known).received;
        if known.attachment.is_some() {
            return Ok(self.view(&known));
        }
        if offset > here {
            let text = format!("This piece begins at {offset}, and only {here} bytes are here.");
            return Err(Problem::new(ErrorCode::WrongState, text).hint(format!("Go on at {here}.")));
        }
        if offset + piece.len() as u64 > known.size {
            let text = format!("That is more than the {} bytes the file was said to have.", known.size);
            return Err(Problem::new(ErrorCode::BadRequest, text));
        }
        let new = usize::try_from(here - offset).ok().and_then(|seen| piece.get(seen..)).unwrap_or_default();
        let path = self.place(id).join("data");
        append(&path, here, new).map_err(|error| failed("kept", &error))?;
        if here + new.len() as u64 == known.size {
            self.finish(&mut known, &path)?;
        }
        Ok(self.view(&known))
    }

    /// All bytes are here.
    fn finish(&self, known: &mut Known, path: &Path) -> Result<(), Problem> {
        let (sha256, head) = digest(path).map_err(|error| failed("read", &error))?;
        if known.expected.as_ref().is_some_and(|expected| *expected != sha256) {
            let _ = fs::remove_dir_all(self.place(known.id));
            let text = "What arrived is not the file that was meant, so it was not kept.";
            return Err(Problem::new(ErrorCode::BadRequest, text).hint("Attach it again."));
        }
        let (name, size) = (known.name.clone(), known.size);
        let media_type = media_type(&head);
        known.attachment = Some(Attachment { id: known.id, name, size, media_type, sha256 });
        self.keep(known).map_err(|error| failed("kept", &error))
    }

    /// Forgets a file that did not go with a prompt.
    ///
    /// # Errors
    /// When there is none, or it went with a prompt.
    pub fn remove(&self, id: UploadId) -> Result<(), Problem> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.known(id)?.used {
            let text = "The file went with a prompt, so it is kept with it.";
            return Err(Problem::new(ErrorCode::WrongState, text));
        }
        fs::remove_dir_all(self.place(id)).map_err(|error| failed("removed", &error))
    }

    /// The whole files for a prompt, in order; from now on they stay as long as what was said with them.
    ///
    /// # Errors
    /// When one is missing or not whole, or there are too many.
    pub fn attach(&self, ids: &[UploadId]) -> Result<Vec<Attachment>, Problem> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if ids.len() > MOST_ATTACHMENTS {
            let text =
                format!("{} files are too many for one prompt; {MOST_ATTACHMENTS} are the most.", ids.len());
            return Err(Problem::new(ErrorCode::TooLarge, text));
        }
        let whole = |id: &UploadId| {
            let mut known = self.known(*id)?;
            if known.put.is_some() {
                let text = format!("The file {} was put into a folder; nothing was said.", known.name);
                return Err(Problem::new(ErrorCode::WrongState, text).hint("Attach it again."));
            }
            let Some(attachment) = known.attachment.clone() else {
                let text = format!("The file {} is not here as a whole yet; nothing was said.", known.name);
                return Err(Problem::new(ErrorCode::WrongState, text).hint("Wait until it is sent."));
            };
            known.used = true;
            self.keep(&known).map_err(|error| failed("kept", &error))?;
            Ok(attachment)
        };
        ids.iter().map(whole).collect()
    }

    /// The file for a folder.
    ///
    /// # Errors
    /// When it is not whole, or went with a prompt.
    pub(crate) fn for_folder(&self, id: UploadId) -> Result<ForFolder, Problem> {
        let known = self.known(id)?;
        if let Some(path) = known.put {
            return Ok(ForFolder::Put(path));
        }
        if known.used || known.attachment.is_none() {
            let why = if known.used { "went with a prompt" } else { "is not here as a whole yet" };
            let text = format!("The file {} {why}; nothing was put anywhere.", known.name);
            return Err(Problem::new(ErrorCode::WrongState, text));
        }
        Ok(ForFolder::Whole { name: known.name, bytes: self.place(id).join("data") })
    }

    /// Keeps a whole file elsewhere, by what is done with its name and bytes. Done twice, it is done once.
    ///
    /// # Errors
    /// When it is not whole, or went elsewhere before.
    pub fn keep_with<T>(
        &self,
        id: UploadId,
        keep: impl FnOnce(String, &mut dyn Read) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let ForFolder::Whole { name, bytes } = self.for_folder(id)? else {
            let text = "The file was put into a folder before, so it was not kept again.";
            return Err(Problem::new(ErrorCode::WrongState, text));
        };
        let mut bytes = File::open(bytes).map_err(|error| failed("read", &error))?;
        keep(name, &mut bytes)
    }

    /// It was put at this path. What is known of it stays for a day, so that the same wish again finds it done.
    pub(crate) fn went(&self, id: UploadId, path: &str) {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(mut known) = self.known(id) else { return };
        known.put = Some(path.into());
        if self.keep(&known).is_ok() {
            let _ = fs::remove_file(self.place(id).join("data"));
        }
    }

    /// Puts a run's file where its agent may read it; gives the place.
    pub(crate) fn hand_over(&self, attachment: &Attachment, folder: &Path) -> io::Result<PathBuf> {
        make_private_folder(folder)?;
        // Two files may have one name, and none of them may have one that an agent takes for its own notes.
        let short: String = attachment.id.0.simple().to_string().chars().rev().take(8).collect();
        let place = folder.join(format!("{short}-{}", safe_name(&attachment.name)));
        if place.metadata().is_ok_and(|meta| meta.len() == attachment.size) {
            return Ok(place);
        }
        let new = folder.join(format!("{short}.new"));
        fs::copy(self.place(attachment.id).join("data"), &new)?;
        fs::rename(&new, &place)?;
        Ok(place)
    }

    /// Forgets what waited for too long.
    pub fn sweep(&self) {
        let now = Timestamp::now();
        for known in self.all().filter(|known| !known.used) {
            if known.begun_at.checked_add(KEPT).is_ok_and(|end| end < now) {
                let _ = fs::remove_dir_all(self.place(known.id));
            }
        }
    }

    /// Those that did not go with a prompt yet.
    pub(crate) fn waiting_ids(&self) -> Vec<String> {
        self.all().filter(|known| !known.used).map(|known| known.id.to_string()).collect()
    }

    fn waiting(&self) -> (usize, u64) {
        self.all()
            .filter(|known| !known.used && known.put.is_none())
            .fold((0, 0), |(files, bytes), known| (files + 1, bytes + known.size))
    }

    fn all(&self) -> impl Iterator<Item = Known> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| self.known(entry.file_name().to_str()?.parse().ok()?).ok())
    }
}

fn append(path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    // What an earlier writer did not finish is written over.
    file.set_len(at)?;
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)?;
    file.sync_data()
}

/// The SHA-256 of a file, and its first bytes.
pub(crate) fn digest(path: &Path) -> io::Result<(String, Vec<u8>)> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let (mut buffer, mut head) = (vec![0; 256 * 1024], Vec::new());
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok((hex(&hash.finalize()), head));
        }
        if head.is_empty() {
            let whole = buffer[..count.min(8192)].to_vec();
            // A letter that is cut in two is no reason to call a text something else.
            let cut = match std::str::from_utf8(&whole) {
                Err(error) if error.error_len().is_none() => error.valid_up_to(),
                _ => whole.len(),
            };
            head = whole[..cut].to_vec();
        }
        hash.update(&buffer[..count]);
    }
}

pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

/// A folder that only its owner enters.
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(uploads: &Uploads, name: &str, size: u64) -> Upload {
        uploads.begin(BeginUpload { id: UploadId::new(), name: name.into(), size, sha256: None }).unwrap()
    }

    #[test]
    fn a_file_comes_in_pieces_and_a_piece_may_come_again() {
        let data = tempfile::tempdir().unwrap();
        let uploads = Uploads::new(data.path());
        let png = b"\x89PNG\r\n\x1a\n0123456789";
        let id = begin(&uploads, "shot.png", png.len() as u64).id;
        assert_eq!(uploads.take(id, 0, &png[..6]).unwrap().received, 6);
        assert_eq!(uploads.take(id, 9, b"x").unwrap_err().code, ErrorCode::WrongState);
        assert_eq!(uploads.attach(&[id]).unwrap_err().code, ErrorCode::WrongState, "not whole yet");
        // Another gateway takes it up; the phone did not hear that its last piece had arrived.
        let uploads = Uploads::new(data.path());
        assert_eq!(uploads.take(id, 4, &png[4..10]).unwrap().received, 10);
        let whole = uploads.take(id, 10, &png[10..]).unwrap().attachment.unwrap();
        assert_eq!((whole.media_type.as_str(), whole.size), ("image/png", png.len() as u64));
        assert_eq!(uploads.attach(&[id]).unwrap(), std::slice::from_ref(&whole));
        assert!(uploads.remove(id).is_err(), "it went with a prompt");
        let place = uploads.hand_over(&whole, &data.path().join("attachments")).unwrap();
        assert_eq!(fs::read(place).unwrap(), png);
    }

    #[test]
    fn what_is_not_the_file_that_was_meant_is_not_kept() {
        let data = tempfile::tempdir().unwrap();
        let uploads = Uploads::new(data.path());
        let meant =
            BeginUpload { id: UploadId::new(), name: "a".into(), size: 2, sha256: Some("00".repeat(32)) };
        let id = uploads.begin(meant).unwrap().id;
        assert_eq!(uploads.take(id, 0, b"hi").unwrap_err().code, ErrorCode::BadRequest);
        assert_eq!(uploads.show(id).unwrap_err().code, ErrorCode::NotFound);
        let huge =
            BeginUpload { id: UploadId::new(), name: "a".into(), size: LARGEST_UPLOAD + 1, sha256: None };
        assert_eq!(uploads.begin(huge).unwrap_err().code, ErrorCode::TooLarge);
        let id = begin(&uploads, "a", 2).id;
        assert_eq!(uploads.take(id, 0, b"three").unwrap_err().code, ErrorCode::BadRequest);
    }

    #[test]
    fn a_name_is_one_part_of_a_path_and_can_be_seen() {
        for (name, kept) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\photo.heic", "photo.heic"),
            ("..", "file"),
            ("a\u{202e}gpj.exe", "a_gpj.exe"),
            ("line\nbreak", "line_break"),
            ("CLAUDE.md", "CLAUDE.md"),
            ("", "file"),
        ] {
            assert_eq!(safe_name(name), kept);
        }
        let long = format!("{}.png", "é".repeat(200));
        assert!(safe_name(&long).len() <= LONGEST_NAME && safe_name(&long).ends_with(".png"));
    }
}
