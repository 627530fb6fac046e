//! Whether what a rule allows by its letters is allowed on the disk, too: a link may lead a path elsewhere.

use offdesk_protocol::{ApprovalRequest, Pattern, Rule, RuleEffect, absolute, steers};
use std::path::{Path, PathBuf};

/// Whether all that the request changes is really in the place the rule is about, links followed. What a rule denies
/// needs no such proof.
pub(crate) fn inside(rule: &Rule, workspace: &Path, request: &ApprovalRequest) -> bool {
    let dir = workspace.display().to_string();
    let Some(place) = rule.pattern.place(&dir).filter(|_| rule.effect == RuleEffect::Allow) else {
        return true;
    };
    let Some(real_place) = real(&place) else { return false };
    let whole = matches!(rule.pattern, Pattern::File { .. });
    request.diffs.iter().all(|diff| {
        let Some(real) = absolute(&dir, &diff.path).and_then(|path| real(&path)) else { return false };
        match real.strip_prefix(&real_place) {
            Ok(rest) if whole => rest.as_os_str().is_empty() && real_place == place_itself(&place),
            Ok(rest) => !steers(rest),
            Err(_) => false,
        }
    })
}

/// The path with the links of its folders followed, and not its own: a rule about a file is about no other one.
fn place_itself(path: &Path) -> PathBuf {
    match (path.parent().and_then(real), path.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => path.to_path_buf(),
    }
}

/// Where the path leads when its links are followed; what is not there yet leads where its nearest folder does.
fn real(path: &Path) -> Option<PathBuf> {
    let mut missing = Vec::new();
    let mut present = path;
    loop {
        match dunce::canonicalize(present) {
            Ok(real) => return Some(missing.iter().rev().fold(real, |path, name| path.join(name))),
            // A link that leads nowhere leads, once somebody writes, to where it points.
            Err(_) if present.symlink_metadata().is_ok() => return None,
            Err(_) => {
                missing.push(present.file_name()?);
                present = present.parent()?;
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use offdesk_protocol::{
        Actor, ApprovalId, ApprovalKind, AttemptId, FileDiff, RuleId, RuleScope, RunId, Timestamp,
    };
    use std::os::unix::fs::symlink;

    fn rule(pattern: Pattern) -> Rule {
        Rule {
            id: RuleId::new(),
            text: pattern.to_string(),
            pattern,
            scope: RuleScope::Always,
            effect: RuleEffect::Allow,
            say: None,
            made_at: Timestamp::UNIX_EPOCH,
            made_by: Actor::Gateway,
            approval: ApprovalId::new(),
            run: RunId::new(),
            revoked_at: None,
            revoked_by: None,
            used: 0,
            used_at: None,
        }
    }

    fn edit(path: &str) -> ApprovalRequest {
        ApprovalRequest {
            id: ApprovalId::new(),
            run: RunId::new(),
            attempt: AttemptId::new(),
            kind: ApprovalKind::Edit,
            tool: "Edit".into(),
            title: String::new(),
            text: path.into(),
            diffs: vec![FileDiff {
                path: path.into(),
                unified: String::new(),
                base_hash: None,
                created: false,
            }],
            input: serde_json::Value::Null,
            reason: None,
            questions: Vec::new(),
            sub_agent: None,
            web_page: None,
            hash: String::new(),
        }
    }

    #[test]
    fn a_link_does_not_lead_a_rule_out_of_its_place() {
        let home = tempfile::tempdir().unwrap();
        let home = dunce::canonicalize(home.path()).unwrap();
        let shop = home.join("shop");
        std::fs::create_dir_all(shop.join("src")).unwrap();
        std::fs::create_dir_all(shop.join(".git")).unwrap();
        std::fs::write(home.join("secret"), "").unwrap();
        symlink(&home, shop.join("up")).unwrap();
        symlink(home.join("secret"), shop.join("file")).unwrap();
        symlink(home.join("not-there-yet"), shop.join("dangling")).unwrap();
        symlink(shop.join(".git"), shop.join("g")).unwrap();
        symlink(shop.join("src"), shop.join("same")).unwrap();
        // The workspace itself may be reached by a link.
        symlink(&shop, home.join("alias")).unwrap();

        let covers = |pattern: Pattern, dir: &Path, path: &str| inside(&rule(pattern), dir, &edit(path));
        for dir in [&shop, &home.join("alias")] {
            for path in ["src/a.rs", "src/new/deep/b.rs", "same/a.rs"] {
                assert!(covers(Pattern::Workspace, dir, path), "{path}");
            }
            for path in ["up/secret", "file", "dangling", "g/config", "up/shop/../x"] {
                assert!(!covers(Pattern::Workspace, dir, path), "{path}");
            }
        }
        let file = |name: &str| Pattern::File { path: shop.join(name).display().to_string() };
        assert!(covers(file("src/a.rs"), &shop, "src/a.rs"));
        assert!(!covers(file("file"), &shop, "file"), "what is at the file's place now is another file");
    }
}
