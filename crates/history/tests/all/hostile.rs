//! Files that are half written, of another version, or made to hurt.

use crate::home::*;

const PROJECT: &str = ".claude/projects/-home-ada-shop";

#[test]
fn what_cannot_be_read_is_shown_as_it_stands_and_spoils_nothing_else() {
    let home = Home::empty();
    let good = claude_line("user", "u1", None, "Hello");
    let half = r#"{"type":"assistant","message":{"role":"assis"#;
    home.write(&format!("{PROJECT}/half.jsonl"), format!("{good}not json\n{half}"));
    home.write(
        &format!("{PROJECT}/newer.jsonl"),
        "{\"type\":\"turn\",\"v\":9,\"says\":\"hi\"}\n{\"type\":\"turn\",\"v\":9}\n",
    );
    home.write(&format!("{PROJECT}/empty.jsonl"), "");
    home.write(&format!("{PROJECT}/opened-and-left.jsonl"), "\n\n");
    home.write(&format!("{PROJECT}/bytes.jsonl"), [0xff, 0xfe, 0x00, b'\n', 0x80]);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    home.write(&format!("{PROJECT}/deep.jsonl"), format!("{}{deep}\n", good.replace("u1", "u2")));
    home.write(".local/share/zed/threads/threads.db", "no database");
    home.write(".local/share/opencode/opencode.db", vec![0; 4096]);
    home.write(".config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1/ui_messages.json", "[{");

    let history = home.history();
    let all = history.list();
    let mut ids: Vec<&str> = all.iter().map(|kept| kept.id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["bytes", "deep", "half", "newer"]);
    let half_told = told(&history, one(&all, "claude", "half"));
    assert_eq!(half_told, ["> Hello".to_string(), "? not json".into(), format!("? {half}")]);
    assert_eq!(
        told(&history, one(&all, "claude", "newer")),
        ["? {\"type\":\"turn\",\"v\":9,\"says\":\"hi\"}", "? {\"type\":\"turn\",\"v\":9}"],
        "a version nobody here knows is shown as it is written"
    );
    let deep = history.read(one(&all, "claude", "deep"), None, 10).unwrap().items;
    assert_eq!((deep.len(), deep[1].truncated), (2, 200_000 - 4096));
}

#[test]
fn titles_cannot_spoof_and_long_texts_are_cut_and_counted() {
    let home = Home::empty();
    let text = format!("pay\u{202e}\u{1b}[31m\n{}", "x".repeat(100_000));
    home.write(&format!("{PROJECT}/a.jsonl"), claude_line("user", "u1", None, &text));
    let history = home.history();
    let kept = history.list().remove(0);
    assert!(
        kept.title.starts_with("pay⟨U+202E⟩⟨U+001B⟩[31m xxx") && kept.title.chars().count() == 120,
        "{}",
        kept.title
    );
    let item = history.read(&kept, None, 10).unwrap().items.remove(0);
    assert_eq!(item.truncated as usize + 48 * 1024, text.len());
}

#[cfg(unix)]
#[test]
fn links_and_pipes_lead_nowhere() {
    use std::os::unix::fs::symlink;
    let home = Home::empty();
    let secret = home.write("elsewhere/secret.jsonl", claude_line("user", "u1", None, "Elsewhere"));
    home.write(&format!("{PROJECT}/own.jsonl"), claude_line("user", "u2", None, "Own"));
    symlink(&secret, home.path().join(PROJECT).join("link.jsonl")).unwrap();
    symlink(home.path().join("elsewhere"), home.path().join(".claude/projects/linked")).unwrap();
    let pipe = home.path().join(PROJECT).join("pipe.jsonl");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let titles: Vec<String> = home.history().list().into_iter().map(|kept| kept.title.clone()).collect();
    assert_eq!(titles, ["Own"]);

    // A person may keep the agent's whole folder elsewhere, though.
    let other = Home::empty();
    symlink(home.path().join(".claude"), other.path().join(".claude")).unwrap();
    assert_eq!(other.history().list().len(), 1);
}

#[test]
fn reading_a_database_leaves_nothing_beside_it() {
    let home = Home::with_samples();
    let history = home.history();
    let all = history.list();
    for (agent, id) in [("opencode", "ses_e018762b3ffe0yfYKggc5Tdf73"), ("zed", "z-new")] {
        assert!(!told(&history, one(&all, agent, id)).is_empty());
    }
    let names = |folder: &str| -> Vec<String> {
        let entries = std::fs::read_dir(home.path().join(folder)).unwrap().flatten();
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names(".local/share/opencode"), ["opencode.db"]);
    assert_eq!(names(".local/share/zed/threads"), ["threads.db"]);
}

#[test]
fn what_a_program_at_work_wrote_a_moment_ago_is_seen() {
    let home = Home::with_samples();
    let path = home.path().join(".local/share/opencode/opencode.db");
    let at_work = rusqlite::Connection::open(&path).unwrap();
    at_work.pragma_update(None, "journal_mode", "wal").unwrap();
    at_work.execute("UPDATE session SET title = 'Renamed just now'", []).unwrap();
    assert!(home.history().list().iter().any(|kept| kept.title == "Renamed just now"));
}

#[test]
fn sub_agents_are_no_conversations_of_a_persons() {
    let home = Home::empty();
    home.write(&format!("{PROJECT}/main.jsonl"), claude_line("user", "u1", None, "Main"));
    home.write(&format!("{PROJECT}/agent-0f.jsonl"), claude_line("user", "u2", None, "Warmup"));
    home.write(&format!("{PROJECT}/main/subagents/agent-1.jsonl"), claude_line("user", "u3", None, "Below"));
    let aside =
        claude_line("user", "u4", None, "Aside").replace("\"isSidechain\":false", "\"isSidechain\":true");
    home.write(&format!("{PROJECT}/aside.jsonl"), aside);
    let meta = r#"{"timestamp":"2026-11-21T10:00:00Z","type":"session_meta","payload":{"id":"s","cwd":"/x","source":{"subagent":"review"}}}"#;
    let said = r#"{"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"Review"}]}}"#;
    home.write(".codex/sessions/2026/11/21/rollout-2026-11-21T10-00-00-s.jsonl", format!("{meta}\n{said}\n"));
    let titles: Vec<String> = home.history().list().into_iter().map(|kept| kept.title.clone()).collect();
    assert_eq!(titles, ["Main"]);
}

#[test]
fn a_conversation_of_several_files_is_one() {
    let home = Home::empty();
    let (a, b) =
        (claude_line("user", "u1", None, "First"), claude_line("assistant", "u2", Some("u1"), "Said"));
    let file = |name: &str, text: &str| home.write(&format!("{PROJECT}/{name}.jsonl"), text);
    let at = |line: &str, hour: &str| line.replace("T10:", &format!("T{hour}:"));
    // As older versions resumed: a copy that went on.
    file("old", &format!("{a}{b}"));
    let went_on = at(&claude_line("user", "u3", Some("u2"), "Copied on"), "11");
    file("copy", &format!("{a}{b}{went_on}"));
    // A fork after which both went on.
    let own = at(&claude_line("user", "u9", Some("u2"), "Forked"), "12");
    file("fork", &format!("{a}{b}{own}"));
    // As older versions compacted: a new file that goes on from the last of another.
    let after = at(&claude_line("user", "u4", None, "After"), "13");
    let after = after.replace("\"parentUuid\":null", "\"parentUuid\":null,\"logicalParentUuid\":\"u3\"");
    file("compacted", &after);

    let history = home.history();
    let all = history.list();
    let ids: Vec<&str> = all.iter().map(|kept| kept.id.as_str()).collect();
    assert_eq!(ids, ["compacted", "fork"]);
    assert_eq!(told(&history, &all[0]), ["> First", "< Said", "> Copied on", "> After"]);
    assert_eq!((all[0].title.as_str(), all[0].messages), ("First", Some(4)));
    let last = history.read(&all[0], None, 2).unwrap();
    let before = history.read(&all[0], last.earlier, 2).unwrap();
    assert_eq!(before.items.iter().map(line).collect::<Vec<_>>(), ["> First", "< Said"]);
    assert_eq!(before.earlier, None);
}

#[test]
fn a_conversation_larger_than_a_page_may_read_is_read_to_its_beginning() {
    let home = Home::empty();
    let words = "w".repeat(40_000);
    let text: String = (0..1000)
        .map(|index| claude_line("user", &format!("u{index}"), None, &format!("{index} {words}")))
        .collect();
    home.write(&format!("{PROJECT}/large.jsonl"), &text);
    let history = home.history();
    let kept = history.list().remove(0);
    assert_eq!((kept.messages, kept.title.starts_with("0 www")), (None, true));
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let page = history.read(&kept, before, 400).unwrap();
        let numbers = page
            .items
            .iter()
            .map(|item| line(item)[2..].split(' ').next().unwrap().parse::<usize>().unwrap());
        seen.splice(0..0, numbers);
        before = page.earlier;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..1000).collect::<Vec<_>>());
}

#[test]
fn a_title_in_the_middle_is_found_and_a_long_conversation_is_paged_without_gaps() {
    let home = Home::empty();
    let words = "word ".repeat(400);
    let mut text = String::new();
    for number in 0..2000 {
        let kind = if number % 2 == 0 { "user" } else { "assistant" };
        text.push_str(&claude_line(kind, &format!("u{number}"), None, &format!("{number} {words}")));
        if number == 50 {
            text.push_str(
                "{\"type\":\"custom-title\",\"customTitle\":\"Named on the way\",\"sessionId\":\"long\"}\n",
            );
        }
    }
    let short: String = text.lines().take(150).map(|line| format!("{line}\n")).collect();
    home.write(&format!("{PROJECT}/short.jsonl"), short.replace("\"uuid\":\"u", "\"uuid\":\"s"));
    // It goes on in a second file, whose first thing follows the last of the first.
    home.write(&format!("{PROJECT}/long.jsonl"), &text);
    let next = claude_line("user", "v0", Some("u1999"), "and then");
    home.write(&format!("{PROJECT}/next.jsonl"), next.replace("10:00:00", "11:00:00"));
    let history = home.history();
    let all = history.list();
    assert_eq!(one(&all, "claude", "short").title, "Named on the way");
    assert_eq!(one(&all, "claude", "short").messages, None, "what lies between was passed over");
    let kept = one(&all, "claude", "next");
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let piece = history.read(kept, before, 300).unwrap();
        let texts = piece.items.iter().map(|item| line(item)[2..].split(' ').next().unwrap().to_string());
        seen.splice(0..0, texts);
        match piece.earlier {
            Some(earlier) => before = Some(earlier),
            None => break,
        }
    }
    let wanted: Vec<String> = (0..2000).map(|number| number.to_string()).chain(["and".into()]).collect();
    assert_eq!(seen, wanted);
}
