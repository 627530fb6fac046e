//! `--manifests VERSION SUMS [FOLDER]`: fills in what package managers and the updater read.
//!
//! A template names files; a file that SUMS does not have is a failure, and no manifest is written.

use super::{entries, shelf, stage};
use crate::shell::{Done, root};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which file on which system, as the updater calls it. The first of those that are there counts.
const UPDATES: [(&str, &str); 8] = [
    ("linux-x86_64-deb", "Offdesk_{{version}}_amd64.deb"),
    ("linux-x86_64-rpm", "Offdesk-{{version}}-1.x86_64.rpm"),
    ("linux-x86_64-appimage", "Offdesk_{{version}}_amd64.AppImage"),
    ("linux-x86_64", "Offdesk_{{version}}_amd64.AppImage"),
    ("darwin-aarch64", "Offdesk_{{version}}_aarch64.app.tar.gz"),
    ("darwin-x86_64", "Offdesk_{{version}}_x64.app.tar.gz"),
    ("windows-x86_64-msi", "Offdesk_{{version}}_x64_en-US.msi"),
    ("windows-x86_64", "Offdesk_{{version}}_x64-setup.exe"),
];
const DOWNLOADS: &str = "https://github.com/offdesk/offdesk/releases/download";

pub(super) fn manifests(rest: &[String]) -> Done {
    let (version, sums, into) = match rest {
        [version, sums] => (version, sums, shelf()?.join("manifests")),
        [version, sums, into] => (version, sums, PathBuf::from(into)),
        _ => return Err(super::USAGE.into()),
    };
    let version = version.trim_start_matches('v');
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    if version.split('.').count() != 3 || !version.split('.').all(digits) {
        return Err(format!("{version:?} is no version like 1.2.3."));
    }
    let text = std::fs::read_to_string(sums).map_err(|error| format!("{sums} cannot be read: {error}."))?;
    let known = read(&text)?;
    let date = stage::date()?;
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for folder in ["winget", "homebrew", "aur"] {
        for template in templates(&root().join("installers").join(folder))? {
            let text = std::fs::read_to_string(&template)
                .map_err(|error| format!("{} cannot be read: {error}.", template.display()))?;
            let filled = fill(&text, version, &date, &known)
                .map_err(|why| format!("{}: {why}", template.display()))?;
            let name = template.strip_prefix(root().join("installers")).unwrap_or(&template);
            files.push((into.join(name), filled));
        }
    }
    let signatures = Path::new(sums).parent().unwrap_or(Path::new("."));
    if let Some(latest) = latest(version, &date, &known, |file| {
        std::fs::read_to_string(signatures.join(format!("{file}.sig"))).ok()
    })? {
        files.push((into.join("latest.json"), latest));
    }
    for (path, text) in &files {
        let write = || {
            std::fs::create_dir_all(path.parent().unwrap_or(&into))?;
            std::fs::write(path, text)
        };
        write().map_err(|error| format!("{} cannot be written: {error}.", path.display()))?;
        eprintln!("   {}", path.display());
    }
    Ok(())
}

fn templates(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            found.extend(templates(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

/// File name → sum, of a file as sha256sum writes it.
fn read(text: &str) -> Result<BTreeMap<String, String>, String> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| match line.split_once(char::is_whitespace) {
            Some((sum, name)) if sum.len() == 64 && sum.chars().all(|c| c.is_ascii_hexdigit()) => {
                Ok((name.trim_start_matches([' ', '*', '\t']).to_string(), sum.to_lowercase()))
            }
            _ => Err(format!("{line:?} is no line of a file of SHA-256 sums.")),
        })
        .collect()
}

/// `{{version}}`, `{{date}}`, `{{sha256 FILE}}` and, in capitals, `{{SHA256 FILE}}`.
fn fill(
    template: &str,
    version: &str,
    date: &str,
    known: &BTreeMap<String, String>,
) -> Result<String, String> {
    let text = template.replace("{{version}}", version).replace("{{date}}", date);
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("{{") {
        let (word, after) = after.split_once("}}").ok_or("a {{ has no end.")?;
        let (kind, file) = word.split_once(' ').unwrap_or((word, ""));
        let sum = || known.get(file).ok_or(format!("there is no sum of {file}."));
        out.push_str(before);
        match kind {
            "sha256" => out.push_str(sum()?),
            "SHA256" => out.push_str(&sum()?.to_uppercase()),
            _ => return Err(format!("{{{{{word}}}}} is not known.")),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// What the app reads to learn of a new version; nothing when nothing was signed.
fn latest(
    version: &str,
    date: &str,
    known: &BTreeMap<String, String>,
    signature: impl Fn(&str) -> Option<String>,
) -> Result<Option<String>, String> {
    let mut platforms = Vec::new();
    for (platform, file) in UPDATES {
        let file = file.replace("{{version}}", version);
        let Some(signed) = known.contains_key(&file).then(|| signature(&file)).flatten() else { continue };
        let signed = signed.trim();
        if !signed.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c)) || signed.is_empty() {
            return Err(format!("The signature of {file} is not in base64."));
        }
        platforms.push(format!(
            "    \"{platform}\": {{\n      \"signature\": \"{signed}\",\n      \"url\": \"{DOWNLOADS}/v{version}/{file}\"\n    }}"
        ));
    }
    if platforms.is_empty() {
        eprintln!("   No signature was found: latest.json is not written.");
        return Ok(None);
    }
    Ok(Some(format!(
        "{{\n  \"version\": \"{version}\",\n  \"pub_date\": \"{date}T00:00:00Z\",\n  \"platforms\": {{\n{}\n  }}\n}}\n",
        platforms.join(",\n")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_is_missing_is_named() {
        let known = read(&format!("{}  a_1.2.3.deb\n{} *b.exe\n", "0a".repeat(32), "FF".repeat(32))).unwrap();
        let filled = fill("{{version}} {{SHA256 a_{{version}}.deb}} {{sha256 b.exe}}", "1.2.3", "d", &known);
        assert_eq!(filled.unwrap(), format!("1.2.3 {} {}", "0A".repeat(32), "ff".repeat(32)));
        assert!(fill("{{sha256 c}}", "1", "d", &known).is_err_and(|why| why.contains("no sum of c")));
        assert!(fill("{{what}}", "1", "d", &known).is_err_and(|why| why.contains("what")));
        assert!(fill("{{sha256 c", "1", "d", &known).is_err());
        assert!(read("zz  file").is_err());
    }

    #[test]
    fn only_what_was_signed_is_an_update() {
        let deb = "Offdesk_1.2.3_amd64.deb".to_string();
        let known = BTreeMap::from([
            (deb.clone(), String::new()),
            ("Offdesk_1.2.3_x64-setup.exe".into(), String::new()),
        ]);
        let some = latest("1.2.3", "2026-01-02", &known, |file| (file == deb).then(|| "c2ln\n".into()));
        let some = some.unwrap().unwrap();
        assert!(some.contains("\"linux-x86_64-deb\"") && !some.contains("windows"), "{some}");
        assert_eq!(latest("1.2.3", "d", &known, |_| None), Ok(None));
        assert!(
            latest("1.2.3", "d", &known, |_| Some("\"".into())).is_err(),
            "nothing is smuggled into the JSON"
        );
    }
}
