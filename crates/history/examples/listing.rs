//! How long listing takes: `cargo run --release -p offdesk-history --example listing [SESSIONS [KIB]]` makes that many
//! conversations of that size in a temporary home folder and lists them, first without a memory, then with one.

use offdesk_history::{History, Places};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Instant;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1).filter_map(|arg| arg.parse::<usize>().ok());
    let (sessions, kib) = (args.next().unwrap_or(5_000), args.next().unwrap_or(150));
    let home = tempfile::tempdir()?;
    let said = "word ".repeat(300);
    for session in 0..sessions {
        let folder = home.path().join(format!(".claude/projects/-home-ada-project-{}", session % 40));
        std::fs::create_dir_all(&folder)?;
        let id = format!("{session:08}-0000-4000-8000-000000000000");
        let file = std::fs::File::create(folder.join(format!("{id}.jsonl")))?;
        let mut file = std::io::BufWriter::new(file);
        for line in 0..kib * 1024 / 1800 {
            let kind = if line % 2 == 0 { "user" } else { "assistant" };
            writeln!(
                file,
                r#"{{"type":"{kind}","uuid":"{session}-{line}","sessionId":"{id}","cwd":"/home/ada/project-{}","timestamp":"2026-11-21T10:00:00Z","message":{{"role":"{kind}","content":"{line} {said}"}}}}"#,
                session % 40
            )?;
        }
    }
    let vars = BTreeMap::from([("HOME".to_string(), home.path().as_os_str().to_os_string())]);
    let cache = home.path().join("history.json");
    let history = History::new(Places::new(vars.clone()), cache.clone());
    let timed = |what: &str, history: &History| {
        let began = Instant::now();
        let count = history.list().len();
        println!("{what}: {count} conversations in {:?}", began.elapsed());
    };
    timed("read for the first time", &history);
    timed("asked again", &history);
    let began = Instant::now();
    let next = History::new(Places::new(vars), cache.clone());
    println!("the memory of {} KiB is read in {:?}", cache.metadata()?.len() / 1024, began.elapsed());
    timed("after a restart", &next);
    let began = Instant::now();
    let alive = next.alive().is_some();
    println!("looking at all processes (seen: {alive}) in {:?}", began.elapsed());
    Ok(())
}
