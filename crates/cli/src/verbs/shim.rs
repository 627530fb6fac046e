//! `shim`: a function in the person's own shell, so that `claude` means `offdesk claude`. Shown before it is written, and
//! taken out again byte for byte.

use super::say;
use crate::environment::home;
use crate::outcome::Outcome;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

/// Install or remove.
#[derive(Debug, ClapArgs)]
pub(crate) struct Shim {
    #[command(subcommand)]
    verb: ShimVerb,
}

#[derive(Debug, Subcommand)]
enum ShimVerb {
    /// Add the function to your shell's start-up file, after showing it.
    Install(Wish),
    /// Take it out again; the file is then as it was, byte for byte.
    Remove(Wish),
}

#[derive(Debug, ClapArgs)]
struct Wish {
    /// The names.
    #[arg(required = true, value_enum)]
    names: Vec<Name>,
    /// The shell. Default: the one you log in with.
    #[arg(long, value_enum)]
    shell: Option<Shell>,
    /// Another start-up file than the shell's usual one.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Show what would be written, and write nothing.
    #[arg(long)]
    print: bool,
    /// Do not ask first.
    #[arg(long)]
    yes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Claude Code.
    Claude,
    /// Codex.
    Codex,
    /// Gemini CLI.
    Gemini,
    /// Qwen Code.
    Qwen,
    /// opencode.
    Opencode,
}

impl Name {
    fn word(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Gemini => "gemini",
            Self::Qwen => "qwen",
            Self::Opencode => "opencode",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// ~/.bashrc
    Bash,
    /// ~/.zshrc
    Zsh,
    /// ~/.config/fish/config.fish
    Fish,
    /// Your profile for all hosts' current user.
    Powershell,
}

impl Shell {
    fn own() -> Option<Self> {
        if cfg!(windows) {
            return Some(Self::Powershell);
        }
        let shell = std::env::var_os("SHELL")?;
        match Path::new(&shell).file_name()?.to_str()? {
            "bash" => Some(Self::Bash),
            "zsh" => Some(Self::Zsh),
            "fish" => Some(Self::Fish),
            "pwsh" => Some(Self::Powershell),
            _ => None,
        }
    }

    /// The file it reads when a person starts it.
    fn file(self, home: &Path) -> PathBuf {
        let folder = |name: &str, usual: &str| {
            let set = std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
            set.unwrap_or_else(|| home.join(usual))
        };
        match self {
            Self::Bash => home.join(".bashrc"),
            Self::Zsh => folder("ZDOTDIR", "").join(".zshrc"),
            Self::Fish => folder("XDG_CONFIG_HOME", ".config").join("fish/config.fish"),
            Self::Powershell if cfg!(windows) => {
                home.join("Documents").join("PowerShell").join("Microsoft.PowerShell_profile.ps1")
            }
            Self::Powershell => {
                folder("XDG_CONFIG_HOME", ".config").join("powershell/Microsoft.PowerShell_profile.ps1")
            }
        }
    }

    /// The function. Where our program is gone, the name means what it meant.
    fn function(self, name: &str, offdesk: &str) -> String {
        match self {
            Self::Bash | Self::Zsh => {
                let path = format!("'{}'", offdesk.replace('\'', r"'\''"));
                format!(
                    "unalias {name} 2>/dev/null || true\nfunction {name} {{\n  if [ -x {path} ]; then {path} {name} \
                     \"$@\"; else command {name} \"$@\"; fi\n}}\n"
                )
            }
            Self::Fish => {
                let path = format!("'{}'", offdesk.replace('\\', r"\\").replace('\'', r"\'"));
                format!(
                    "function {name}\n  if test -x {path}\n    {path} {name} $argv\n  else\n    command {name} \
                     $argv\n  end\nend\n"
                )
            }
            Self::Powershell => {
                let path = format!("'{}'", offdesk.replace('\'', "''"));
                format!(
                    "function {name} {{\n  if (Test-Path -LiteralPath {path}) {{ & {path} {name} @args }}\n  else {{ & \
                     (Get-Command {name} -CommandType Application | Select-Object -First 1) @args }}\n}}\n"
                )
            }
        }
    }
}

/// Said in the first marker, so that taking out leaves what was there before.
const NO_NEWLINE: &str = " (after a line without an end)";
const NEW_FILE: &str = " (in a new file)";

fn first_marker(name: &str, note: &str) -> String {
    format!("# >>> offdesk {name}{note} >>>\n")
}

fn last_marker(name: &str) -> String {
    format!("# <<< offdesk {name} <<<\n")
}

/// The file with the function, and what is added. Nothing: it is there already.
fn with(file: Option<&str>, name: &str, function: &str) -> Option<(String, String)> {
    let before = file.unwrap_or_default();
    if find(before, name).is_some() {
        return None;
    }
    let (gap, note) = match file {
        None => ("", NEW_FILE),
        Some(text) if text.is_empty() || text.ends_with('\n') => ("", ""),
        Some(_) => ("\n", NO_NEWLINE),
    };
    let block = format!("{}{function}{}", first_marker(name, note), last_marker(name));
    Some((format!("{before}{gap}{block}"), block))
}

/// Where the block is: its bytes, and what its marker notes.
fn find(file: &str, name: &str) -> Option<(std::ops::Range<usize>, &'static str)> {
    for note in ["", NO_NEWLINE, NEW_FILE] {
        let marker = first_marker(name, note);
        let starts = file.match_indices(&marker).map(|(at, _)| at);
        let start = starts.into_iter().find(|at| *at == 0 || file.as_bytes()[at - 1] == b'\n');
        if let Some(start) = start {
            let end = file[start..].find(&last_marker(name))? + start + last_marker(name).len();
            return Some((start..end, note));
        }
    }
    None
}

/// The file without the function. Nothing in its place: the file was made for it and holds nothing else.
fn without(file: &str, name: &str) -> Option<Option<String>> {
    let (block, note) = find(file, name)?;
    let before = &file[..block.start];
    let before = if note == NO_NEWLINE { before.strip_suffix('\n').unwrap_or(before) } else { before };
    let rest = format!("{before}{}", &file[block.end..]);
    Some((note != NEW_FILE || !rest.is_empty()).then_some(rest))
}

pub(crate) fn shim(shim: Shim) -> Result<(), Outcome> {
    match shim.verb {
        ShimVerb::Install(wish) => change(&wish, true),
        ShimVerb::Remove(wish) => change(&wish, false),
    }
}

fn change(wish: &Wish, install: bool) -> Result<(), Outcome> {
    let shell = wish
        .shell
        .or_else(Shell::own)
        .ok_or_else(|| Outcome::Usage("Which shell? Say --shell bash, zsh, fish or powershell.".into()))?;
    let home =
        home().ok_or_else(|| Outcome::Usage("There is no home folder; name a file with --file.".into()))?;
    let file = wish.file.clone().unwrap_or_else(|| shell.file(&home));
    // A link to where a person keeps such files stays a link.
    let file = file.canonicalize().unwrap_or(file);
    let offdesk = std::env::current_exe()?.display().to_string();
    for name in &wish.names {
        let name = name.word();
        let present = match std::fs::read_to_string(&file) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                let text = format!("{} cannot be read: {error}. Nothing was changed.", file.display());
                return Err(Outcome::failed(text));
            }
        };
        let (now, shown) = if install {
            let Some((now, block)) = with(present.as_deref(), name, &shell.function(name, &offdesk)) else {
                say(format!("`{name}` is in {} already.", file.display()))?;
                continue;
            };
            (Some(now), block)
        } else {
            let text = present.unwrap_or_default();
            let Some(now) = without(&text, name) else {
                say(format!("There is no `{name}` of ours in {}; nothing was changed.", file.display()))?;
                continue;
            };
            let shown = find(&text, name).map(|(block, _)| text[block].to_string()).unwrap_or_default();
            (now, shown)
        };
        let verb = if install { "Add to" } else { "Take out of" };
        say(format!("{verb} {}:\n\n{shown}", file.display()))?;
        if wish.print || !agreed(wish)? {
            say("Nothing was changed.")?;
            continue;
        }
        write(&file, now.as_deref())?;
        say(if install {
            format!(
                "Done. New shells run `offdesk {name}` for `{name}`; `offdesk shim remove {name}` undoes it."
            )
        } else {
            "Done. New shells are as before.".into()
        })?;
    }
    Ok(())
}

fn agreed(wish: &Wish) -> Result<bool, Outcome> {
    if wish.yes {
        return Ok(true);
    }
    let mut out = std::io::stdout();
    write!(out, "Do this? [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Whole or not at all, with the rights the file had.
fn write(file: &Path, text: Option<&str>) -> Result<(), Outcome> {
    let failed = |error: std::io::Error| {
        Outcome::failed(format!("{} cannot be written: {error}. It is as it was.", file.display()))
    };
    let Some(text) = text else { return std::fs::remove_file(file).map_err(failed) };
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let part = folder.join(format!(".offdesk-shim-{}", std::process::id()));
    let put = || {
        std::fs::write(&part, text)?;
        if let Ok(meta) = file.metadata() {
            std::fs::set_permissions(&part, meta.permissions())?;
        }
        std::fs::rename(&part, file)
    };
    put().map_err(|error| {
        let _ = std::fs::remove_file(&part);
        failed(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_comes_out_byte_for_byte_in_any_order() {
        let function = Shell::Zsh.function("claude", "/opt/off desk");
        for before in [None, Some(""), Some("alias ls=x\n"), Some("export A=1"), Some("\r\nodd\r\n\n\n")] {
            let (one, shown) = with(before, "claude", &function).unwrap();
            assert!(one.ends_with(&shown) && with(Some(&one), "claude", &function).is_none());
            assert_eq!(without(&one, "claude").unwrap().as_deref(), before);
            let (both, _) = with(Some(&one), "codex", "x\n").unwrap();
            assert_eq!(without(&both, "codex").unwrap().as_deref(), Some(&*one));
            let rest = without(&both, "claude").unwrap().unwrap();
            assert!(rest.contains("offdesk codex") && !rest.contains("offdesk claude"), "{rest}");
        }
        assert!(
            without("# >>> offdesk claude >>>\ncut off", "claude").is_none(),
            "half a block is left alone"
        );
        assert!(without("echo '# >>> offdesk claude >>>\n'", "claude").is_none());
    }
}
