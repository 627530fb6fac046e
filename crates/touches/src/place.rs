//! Paths by their names alone. Links are not followed: the file system is not looked at.

use offdesk_protocol::FilePlace;

/// Where a command would run.
#[derive(Clone, Debug)]
pub struct Setting {
    workspace: String,
    cwd: String,
    home: Option<String>,
    /// Paths may have a drive's letter.
    drives: bool,
}

impl Setting {
    /// The run's workspace, the folder the command starts in, and the home folder if it is known.
    pub fn new(workspace: &str, cwd: &str, home: Option<&str>) -> Self {
        let drives = drive(workspace).is_some();
        let clean = |path: &str| tidy(&slashes(path, drives));
        let workspace = clean(workspace);
        let mut setting = Self { cwd: workspace.clone(), workspace, home: home.map(clean), drives };
        setting.cwd = setting.resolve(&setting.workspace, cwd);
        setting
    }

    pub(crate) fn cwd(&self) -> &str {
        &self.cwd
    }

    pub(crate) fn home(&self) -> Option<&str> {
        self.home.as_deref()
    }

    /// The whole path of what is written, from this folder.
    pub(crate) fn resolve(&self, from: &str, path: &str) -> String {
        let path = slashes(path, self.drives);
        if path.starts_with('/') || drive(&path).is_some() {
            return tidy(&path);
        }
        tidy(&format!("{from}/{path}"))
    }

    /// Whether it may only be resolved when the folder is known.
    pub(crate) fn is_relative(&self, path: &str) -> bool {
        let path = slashes(path, self.drives);
        !path.starts_with('/') && drive(&path).is_none()
    }

    /// A whole path as it is shown, and where it is.
    pub(crate) fn shown(&self, whole: &str) -> (String, FilePlace) {
        if let Some(rest) = under(whole, &self.workspace) {
            let path = if rest.is_empty() { "." } else { rest };
            return (path.into(), FilePlace::Inside);
        }
        let home = self.home.as_deref().filter(|home| home.len() > 1);
        let path = match home.and_then(|home| under(whole, home)) {
            Some("") => "~".into(),
            Some(rest) => format!("~/{rest}"),
            None => whole.into(),
        };
        (path, FilePlace::Outside)
    }
}

/// What is left of the path below the folder.
fn under<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    if folder == "/" {
        return path.strip_prefix('/');
    }
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

fn drive(path: &str) -> Option<char> {
    let mut chars = path.chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    (chars.next() == Some(':') && matches!(chars.next(), Some('/' | '\\') | None)).then_some(letter)
}

/// With `/` alone, where the system has drives; a shell there writes `/c/x` for `C:\x`.
fn slashes(path: &str, drives: bool) -> String {
    if !drives {
        return path.into();
    }
    let path = path.replace('\\', "/");
    let mut chars = path.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some('/'), Some(letter), Some('/') | None) if letter.is_ascii_alphabetic() => {
            format!("{}:{}", letter.to_ascii_uppercase(), &path[2..])
        }
        _ => match drive(&path) {
            Some(letter) => format!("{}{}", letter.to_ascii_uppercase(), &path[1..]),
            None => path,
        },
    }
}

/// Without `.`, `..` and doubled slashes.
fn tidy(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let rooted = path.starts_with('/');
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != ".." && !last.ends_with(':')) => {
                parts.pop();
            }
            ".." if rooted || parts.last().is_some_and(|last| last.ends_with(':')) => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if rooted { format!("/{joined}") } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_by_their_names() {
        let at = Setting::new("/home/ada/p", "sub", Some("/home/ada"));
        let place = |path: &str| at.shown(&at.resolve(at.cwd(), path));
        for (path, shown, inside) in [
            ("a.txt", "sub/a.txt", true),
            ("../a", "a", true),
            ("..", ".", true),
            ("../../a", "~/a", false),
            ("../../p2/a", "~/p2/a", false),
            ("/home/ada/p/./x//y", "x/y", true),
            ("/home/ada", "~", false),
            ("/etc/../../../passwd", "/passwd", false),
        ] {
            let want = if inside { FilePlace::Inside } else { FilePlace::Outside };
            assert_eq!(place(path), (shown.to_string(), want), "{path}");
        }
        let at = Setting::new(r"C:\Users\ada\p", r"C:\Users\ada\p", Some(r"C:\Users\ada"));
        let place = |path: &str| at.shown(&at.resolve(at.cwd(), path)).0;
        assert_eq!(place("/c/Users/ada/p/x"), "x");
        assert_eq!(place(r"..\q"), "~/q");
        assert_eq!(place("C:/../.."), "C:");
        assert_eq!(Setting::new("/", "/", None).shown("/etc").0, "etc");
    }
}
