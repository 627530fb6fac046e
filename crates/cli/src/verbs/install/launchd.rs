//! macOS: an agent of the person's launchd.

use super::unit::{Installed, MARK, Removed, Unit};
use super::xml::escape;
use super::{Wish, answers, tools};
use crate::outcome::Outcome;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tools::{Found, call, look};

const LABEL: &str = "dev.offdesk.gateway";
/// launchd takes a moment to let go of what it ran.
const LETTING_GO: u32 = 25;

/// The agent's text.
pub(super) fn render(unit: &Unit, log: &str) -> String {
    let words: String = std::iter::once(unit.program.as_str())
        .chain(unit.args())
        .map(|word| format!("    <string>{}</string>\n", escape(word)))
        .collect();
    let log = escape(log);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- {MARK}, which writes it anew each time; `offdesk uninstall` removes it. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>{LABEL}</string>
  <key>ProgramArguments</key>
  <array>
{words}  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <!-- The gateway alone is ended: agents belong to their supervisors and go on. -->
  <key>AbandonProcessGroup</key>
  <true/>
  <key>StandardOutPath</key>
  <string>{log}</string>
  <key>StandardErrorPath</key>
  <string>{log}</string>
</dict>
</plist>
"#
    )
}

pub(super) fn file(home: &Path) -> PathBuf {
    home.join("Library/LaunchAgents").join(format!("{LABEL}.plist"))
}

/// Where everybody's logs are; Console shows it.
pub(super) fn log(home: &Path) -> String {
    home.join("Library/Logs/offdesk-gateway.log").display().to_string()
}

/// Where agents of somebody who sits at this machine live.
fn domain() -> String {
    let id = call("id", &["-u"]).filter(|said| said.ok).map(|said| said.text);
    format!("gui/{}", id.unwrap_or_else(|| "501".into()))
}

pub(super) async fn install(wish: &Wish, home: &Path) -> Result<Installed, Outcome> {
    let file = file(home);
    let changed = tools::put(&file, &render(&wish.unit, &log(home))).map_err(Outcome::failed)?;
    let mut done = Installed { installed: file.display().to_string(), changed, ..Installed::default() };
    if !wish.start {
        done.notes.push("It starts at your next login.".into());
        return Ok(done);
    }
    let (domain, service) = (domain(), format!("{}/{LABEL}", domain()));
    let loaded = call("launchctl", &["print", &service]).is_some_and(|said| said.ok);
    if loaded && !changed && answers(&wish.data).await {
        done.running = true;
        return Ok(done);
    }
    if loaded {
        call("launchctl", &["bootout", &service]);
    } else if answers(&wish.data).await {
        done.notes.push(
            "A gateway that was started otherwise runs on this data folder and was left alone. This one takes over \
             at your next login."
                .into(),
        );
        return Ok(done);
    }
    let path = file.display().to_string();
    let mut said = None;
    for _ in 0..LETTING_GO {
        said = call("launchctl", &["bootstrap", &domain, &path]);
        if said.as_ref().is_none_or(|said| said.ok) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let log = format!("cat {}", log(home));
    match said {
        Some(said) if !said.ok => return Err(Outcome::Failed(super::not_started(said.line(), &log))),
        None => return Err(Outcome::Failed(super::not_started("launchctl is not there", &log))),
        Some(_) => {}
    }
    done.running = super::comes_up(&wish.data).await;
    if !done.running {
        let why = "launchd started it, and it does not answer";
        return Err(Outcome::Failed(super::not_started(why, &log)));
    }
    Ok(done)
}

pub(super) fn uninstall(home: &Path) -> Result<Removed, Outcome> {
    let file = file(home);
    let mut done = Removed::default();
    match look(&file)? {
        Found::Nothing => return Ok(done),
        Found::SomebodyElses => {
            done.notes.push(format!(
                "{} was not written by `offdesk install`, and was left alone.",
                file.display()
            ));
            return Ok(done);
        }
        Found::Ours(_) => {}
    }
    call("launchctl", &["bootout", &format!("{}/{LABEL}", domain())]);
    std::fs::remove_file(&file)?;
    done.removed = Some(file.display().to_string());
    done.notes.push(format!("Its log is still in {}.", log(home)));
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::install::unit::odd;
    use proptest::prelude::*;

    fn value<'a>(document: &'a roxmltree::Document<'_>, key: &str) -> roxmltree::Node<'a, 'a> {
        let key = document
            .descendants()
            .find(|node| node.has_tag_name("key") && node.text() == Some(key))
            .unwrap_or_else(|| panic!("there is no {key}"));
        key.next_sibling_element().unwrap()
    }

    fn parsed(text: &str) -> roxmltree::Document<'_> {
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
        roxmltree::Document::parse_with_options(text, options).unwrap()
    }

    #[test]
    fn a_stopped_agent_stays_stopped_and_takes_nobody_along() {
        let unit = Unit { program: "/usr/local/bin/offdesk".into(), data: "/Users/me/d".into() };
        let text = render(&unit, "/Users/me/Library/Logs/offdesk-gateway.log");
        let document = parsed(&text);
        assert_eq!(value(&document, "Label").text(), Some(LABEL));
        for key in ["RunAtLoad", "AbandonProcessGroup"] {
            assert!(value(&document, key).has_tag_name("true"), "{key}");
        }
        assert!(value(&document, "SuccessfulExit").has_tag_name("false"));
        assert!(text.contains(MARK));
    }

    proptest! {
        #[test]
        fn any_path_comes_back(unit in odd::unit("/"), log in odd::path("/")) {
            let text = render(&unit, &log);
            let document = parsed(&text);
            let words: Vec<&str> = value(&document, "ProgramArguments")
                .children()
                .filter(roxmltree::Node::is_element)
                .map(|word| word.text().unwrap())
                .collect();
            let expected: Vec<&str> = std::iter::once(unit.program.as_str()).chain(unit.args()).collect();
            prop_assert_eq!(words, expected);
            prop_assert_eq!(value(&document, "StandardErrorPath").text(), Some(log.as_str()));
        }
    }
}
