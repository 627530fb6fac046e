//! Where agents keep their conversations, on each system.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// The variables of the person's environment: handed in, never read from the process here.
#[derive(Clone, Debug, Default)]
pub struct Places {
    vars: BTreeMap<String, OsString>,
}

impl Places {
    /// As these variables say.
    pub fn new(vars: BTreeMap<String, OsString>) -> Self {
        Self { vars }
    }

    fn var(&self, name: &str) -> Option<PathBuf> {
        self.vars
            .get(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    }

    /// The person's home folder.
    pub fn home(&self) -> Option<PathBuf> {
        self.var("HOME").or_else(|| self.var("USERPROFILE"))
    }

    fn in_home(&self, path: &str) -> Option<PathBuf> {
        self.home().map(|home| home.join(path))
    }

    /// Claude Code's folders: the one it was told, and the usual one, where what was said before it was told still is.
    pub(crate) fn claude(&self) -> Vec<PathBuf> {
        some([
            self.var("CLAUDE_CONFIG_DIR"),
            self.in_home(".claude"),
            self.config().map(|dir| dir.join("claude")),
        ])
    }

    /// Codex's folders.
    pub(crate) fn codex(&self) -> Vec<PathBuf> {
        some([self.var("CODEX_HOME"), self.in_home(".codex")])
    }

    /// Gemini CLI's folders. Its variable names the folder above.
    pub(crate) fn gemini(&self) -> Vec<PathBuf> {
        some([self.var("GEMINI_CLI_HOME").map(|dir| dir.join(".gemini")), self.in_home(".gemini")])
    }

    /// Qwen Code's folders.
    pub(crate) fn qwen(&self) -> Vec<PathBuf> {
        some([self.var("QWEN_HOME"), self.in_home(".qwen")])
    }

    /// opencode's data folders: it follows the XDG names on every system.
    pub(crate) fn opencode(&self) -> Vec<PathBuf> {
        let data = [self.var("XDG_DATA_HOME"), self.in_home(".local/share"), self.var("LOCALAPPDATA")];
        some(data.map(|data| data.map(|data| data.join("opencode"))))
    }

    /// Zed's data folders.
    pub(crate) fn zed(&self) -> Vec<PathBuf> {
        some([
            self.var("XDG_DATA_HOME").map(|data| data.join("zed")),
            self.in_home(".local/share/zed"),
            self.in_home(".var/app/dev.zed.Zed/data/zed"),
            self.in_home("Library/Application Support/Zed"),
            self.var("LOCALAPPDATA").map(|data| data.join("Zed")),
        ])
    }

    fn config(&self) -> Option<PathBuf> {
        self.var("XDG_CONFIG_HOME").or_else(|| self.in_home(".config"))
    }

    /// Folders in which editors of the Visual Studio Code family keep their extensions' things, with the editor's name.
    pub(crate) fn editors(&self) -> Vec<(String, PathBuf)> {
        const DESKTOP: [(&str, &str); 7] = [
            ("Code", "VS Code"),
            ("Code - Insiders", "VS Code Insiders"),
            ("Code - OSS", "Code - OSS"),
            ("VSCodium", "VSCodium"),
            ("Cursor", "Cursor"),
            ("Windsurf", "Windsurf"),
            ("Trae", "Trae"),
        ];
        const REMOTE: [(&str, &str); 5] = [
            (".vscode-server", "VS Code, from afar"),
            (".vscode-server-insiders", "VS Code Insiders, from afar"),
            (".vscodium-server", "VSCodium, from afar"),
            (".cursor-server", "Cursor, from afar"),
            (".windsurf-server", "Windsurf, from afar"),
        ];
        let above = some([self.config(), self.in_home("Library/Application Support"), self.var("APPDATA")]);
        let desktop = above.iter().flat_map(|above| {
            DESKTOP.iter().map(move |(folder, name)| {
                (name.to_string(), above.join(folder).join("User").join("globalStorage"))
            })
        });
        let remote = REMOTE.iter().filter_map(|(folder, name)| {
            Some((name.to_string(), self.in_home(folder)?.join("data").join("User").join("globalStorage")))
        });
        desktop.chain(remote).collect()
    }

    /// Where Cline keeps its things outside an editor.
    pub(crate) fn cline(&self) -> Option<PathBuf> {
        self.var("CLINE_DIR").or_else(|| self.in_home(".cline")).map(|dir| dir.join("data"))
    }
}

/// Those that are named, each once and without the links that lead to it: only what is below must not lead out.
fn some<const N: usize>(named: [Option<PathBuf>; N]) -> Vec<PathBuf> {
    let mut kept: Vec<PathBuf> = Vec::new();
    for path in named.into_iter().flatten() {
        let path = path.canonicalize().unwrap_or(path);
        if !kept.contains(&path) {
            kept.push(path);
        }
    }
    kept
}
