//! Windows: a task that runs when the person logs on.

use super::unit::{Installed, MARK, Removed, Unit};
use super::xml::escape;
use super::{Wish, answers};
use crate::outcome::Outcome;
use crate::verbs::install::tools::{Said, call};

pub(super) const NAME: &str = "Offdesk gateway";

/// The task's text; a refusal where Windows would read a path as something else.
pub(super) fn render(unit: &Unit, user: &str) -> Result<String, String> {
    for path in [&unit.program, &unit.data] {
        if path.matches('%').count() > 1 || path.contains("$(") {
            return Err(format!(
                "Windows' task scheduler would put something else in place of a part of {path:?}, and there is no way to \
                 tell it not to. Nothing was written: choose another folder."
            ));
        }
    }
    // A console program has a window, unless a console without one holds it.
    let words = std::iter::once("--headless")
        .chain(std::iter::once(unit.program.as_str()))
        .chain(unit.args())
        .map(quoted)
        .collect::<Vec<_>>()
        .join(" ");
    let (user, words) = (escape(user), escape(&words));
    Ok(format!(
        r#"<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Author>{MARK}</Author>
    <Description>Runs Offdesk's gateway while you are logged on. `offdesk uninstall` removes it.</Description>
    <URI>\{NAME}</URI>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>{user}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Hidden>true</Hidden>
    <Priority>5</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>255</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>%SystemRoot%\System32\conhost.exe</Command>
      <Arguments>{words}</Arguments>
    </Exec>
  </Actions>
</Task>
"#
    ))
}

/// One word of a command line, as programs on Windows take it apart.
fn quoted(word: &str) -> String {
    if !word.is_empty() && !word.contains([' ', '\t', '"']) {
        return word.into();
    }
    let mut out = String::from('"');
    let mut backslashes = 0;
    for c in word.chars() {
        if c == '"' {
            out.extend(std::iter::repeat_n('\\', backslashes + 1));
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        out.push(c);
    }
    out.extend(std::iter::repeat_n('\\', backslashes));
    out.push('"');
    out
}

/// As the task scheduler wants its files.
fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Who logs on.
pub(super) fn user() -> String {
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    match var("USERDOMAIN") {
        domain if domain.is_empty() => var("USERNAME"),
        domain => format!("{domain}\\{}", var("USERNAME")),
    }
}

fn schtasks(args: &[&str]) -> Said {
    call("schtasks", args).unwrap_or(Said { ok: false, text: "schtasks is not there".into() })
}

enum Found {
    Nothing,
    Ours,
    SomebodyElses,
}

fn found() -> Found {
    let said = schtasks(&["/Query", "/TN", NAME, "/XML"]);
    match said.ok {
        false => Found::Nothing,
        true if said.text.contains(MARK) => Found::Ours,
        true => Found::SomebodyElses,
    }
}

pub(super) async fn install(wish: &Wish) -> Result<Installed, Outcome> {
    let text = render(&wish.unit, &user()).map_err(Outcome::failed)?;
    if matches!(found(), Found::SomebodyElses) {
        return Err(Outcome::failed(format!(
            "There is a task {NAME:?} already, and `offdesk install` did not make it. Nothing was changed: rename it, \
             or keep it."
        )));
    }
    let file = std::env::temp_dir().join(format!("offdesk-task-{}.xml", std::process::id()));
    std::fs::write(&file, utf16(&text))?;
    let said = schtasks(&["/Create", "/TN", NAME, "/XML", &file.display().to_string(), "/F"]);
    std::fs::remove_file(&file)?;
    if !said.ok {
        return Err(Outcome::failed(format!("Windows did not take the task: {}", said.line())));
    }
    let mut done = Installed { installed: NAME.into(), changed: true, ..Installed::default() };
    if !wish.start {
        done.notes.push("It starts at your next logon.".into());
        return Ok(done);
    }
    if answers(&wish.data).await {
        done.notes.push(
            "A gateway runs on this data folder and was left alone. What is new holds from your next logon."
                .into(),
        );
        return Ok(done);
    }
    let said = schtasks(&["/Run", "/TN", NAME]);
    done.running = said.ok && super::comes_up(&wish.data).await;
    if !done.running {
        let why = if said.ok { "Windows started it, and it does not answer" } else { said.line() };
        return Err(Outcome::Failed(super::not_started(why, "offdesk serve")));
    }
    Ok(done)
}

pub(super) fn uninstall() -> Result<Removed, Outcome> {
    let mut done = Removed::default();
    match found() {
        Found::Nothing => return Ok(done),
        Found::SomebodyElses => {
            done.notes
                .push(format!("The task {NAME:?} was not made by `offdesk install`, and was left alone."));
            return Ok(done);
        }
        Found::Ours => {}
    }
    schtasks(&["/End", "/TN", NAME]);
    let said = schtasks(&["/Delete", "/TN", NAME, "/F"]);
    if !said.ok {
        return Err(Outcome::failed(format!("Windows did not remove the task: {}", said.line())));
    }
    done.removed = Some(NAME.into());
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::install::unit::odd;
    use proptest::prelude::*;

    /// As Microsoft says that programs take their command line apart.
    fn words(line: &str) -> Vec<String> {
        let chars: Vec<char> = line.chars().collect();
        let (mut words, mut word, mut inside, mut any, mut at) = (Vec::new(), String::new(), false, false, 0);
        while at < chars.len() {
            let backslashes = chars[at..].iter().take_while(|c| **c == '\\').count();
            let quote = chars.get(at + backslashes) == Some(&'"');
            if backslashes > 0 {
                word.extend(std::iter::repeat_n('\\', if quote { backslashes / 2 } else { backslashes }));
                any = true;
                at += backslashes;
                if quote && backslashes % 2 == 1 {
                    word.push('"');
                    at += 1;
                }
                continue;
            }
            match chars[at] {
                '"' => (inside, any) = (!inside, true),
                ' ' if !inside => {
                    if std::mem::take(&mut any) {
                        words.push(std::mem::take(&mut word));
                    }
                }
                c => {
                    word.push(c);
                    any = true;
                }
            }
            at += 1;
        }
        assert!(!inside, "a quote is open");
        words.extend(any.then_some(word));
        words
    }

    fn text<'a>(document: &'a roxmltree::Document<'_>, tag: &str) -> &'a str {
        document
            .descendants()
            .find(|node| node.tag_name().name() == tag)
            .and_then(|node| node.text())
            .unwrap()
    }

    #[test]
    fn it_runs_as_the_person_without_a_window_or_an_end() {
        let unit = Unit { program: r"C:\Program Files\Offdesk\offdesk.exe".into(), data: r"C:\d e\".into() };
        let rendered = render(&unit, r"HOME\Ann & Bo").unwrap();
        let document = roxmltree::Document::parse(&rendered).unwrap();
        for (tag, expected) in [
            ("UserId", r"HOME\Ann & Bo"),
            ("LogonType", "InteractiveToken"),
            ("RunLevel", "LeastPrivilege"),
            ("ExecutionTimeLimit", "PT0S"),
            ("Hidden", "true"),
            ("Count", "255"),
            ("Author", MARK),
        ] {
            assert_eq!(text(&document, tag), expected, "{tag}");
        }
        assert_eq!(
            text(&document, "Arguments"),
            r#"--headless "C:\Program Files\Offdesk\offdesk.exe" --data "C:\d e\\" serve --managed --login-env"#
        );
        assert_eq!(utf16("é"), [0xff, 0xfe, 0xe9, 0x00]);
    }

    #[test]
    fn what_windows_would_read_as_something_else_is_refused() {
        for data in [r"C:\%TEMP%\d", r"C:\$(Arg0)"] {
            let unit = Unit { program: r"C:\offdesk.exe".into(), data: data.into() };
            assert!(render(&unit, "me").unwrap_err().contains("Nothing was written"), "{data}");
        }
        let unit = Unit { program: r"C:\offdesk.exe".into(), data: r"C:\100% $x".into() };
        assert!(render(&unit, "me").is_ok());
    }

    proptest! {
        #[test]
        fn any_path_comes_back_or_is_refused(unit in odd::unit(r"C:\"), user in odd::path(r"HOME\")) {
            let Ok(rendered) = render(&unit, &user) else {
                let both = format!("{}\n{}", unit.program, unit.data);
                prop_assert!(both.contains("$(") || both.matches('%').count() > 1);
                return Ok(());
            };
            let document = roxmltree::Document::parse(&rendered).unwrap();
            let expected: Vec<String> = ["--headless", &unit.program]
                .into_iter()
                .chain(unit.args())
                .map(str::to_string)
                .collect();
            prop_assert_eq!(words(text(&document, "Arguments")), expected);
            prop_assert_eq!(text(&document, "UserId"), user);
        }
    }
}
