//! What we add between a prompt and the first piece of its answer, and what a run costs while nothing happens: real
//! agents, a scripted model.

use crate::bare::Bare;
use crate::desk::{Desk, Weight, below, cpu_whole_ms, parent, weigh};
use crate::measure::Times;
use anyhow::{Context, Result, bail};
use offdesk_client::{Live, LiveMessage};
use offdesk_protocol::*;
use offdesk_scripted_model::ScriptedModel;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Prompts to each, in turns.
const PROMPTS: usize = 10;
/// The first ones, for which programs read what they need.
const WARMING: usize = 1;
/// After an answer a program still tidies up; what comes later is what it costs all day.
const SETTLING: Duration = Duration::from_secs(30);
const IDLE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(90);

/// The model's service, on a thread of its own.
fn model() -> Result<String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).ok()?;
            ScriptedModel::start(listener).serve().await;
            Some(())
        })
    });
    Ok(url)
}

/// Variables that bring agents to that model and nowhere else; and Codex's settings.
fn prepare(home: &Path, url: &str) -> Result<Vec<(String, String)>> {
    let folder = home.join(".codex");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(
        folder.join("config.toml"),
        format!(
            "model = \"gpt-5.5\"\nmodel_provider = \"scripted\"\ncheck_for_update_on_startup = false\n\
             [analytics]\nenabled = false\n[model_providers.scripted]\nname = \"Scripted\"\n\
             base_url = \"{url}/v1\"\nwire_api = \"responses\"\nenv_key = \"SCRIPTED_API_KEY\"\n"
        ),
    )?;
    let own = home.display().to_string();
    let env = [
        // Nothing of whoever measures is read or changed.
        ("HOME", own.as_str()),
        ("ANTHROPIC_BASE_URL", url),
        ("ANTHROPIC_API_KEY", "sk-ant-scripted-0123456789abcdef"),
        ("SCRIPTED_API_KEY", "sk-scripted-0123456789"),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ("DISABLE_AUTOUPDATER", "1"),
        ("DISABLE_TELEMETRY", "1"),
        ("DISABLE_ERROR_REPORTING", "1"),
        ("OFFDESK_KEYS", "file"),
    ];
    Ok(env.map(|(name, value)| (name.to_string(), value.to_string())).to_vec())
}

/// A folder, with a repository in it or without.
fn workspace(home: &Path, name: &str, repository: bool) -> Result<std::path::PathBuf> {
    let dir = home.join(name);
    std::fs::create_dir_all(&dir)?;
    if repository {
        for file in 0..1000 {
            std::fs::write(dir.join(format!("file-{file}.txt")), format!("{file}\n").repeat(100))?;
        }
        for args in [
            &["init", "-q"][..],
            &["add", "."],
            &["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-qm", "First"],
        ] {
            let done = std::process::Command::new("git").args(args).current_dir(&dir).status()?;
            anyhow::ensure!(done.success(), "git {args:?}");
        }
    }
    Ok(dir.canonicalize()?)
}

async fn next(live: &mut Live) -> Result<Option<ToViewer>> {
    match tokio::time::timeout(PATIENCE, live.next()).await?? {
        Some(LiveMessage::Message(message)) => Ok(Some(*message)),
        Some(LiveMessage::Output { .. }) => Ok(None),
        None => bail!("the connection ended"),
    }
}

/// From a prompt given to the gateway until a viewer has the first piece of the answer; waits for the run's rest.
async fn turn(desk: &Desk, live: &mut Live, run: RunId, text: &str) -> Result<Duration> {
    let start = Instant::now();
    desk.client.prompt(run, &SendPrompt::now(text)).await?;
    let mut first = None;
    loop {
        match next(live).await? {
            Some(ToViewer::Delta { run: of, role: Role::Agent, .. }) if of == run => {
                first.get_or_insert_with(|| start.elapsed());
            }
            Some(ToViewer::Run { run: view }) if view.id == run && view.state.is_over() => {
                bail!("the run is {}: {}", view.state, view.line)
            }
            Some(ToViewer::Run { run: view }) if view.id == run && view.state == RunState::Idle => {
                if let Some(first) = first {
                    return Ok(first);
                }
            }
            _ => {}
        }
    }
}

async fn begin(desk: &Desk, live: &mut Live, agent: &str, dir: &Path) -> Result<RunView> {
    let start = StartRun {
        prompt: Some("Say hello.".into()),
        label: Some("bench".into()),
        ..StartRun::of(agent, dir.display().to_string())
    };
    let id = desk.client.start(&start).await?.id;
    loop {
        if let Some(ToViewer::Run { run }) = next(live).await?
            && run.id == id
        {
            match run.state {
                RunState::Idle => return Ok(run),
                state if state.is_over() => bail!("{agent} is {state}: {}", run.line),
                _ => {}
            }
        }
    }
}

fn weights(name: &str, weight: &Weight) -> (String, Value) {
    (name.into(), json!({ "RSS MB": weight.rss, "PSS MB": weight.pss, "processes": weight.processes }))
}

/// For each agent: first tokens, and what an idle run weighs.
pub async fn measure() -> Result<Value> {
    let home = tempfile::tempdir()?;
    let url = model()?;
    let env = prepare(home.path(), &url)?;
    let plain = workspace(home.path(), "plain", false)?;
    let repository = workspace(home.path(), "repository", true)?;
    let place = home.path().to_path_buf();
    let desk = Desk::with(home, &env, &[]).await?;
    let mut report = Map::new();
    for agent in ["claude", "codex"] {
        if std::env::var_os(format!("OFFDESK_{}", agent.to_uppercase())).is_none() {
            report.insert(agent.into(), json!("its variable names no program, so it was not measured"));
            continue;
        }
        let mut live = desk.client.live(None).await?;
        let gateway = desk.gateway.id();
        let alone = weigh(&[gateway])?;
        let run = begin(&desk, &mut live, agent, &plain).await?;
        let in_repository = begin(&desk, &mut live, agent, &repository).await?;
        let mut bare = Bare::start(agent, &plain, &place, &env)?;
        eprintln!("  {agent} runs, once bare and twice through Offdesk.");
        let (mut ours, mut kept, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..PROMPTS + WARMING {
            let text = format!("Say {number}.");
            let one = turn(&desk, &mut live, run.id, &text).await?;
            let other = tokio::task::block_in_place(|| bare.turn(&text))?;
            let third = turn(&desk, &mut live, in_repository.id, &text).await?;
            if number >= WARMING {
                ours.push(one);
                theirs.push(other);
                kept.push(third);
            }
        }
        let (ours, theirs, kept) = (Times::of(ours), Times::of(theirs), Times::of(kept));
        let agent_pid = run.pid.context("no pid")?;
        let supervisor = parent(agent_pid)?;
        let tree_of = |pid: u32| Ok::<_, anyhow::Error>([below(pid)?, vec![pid]].concat());
        let tree = tree_of(agent_pid)?;
        let pids = [vec![gateway, supervisor], tree.clone(), tree_of(bare.child.id())?];
        tokio::time::sleep(SETTLING).await;
        let before: Vec<f64> = pids.iter().map(|pids| cpu_whole_ms(pids)).collect();
        tokio::time::sleep(IDLE).await;
        let spent: Vec<f64> =
            pids.iter().zip(before).map(|(pids, before)| cpu_whole_ms(pids) - before).collect();
        let figures = json!({
            "prompt to first token": {
                "bare p50 ms": theirs.p50, "bare p95 ms": theirs.p95,
                "through Offdesk p50 ms": ours.p50, "through Offdesk p95 ms": ours.p95,
                "added p50 ms": ours.p50 - theirs.p50, "ratio p50": ours.p50 / theirs.p50,
                "in a repository of 1,000 files p50 ms": kept.p50, "its ratio p50": kept.p50 / theirs.p50,
                "prompts to each, in turns": PROMPTS,
            },
            "an idle run": Value::Object([
                weights("its supervisor", &weigh(&[supervisor])?),
                weights("the agent and its children", &weigh(&tree)?),
                weights("the gateway before", &alone),
                weights("the gateway with two runs", &weigh(&[gateway])?),
                ("CPU ms in 5 s, gateway and supervisor".into(), spent[0].into()),
                ("CPU ms in 5 s, the agent".into(), spent[1].into()),
                ("CPU ms in 5 s, the bare agent".into(), spent[2].into()),
            ].into_iter().collect()),
        });
        report.insert(agent.into(), figures);
        drop(bare);
        desk.stop(run.id).await?;
        desk.stop(in_repository.id).await?;
    }
    Ok(Value::Object(report))
}
