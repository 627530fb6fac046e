//! What the real programs keep (and, for editors' extensions and Zed, what their sources say), as it is listed and read.

use crate::home::*;

const PROMPT: &str = "Please list the files, then say what the shop needs. [[bash cmd=\"ls\"]]";

#[test]
fn all_agents_are_listed_once_with_what_they_say_of_themselves() {
    let home = Home::with_samples();
    let all = home.history().list();
    let mut rows: Vec<String> = all
        .iter()
        .map(|kept| {
            format!(
                "{} {} | {} | {} | {} | {}",
                kept.agent,
                kept.id,
                kept.title,
                kept.dir.as_deref().unwrap_or("-"),
                kept.messages.map_or("-".into(), |count| count.to_string()),
                kept.model.as_deref().unwrap_or("-"),
            )
        })
        .collect();
    rows.sort();
    let expected = [
        "claude 61eda8fd-8ed1-4a46-af02-eff36d96f685 | PROMPT | /home/ada/shop | 7 | claude-opus-5-5",
        "claude ea47badb-becd-4bd6-8701-e202158b5dc7 | PROMPT | /home/ada/shop | 8 | claude-opus-5-5",
        "cline 1790000000000 | Make the till add up | /home/ada/shop | 5 | claude-sonnet-5",
        "codex 01a1fe77-bbee-7293-81af-428e5ccf8a22 | PROMPT | /home/ada/shop | 5 | gpt-5.5",
        "gemini 17b447ce-6e37-464f-8f9c-bd09989343c5 | PROMPT | /home/ada/shop | 3 | gemini-2.5-pro",
        "gemini 2979d086-b6d4-441a-8808-52426d625e28 | Another chat [[hello]] | /home/ada/shop | 2 | gemini-2.5-pro",
        "kilo 3d3b0a86-7b4b-4f50-8a4c-64a9a9f3c002 | Make the till add up, said to Kilo | /home/ada/shop | 5 | -",
        "opencode ses_e018762b3ffe0yfYKggc5Tdf73 | Scripted side answer | /home/ada/shop | 4 | qwen3-coder",
        "opencode ses_e01881da0ffeNJcqmGb9NPqdj5 | Scripted side answer | /home/ada/shop | 2 | qwen3-coder",
        "qwen 1c687d1f-9dc0-4f73-bf79-0e889f4cf6fe | PROMPT | /home/ada/shop | 3 | qwen3-coder",
        "roo 6f6d0bb0-6a11-4c3e-9f0c-0a2f3f5f9a01 | Make the till add up, said to Roo | /home/ada/shop | 5 | -",
        "zed z-new | Till that adds up | /home/ada/shop | - | -",
        "zed z-old | An older till | - | - | -",
    ];
    assert_eq!(rows, expected.map(|row| row.replace("PROMPT", PROMPT)), "{rows:#?}");
    assert!(all.is_sorted_by(|a, b| a.updated_at >= b.updated_at), "newest first");
    let begun = one(&all, "claude", "ea47badb-becd-4bd6-8701-e202158b5dc7");
    assert_eq!(begun.started_at.unwrap().to_string(), "2026-11-21T14:16:59.422Z");
    let place = |agent: &str| all.iter().find(|kept| kept.agent == agent).unwrap().place.clone().unwrap();
    assert_eq!((place("cline"), place("roo")), ("VS Code".into(), "Cursor".into()));
    assert!(one(&all, "opencode", "ses_e018762b3ffe0yfYKggc5Tdf73").words.contains("And then?"));
}

#[test]
fn a_claude_conversation_is_read_with_its_compaction_and_without_what_only_the_program_says() {
    let home = Home::with_samples();
    let history = home.history();
    let kept = history.find("claude", "ea47badb-becd-4bd6-8701-e202158b5dc7").unwrap();
    let told = told(&history, &kept);
    let starts = |start: &str| {
        told.iter().position(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}: {told:#?}"))
    };
    let order = [
        format!("> {PROMPT}"),
        "< I will run a command.".into(),
        "Bash(ls) Some(Ok) (Bash completed with no output)".into(),
        "< Done (bash).".into(),
        "> And a second question".into(),
        "~ Let me think about this".into(),
        "< I thought.".into(),
        "! Conversation compacted".into(),
        "! This session is being continued".into(),
        "> /compact".into(),
        "! Compacted".into(),
        "> After compacting, go on".into(),
        "< Hello from the scripted model. You said: After".into(),
    ];
    assert_eq!(
        order.iter().map(|start| starts(start)).collect::<Vec<_>>(),
        (0..told.len()).collect::<Vec<_>>(),
        "{told:#?}"
    );
}

#[test]
fn each_agents_tools_and_thoughts_are_read() {
    let home = Home::with_samples();
    let history = home.history();
    let all = history.list();
    for (agent, id, lines) in [
        (
            "codex",
            "01a1fe77-bbee-7293-81af-428e5ccf8a22",
            &[
                "> Please list the files",
                "< I will run a command.",
                "exec_command(ls) Some(Ok) Chunk ID",
                "< Done (bash).",
                "> And a second question",
                "< Hello from",
            ] as &[&str],
        ),
        (
            "gemini",
            "17b447ce-6e37-464f-8f9c-bd09989343c5",
            &[
                "> Please list",
                "< I will run a command.",
                "run_shell_command(ls) Some(Ok) <untrusted_context>",
                "< Done (bash).",
            ],
        ),
        (
            "qwen",
            "1c687d1f-9dc0-4f73-bf79-0e889f4cf6fe",
            &[
                "> Please list",
                "< I will run a command.",
                "run_shell_command(ls) Some(Ok) Command: ls",
                "< Done (bash).",
            ],
        ),
        (
            "opencode",
            "ses_e018762b3ffe0yfYKggc5Tdf73",
            &[
                "> Please list",
                "< [scripted model]",
                "> And then? [[think]]",
                "~ Let me think",
                "< I thought.",
            ],
        ),
        (
            "cline",
            "1790000000000",
            &[
                "> Make the till add up",
                "~ The till needs a total.",
                "< I will look at the till.",
                "readFile(till.py) None",
                "command(python till.py) None",
                "! 3 apples",
                "< Round up?",
                "> No, keep the cents.",
                "< The till adds up.",
            ],
        ),
        (
            "zed",
            "z-new",
            &[
                "> Make the till add up, said to Zed\n@",
                "~ It needs a total.",
                "< I will look.",
                "read_file(shop/till.py) Some(Ok) print(3)",
            ],
        ),
        (
            "zed",
            "z-old",
            &["> Count the apples", "~ Apples.", "< Counting.", "terminal(ls) Some(Failed) no such folder"],
        ),
    ] {
        let told = told(&history, one(&all, agent, id));
        assert_eq!(told.len(), lines.len(), "{agent}: {told:#?}");
        for (line, start) in told.iter().zip(lines) {
            assert!(line.starts_with(start), "{agent}: {line:?} is not {start:?}");
        }
    }
}

#[test]
fn pages_meet_without_a_gap_and_stay_where_they_are_while_the_conversation_grows() {
    let home = Home::with_samples();
    let history = home.history();
    let kept = history.find("claude", "ea47badb-becd-4bd6-8701-e202158b5dc7").unwrap();
    let whole = history.read(&kept, None, 1000).unwrap();
    assert_eq!(whole.earlier, None);
    let (mut pages, mut before) = (Vec::new(), None);
    let more = claude_line("user", "99999999-0000-4000-8000-000000000000", None, "and more");
    loop {
        let page = history.read(&kept, before, 3).unwrap();
        pages.splice(0..0, page.items);
        before = page.earlier;
        // It goes on while somebody reads.
        let mut text = std::fs::read_to_string(&kept.path).unwrap();
        text.push_str(&more);
        std::fs::write(&kept.path, text).unwrap();
        if before.is_none() {
            break;
        }
    }
    assert_eq!(pages, whole.items);
}

#[test]
fn what_was_read_is_remembered_and_what_changed_is_read_again() {
    let home = Home::with_samples();
    let first = home.history().list();
    let file =
        home.path().join(".qwen/projects/-home-ada-shop/chats/1c687d1f-9dc0-4f73-bf79-0e889f4cf6fe.jsonl");
    // Of the same size and time it is not opened again, which a memory made to lie shows.
    let lied = std::fs::read_to_string(home.cache()).unwrap().replace("Another chat", "Anybody's chat");
    std::fs::write(home.cache(), lied).unwrap();
    let history = home.history();
    assert!(history.list().iter().any(|kept| kept.title.starts_with("Anybody's chat")));

    std::fs::write(&file, claude_like_qwen("A new beginning")).unwrap();
    assert!(history.list().iter().any(|kept| kept.title == "A new beginning"));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(history.list().len(), first.len() - 1);
    std::fs::write(home.cache(), "no JSON at all").unwrap();
    assert_eq!(home.history().list().len(), first.len() - 1, "a memory that cannot be read is made again");
}

fn claude_like_qwen(text: &str) -> String {
    let record = serde_json::json!({
        "uuid": "u", "type": "user", "timestamp": "2026-11-21T15:00:00Z", "cwd": "/home/ada/shop",
        "message": { "role": "user", "parts": [{ "text": text }] },
    });
    format!("{record}\n")
}
