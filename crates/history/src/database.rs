//! Databases of others, opened read-only: nothing is written, not even the files SQLite keeps beside a database.

use crate::format::Stamp;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// While its program writes.
const PATIENCE: Duration = Duration::from_secs(2);

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(end);
    name.into()
}

/// Opens it. While its program is at work there is a log beside it, which is read too; otherwise the file is all, and
/// SQLite is told that nobody changes it, so that it makes none.
pub(crate) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let at_work = beside(path, "-wal").exists();
    let name =
        path.to_string_lossy().replace('\\', "/").replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let slash = if name.starts_with('/') { "" } else { "/" };
    let how = if at_work { "mode=ro" } else { "immutable=1" };
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(format!("file://{slash}{name}?{how}"), flags)?;
    connection.busy_timeout(PATIENCE)?;
    // A hostile file must not make SQLite do what its text says.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// How it stands, with what is not yet in the file itself.
pub(crate) fn stamp(path: &Path) -> Option<Stamp> {
    let own = Stamp::of(path)?;
    let log = Stamp::of(&beside(path, "-wal")).unwrap_or_default();
    Some(Stamp { modified: own.modified.max(log.modified), size: own.size + log.size })
}

/// The names of a table's columns: versions differ in them.
pub(crate) fn columns(connection: &Connection, table: &str) -> Vec<String> {
    let Ok(mut statement) = connection.prepare("SELECT name FROM pragma_table_info(?1)") else {
        return Vec::new();
    };
    statement.query_map([table], |row| row.get(0)).map(|rows| rows.flatten().collect()).unwrap_or_default()
}
