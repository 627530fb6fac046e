//! One contract for every driver: what a person can do with an agent, each cell proved by the real program, or refused by
//! it in words that are kept. Nothing is skipped: a cell that is neither fails.

mod agents;
mod beside;
mod cells;
mod proved;

use agents::Agent;
use proved::Record;

/// Every cell with one agent, on one desk; each cell has a run of its own.
async fn keeps_the_contract(agent: Agent) {
    let mut desk = agent.desk().await;
    let mut record = Record::new(agent, &desk.desk).await;
    cells::begins_streams_and_approves(&mut desk, &mut record).await;
    cells::shows_a_whole_diff(&mut desk, &mut record).await;
    cells::hears_a_denial(&mut desk, &mut record).await;
    cells::is_denied_and_stops(&mut desk, &mut record).await;
    cells::takes_another_input(&mut desk, &mut record).await;
    cells::goes_by_a_rule(&mut desk, &mut record).await;
    cells::asks_questions(&mut desk, &mut record).await;
    cells::proposes_plans(&mut desk, &mut record).await;
    beside::sees_pictures(&mut desk, &mut record).await;
    beside::has_sub_agents(&mut desk, &mut record).await;
    cells::asks_for_two_things(&mut desk, &mut record).await;
    cells::hears_words_during_a_turn(&mut desk, &mut record).await;
    cells::is_interrupted(&mut desk, &mut record).await;
    cells::floods(&mut desk, &mut record).await;
    cells::is_stopped_with_all_it_started(&mut desk, &mut record).await;
    cells::crashes_and_goes_on_with_its_conversation(&mut desk, &mut record).await;
    beside::passes_on_what_a_server_asks(&mut desk, &mut record).await;
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
