//! What rev reads of its workspace when it starts, and what may be a stranger's there.

use serde_json::Value;
use std::io::ErrorKind;
use std::path::Path;

/// Pickles, which Python runs when it reads them. rev reads them before it says a word.
const CACHE: &str = ".rev_cache";
/// Its settings win over its arguments and the environment.
const SETTINGS: &str = ".rev_settings.json";

/// Where rev finds its model, of which nothing in a workspace may say something else.
pub(super) struct Model<'a> {
    pub(super) base: &'a str,
    /// The one that was chosen.
    pub(super) name: Option<&'a str>,
}

/// Why rev is not started in this folder.
pub(super) fn refuses(dir: &Path, model: &Model<'_>) -> Option<String> {
    if has_files(&dir.join(CACHE)) {
        return Some(format!(
            "rev would run what is in {CACHE} as soon as it starts, and cannot be kept from it. So it is not started in \
             this workspace: take {CACHE} away, or use another agent."
        ));
    }
    let what = match std::fs::read(dir.join(SETTINGS)) {
        Ok(text) => elsewhere(&text, model)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(_) => "cannot be read by Offdesk".into(),
    };
    Some(format!(
        "The workspace's {SETTINGS} {what}. rev goes by that file, and does what such a model says without asking. So it is \
         not started here: take the file away, or change it."
    ))
}

/// Whatever it is called: names are rev's to choose.
fn has_files(folder: &Path) -> bool {
    match std::fs::read_dir(folder) {
        Ok(mut files) => files.next().is_some(),
        Err(error) => error.kind() != ErrorKind::NotFound,
    }
}

/// What these settings say of the model that is not so.
fn elsewhere(text: &[u8], model: &Model<'_>) -> Option<String> {
    let Ok(settings) = serde_json::from_slice::<Value>(text) else {
        return Some("cannot be read by Offdesk".into());
    };
    let set = |key: &str| settings.get(key).filter(|value| !value.is_null() && *value != "");
    if let Some(base) = set("base_url")
        && base.as_str().map(bare) != Some(bare(model.base))
    {
        return Some(format!("names another place for the model, {base}"));
    }
    let name = set("model").filter(|name| model.name.is_some_and(|chosen| name.as_str() != Some(chosen)));
    name.map(|name| format!("names another model than the one you chose, {name}"))
}

fn bare(base: &str) -> &str {
    base.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Model<'_> = Model { base: "http://localhost:11434", name: None };

    #[test]
    fn settings_may_say_what_is_so_and_nothing_else() {
        let chosen = Model { name: Some("small"), ..HERE };
        for (text, model, fine) in [
            ("{}", &chosen, true),
            (r#"{"base_url":"http://localhost:11434/","model":"big","private_mode":true}"#, &HERE, true),
            (r#"{"base_url":"http://localhost:11434","model":"small"}"#, &chosen, true),
            (r#"{"base_url":null,"model":""}"#, &chosen, true),
            (r#"{"base_url":"http://localhost:11434","model":"big"}"#, &chosen, false),
            (r#"{"base_url":"http://localhost:11434.evil.example"}"#, &HERE, false),
            (r#"{"base_url":["http://localhost:11434"]}"#, &HERE, false),
            // Python's reader takes what ours does not.
            (r#"{"base_url":"http://evil.example","x":NaN}"#, &HERE, false),
        ] {
            assert_eq!(elsewhere(text.as_bytes(), model).is_none(), fine, "{text}");
        }
    }

    #[test]
    fn a_folder_with_pickles_is_refused_and_an_empty_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(refuses(dir.path(), &HERE), None);
        std::fs::create_dir(dir.path().join(CACHE)).unwrap();
        assert_eq!(refuses(dir.path(), &HERE), None);
        std::fs::write(dir.path().join(CACHE).join("llm_cache.pkl"), "").unwrap();
        assert!(refuses(dir.path(), &HERE).unwrap().contains("as soon as it starts"));
    }
}
