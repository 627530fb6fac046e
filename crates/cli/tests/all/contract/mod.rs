//! One contract for every driver: what a person can do with an agent, each cell proved by the real program, or refused by
//! it in words that are kept. Nothing is skipped: a cell that is neither fails.

mod agents;
mod beside;
mod cells;
mod in_terminal;
mod loops;
mod proved;
mod shells;

use agents::{Agent, Contract, Family};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use proved::Record;
use std::panic::AssertUnwindSafe;

/// What is tried with an agent, and its name.
type Cell = (&'static str, for<'a> fn(&'a mut Contract, &'a mut Record) -> LocalBoxFuture<'a, ()>);

/// Names a cell by its own name.
macro_rules! cell {
    ($part:ident :: $name:ident) => {
        (stringify!($name), |desk, record| $part::$name(desk, record).boxed_local())
    };
}

/// In this order they share one conversation: what changes how the agent works comes late, and what ends it last.
const TOLD: [Cell; 17] = [
    cell!(cells::approves_once),
    cell!(cells::shows_a_whole_diff),
    cell!(cells::hears_a_denial),
    cell!(cells::is_denied_and_stops),
    cell!(cells::takes_another_input),
    cell!(cells::goes_by_a_rule),
    cell!(cells::asks_questions),
    cell!(beside::sees_pictures),
    cell!(cells::asks_for_two_things),
    cell!(cells::hears_words_during_a_turn),
    cell!(cells::is_interrupted),
    cell!(cells::floods),
    cell!(cells::proposes_plans),
    cell!(beside::has_sub_agents),
    cell!(cells::crashes_and_goes_on_with_its_conversation),
    cell!(beside::passes_on_what_a_server_asks),
    cell!(cells::is_stopped_with_all_it_started),
];

const SHELL: [Cell; 8] = [
    cell!(shells::begins_and_runs_what_is_typed),
    cell!(shells::takes_no_files),
    cell!(shells::hears_words_while_it_runs),
    cell!(shells::is_interrupted),
    cell!(shells::is_answered_from_either_side),
    cell!(shells::floods),
    cell!(shells::crashes_and_begins_anew),
    cell!(shells::is_stopped_with_all_it_started),
];

const LOOP: [Cell; 8] = [
    cell!(loops::begins_and_works_on_its_own),
    cell!(shells::takes_no_files),
    cell!(loops::reads_words_when_it_is_done),
    cell!(loops::is_answered_from_either_side),
    cell!(loops::floods),
    cell!(loops::crashes_and_begins_anew),
    cell!(loops::is_not_interrupted_and_ends),
    cell!(loops::is_stopped_with_all_it_started),
];

/// How an agent begins that is led by its protocol.
const BY_PROTOCOL: [Cell; 2] = [cell!(cells::begins_and_streams), cell!(in_terminal::has_no_terminal)];

/// And one that has its own terminal.
const ON_ITS_SCREEN: [Cell; 2] =
    [cell!(in_terminal::begins_and_shows_what_it_says), cell!(in_terminal::is_answered_from_either_side)];

/// What is tried with an agent, in this order.
fn cells_of(agent: Agent) -> Vec<Cell> {
    match agent.family() {
        Family::Structured => [&BY_PROTOCOL[..], &TOLD].concat(),
        Family::OwnTerminal => [&ON_ITS_SCREEN[..], &TOLD].concat(),
        Family::Shell => SHELL.to_vec(),
        Family::Loop => LOOP.to_vec(),
    }
}

/// Every cell with one agent, on one desk. One that fails is named, and spoils none after it.
async fn keeps_the_contract(agent: Agent) {
    let mut desk = agent.desk().await;
    let mut record = Record::new(agent, &desk.desk).await;
    let mut broken = Vec::new();
    // While one is mended, it alone; the others count as skipped then, which fails.
    let only = std::env::var("OFFDESK_CELL").unwrap_or_default();
    for (name, cell) in cells_of(agent).into_iter().filter(|(name, _)| name.contains(&only)) {
        let tried = async {
            cell(&mut desk, &mut record).await;
            desk.settles().await;
        };
        if AssertUnwindSafe(tried).catch_unwind().await.is_err() {
            eprintln!("{agent:?}: {name} is broken, see above; what came of it:\n{}", desk.told().await);
            broken.push(name);
            desk.begins_anew().await;
        }
    }
    assert!(broken.is_empty(), "{agent:?} breaks the contract: {}", broken.join(", "));
    desk.desk.close().await;
    record.keep();
}

#[tokio::test]
async fn demo_keeps_the_contract() {
    keeps_the_contract(Agent::Demo).await;
}

#[tokio::test]
async fn claude_keeps_the_contract() {
    keeps_the_contract(Agent::Claude).await;
}

#[tokio::test]
async fn codex_keeps_the_contract() {
    keeps_the_contract(Agent::Codex).await;
}

#[tokio::test]
async fn gemini_keeps_the_contract() {
    keeps_the_contract(Agent::Gemini).await;
}

#[tokio::test]
async fn qwen_keeps_the_contract() {
    keeps_the_contract(Agent::Qwen).await;
}

#[tokio::test]
async fn ollama_keeps_the_contract() {
    keeps_the_contract(Agent::Ollama).await;
}

#[tokio::test]
async fn opencode_keeps_the_contract() {
    keeps_the_contract(Agent::Opencode).await;
}

#[tokio::test]
async fn claude_in_its_terminal_keeps_the_contract() {
    keeps_the_contract(Agent::ClaudeTerminal).await;
}

#[tokio::test]
async fn codex_in_its_terminal_keeps_the_contract() {
    keeps_the_contract(Agent::CodexTerminal).await;
}

#[tokio::test]
async fn a_hands_on_terminal_keeps_the_contract() {
    keeps_the_contract(Agent::HandsOn).await;
}

#[tokio::test]
async fn a_command_in_a_terminal_keeps_the_contract() {
    keeps_the_contract(Agent::Terminal).await;
}

#[tokio::test]
async fn rev_keeps_the_contract() {
    if !crate::rev::is_here() {
        return;
    }
    keeps_the_contract(Agent::Rev).await;
}

#[tokio::test]
async fn copilot_keeps_the_contract() {
    keeps_the_contract(Agent::Copilot).await;
}

#[tokio::test]
async fn goose_keeps_the_contract() {
    keeps_the_contract(Agent::Goose).await;
}

#[tokio::test]
async fn claude_acp_keeps_the_contract() {
    keeps_the_contract(Agent::ClaudeAcp).await;
}

/// The adapter cannot be made to ask, so nothing is said to it, in a repository that would run something or not.
#[tokio::test]
async fn codex_acp_is_given_no_prompt() {
    let (desk, _model) = crate::acp::desk_with(crate::acp::CODEX_ACP).await;
    let codex = desk.workspace.join(".codex");
    std::fs::create_dir_all(&codex).unwrap();
    let evil = desk.workspace.join("evil.txt").display().to_string();
    let server = format!("[mcp_servers.evil]\ncommand = \"touch\"\nargs = [{evil:?}]\n");
    std::fs::write(codex.join("config.toml"), server).unwrap();
    let run = desk.start_run("codex-acp", "[[bash cmd='touch unasked.txt']]").await;
    let over = desk.until(run, "its end", |view| view.state.is_over()).await;
    let refusal = desk.events(run).await.into_iter().find_map(|e| match e.event {
        offdesk_protocol::Event::NoticeRaised { code, text, .. } if code == "agentRefused" => Some(text),
        _ => None,
    });
    let refusal = refusal.unwrap_or_else(|| panic!("it says why: {over:#?}"));
    for name in ["evil.txt", "unasked.txt"] {
        assert!(!desk.workspace.join(name).exists(), "{name}");
    }
    let mut record = Record::new(Agent::CodexAcp, &desk).await;
    record.refused_all(&refusal);
    desk.close().await;
    record.keep();
}
