//! Our agent on a model of the person's own machine, and other agents on such a model; a scripted Ollama behind them.

use crate::claude::Model;
use crate::story::*;
use offdesk_protocol::*;
use std::time::Duration;

/// A desk whose Ollama is the scripted one.
pub async fn desk_with_ollama(env: &[(&str, &str)]) -> (Desk, Model) {
    let model = Model::start().await;
    let all: Vec<(&str, &str)> = [("OLLAMA_HOST", model.url.as_str())].iter().chain(env).copied().collect();
    (Desk::with(&all, &[]), model)
}

/// Tool uses that ended so, with what they gave.
fn tools(events: &[Envelope], wanted: ToolStatus) -> Vec<String> {
    let ended = |e: &Envelope| match &e.event {
        Event::ToolFinished { status, output, .. } if *status == wanted => Some(output.clone()),
        _ => None,
    };
    events.iter().filter_map(ended).collect()
}

fn failures(events: &[Envelope]) -> Vec<String> {
    let failed = |e: &Envelope| match &e.event {
        Event::TurnFinished { status: TurnStatus::Failed, error, .. } => error.clone(),
        _ => None,
    };
    events.iter().filter_map(failed).collect()
}

#[tokio::test]
async fn ollama_asks_before_a_command_also_over_a_killed_gateway() {
    let (mut desk, _model) = desk_with_ollama(&[]).await;
    let run = desk.start_run("ollama", "Please [[bash cmd='echo was-here >> made.txt; echo said']]").await;
    let asked = desk.asked(run).await;
    assert_eq!(
        (asked.request.kind, asked.request.text.as_str()),
        (ApprovalKind::Command, "echo was-here >> made.txt; echo said")
    );
    assert_eq!(desk.file("made.txt"), "");

    let pid = desk.client().run(run).await.unwrap().pid;
    desk.kill_gateway();
    desk.start();
    assert_eq!(desk.asked(run).await, asked);
    desk.decide(&asked, Verdict::Allow).await;
    let view = desk.until_state(run, RunState::Idle).await;
    assert_eq!((view.pid, desk.file("made.txt")), (pid, "was-here\n".into()), "once, by the same process");
    assert_eq!(view.model.as_deref(), Some("scripted:8b"), "the first that runs here and can use tools");
    assert!(view.usage.input_tokens > 0 && view.usage.output_tokens > 0, "{:?}", view.usage);
    assert!(view.line.contains("1. ok: said"), "the model saw what the command gave: {}", view.line);
    let record = desk.client().approval(asked.request.id).await.unwrap();
    assert_eq!((record.state, record.outcome), (ApprovalState::Finished, Some(Outcome::Ok)));
    desk.close().await;
}

#[tokio::test]
async fn ollama_reads_a_denial_and_a_changed_request_is_what_is_done() {
    let (desk, _model) = desk_with_ollama(&[]).await;
    let run = desk.start_run("ollama", "[[bash cmd='touch asked.txt']]").await;
    let asked = desk.asked(run).await;
    // Words sent during a turn become the next one.
    desk.json(&["send", &run.to_string(), "[[write path=hello.txt content='hello\nthere\n']]"]);
    desk.decide(&asked, Verdict::Deny { say: Some("use the other tool".into()), stop: false }).await;
    let edit = desk.asked(run).await;
    assert!(!desk.workspace.join("asked.txt").exists());
    let told = |e: &Envelope| matches!(&e.event, Event::MessageAdded { text, .. } if text.contains("who says: use the other tool"));
    assert!(desk.events(run).await.iter().any(told), "the model read the words");

    assert_eq!(edit.request.kind, ApprovalKind::Edit);
    assert!(
        edit.request.diffs[0].created && edit.request.diffs[0].unified.contains("+hello\n+there\n"),
        "{edit:#?}"
    );
    let mut input = edit.request.input.clone();
    input["content"] = "changed by the person\n".into();
    desk.decide(&edit, Verdict::AllowEdited { input }).await;
    let view = desk.until_state(run, RunState::Idle).await;
    assert_eq!(desk.file("hello.txt"), "changed by the person\n");
    assert!(view.line.contains("The person changed this"), "{}", view.line);

    desk.json(&["send", &run.to_string(), "[[edit path=hello.txt old=person new=agent]]"]);
    let edit = desk.asked(run).await;
    assert!(
        edit.request.diffs[0].unified.contains("-changed by the person\n+changed by the agent\n"),
        "{edit:#?}"
    );
    assert!(edit.request.diffs[0].base_hash.is_some());
    desk.decide(&edit, Verdict::Allow).await;
    desk.until_state(run, RunState::Idle).await;
    assert_eq!(desk.file("hello.txt"), "changed by the agent\n");
    let events = desk.events(run).await;
    let read = tools(&events, ToolStatus::Ok);
    assert!(
        read.iter().any(|text| text == "changed by the person\n"),
        "reading was shown and not asked: {read:?}"
    );

    desk.json(&["send", &run.to_string(), "[[bash cmd='touch x']]"]);
    let asked = desk.asked(run).await;
    desk.decide(&asked, Verdict::Deny { say: None, stop: true }).await;
    desk.until_state(run, RunState::Idle).await;
    let last = desk.events(run).await.into_iter().rev().find_map(|e| match e.event {
        Event::TurnFinished { status, .. } => Some(status),
        _ => None,
    });
    assert_eq!(last, Some(TurnStatus::Interrupted));
    desk.close().await;
}

#[tokio::test]
async fn an_edit_on_a_file_that_changes_meanwhile_is_not_made() {
    let (desk, _model) = desk_with_ollama(&[]).await;
    std::fs::write(desk.workspace.join("hello.txt"), "hello\nworld\n").unwrap();
    let run = desk.start_run("ollama", "[[edit path=hello.txt old=world new=there]]").await;
    let asked = desk.asked(run).await;
    std::fs::write(desk.workspace.join("hello.txt"), "hello\nworld\nand more\n").unwrap();
    let stale = Decision {
        id: DecisionId::new(),
        hash: asked.request.hash.clone(),
        verdict: Verdict::Allow,
        rule: None,
    };
    assert!(desk.client().decide(asked.request.id, &stale).await.is_err(), "what was shown is no longer so");
    let again = desk.asked(run).await;
    assert_ne!(again.request.hash, asked.request.hash);
    desk.decide(&again, Verdict::Allow).await;
    desk.until_state(run, RunState::Idle).await;
    assert_eq!(desk.file("hello.txt"), "hello\nworld\nand more\n", "the agent's model saw another file");
    desk.close().await;
}

#[tokio::test]
async fn ollama_asks_a_question_and_is_interrupted_wherever_it_is() {
    let (desk, _model) = desk_with_ollama(&[]).await;
    let run = desk.start_run("ollama", "[[question]]").await;
    let question = desk.asked(run).await;
    assert_eq!(question.request.kind, ApprovalKind::Question);
    let label = question.request.questions[0].options[1].label.clone();
    desk.json(&["answer", &question.request.id.to_string(), &label]);
    let view = desk.until_state(run, RunState::Idle).await;
    assert!(view.line.contains(&format!("The person answered: {label}")), "{}", view.line);
    let pid = view.pid;

    // While it speaks.
    desk.json(&["send", &run.to_string(), "[[slow secs=60]]"]);
    desk.until_state(run, RunState::Working).await;
    desk.json(&["interrupt", &run.to_string()]);
    assert_eq!(desk.until_state(run, RunState::Idle).await.pid, pid);
    // While it waits for a decision.
    desk.json(&["send", &run.to_string(), "[[bash cmd='touch x.txt']]"]);
    let asked = desk.asked(run).await;
    desk.json(&["interrupt", &run.to_string()]);
    desk.until_state(run, RunState::Idle).await;
    let record = desk.client().approval(asked.request.id).await.unwrap();
    assert_eq!(record.state, ApprovalState::Withdrawn);
    // While a command runs: it ends, with what it started.
    desk.json(&["send", &run.to_string(), "[[bash cmd='touch begun; sh -c \"sleep 600\"; touch after']]"]);
    let asked = desk.asked(run).await;
    desk.decide(&asked, Verdict::Allow).await;
    eventually("the command runs", async || desk.workspace.join("begun").exists()).await;
    desk.json(&["interrupt", &run.to_string()]);
    let view = desk.until_state(run, RunState::Idle).await;
    assert_eq!(view.pid, pid, "the agent stays");
    assert!(!desk.workspace.join("after").exists() && !desk.workspace.join("x.txt").exists());
    let interrupted =
        |e: &&Envelope| matches!(&e.event, Event::TurnFinished { status: TurnStatus::Interrupted, .. });
    assert_eq!(desk.events(run).await.iter().filter(interrupted).count(), 3);
    desk.close().await;
}

#[tokio::test]
async fn ollama_resumes_its_own_conversation_and_knows_what_it_did_not_finish() {
    let (desk, _model) = desk_with_ollama(&[("OFFDESK_OLLAMA_MODEL", "scripted-small")]).await;
    let run = desk.start_run("ollama", "[[bash cmd='touch x.txt']]").await;
    desk.asked(run).await;
    desk.json(&["stop", &run.to_string()]);
    desk.until_state(run, RunState::Stopped).await;
    desk.json(&["resume", &run.to_string(), "[[bash cmd='cat made.txt']]"]);
    let asked = desk.asked(run).await;
    std::fs::write(desk.workspace.join("made.txt"), "kept").unwrap();
    desk.decide(&asked, Verdict::Allow).await;
    let view = desk.until(run, "the next attempt", |v| v.attempt == 2 && v.state == RunState::Idle).await;
    assert_eq!(view.model.as_deref(), Some("scripted-small"));

    let folder = desk.data.join("agents/ollama/conversations");
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "both attempts are one conversation: {files:?}");
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let kept = std::fs::read_to_string(&files[0]).unwrap();
    assert!(kept.contains("the agent ended before it could say") && kept.contains("cat made.txt"), "{kept}");
    assert!(!desk.workspace.join("x.txt").exists());
    desk.close().await;
}

// The command line waits for the gateway, and that for the model, which is in this process.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_said_in_words() {
    let (desk, model) = desk_with_ollama(&[]).await;
    let dir = desk.workspace.to_str().unwrap().to_string();
    let start = |extra: &[&str], prompt: &str| {
        [&["run", "--dir", &dir, "--detach"], extra, &[prompt]]
            .concat()
            .into_iter()
            .map(String::from)
            .collect::<Vec<_>>()
    };
    let refused = |extra: &[&str]| {
        let args = start(extra, "[[hello]]");
        desk.refused(1, &args.iter().map(String::as_str).collect::<Vec<_>>()).message
    };
    let said = refused(&["--agent", "ollama", "--local-model", "nowhere:7b"]);
    assert!(said.contains("no model nowhere:7b") && said.contains("`ollama pull nowhere:7b`"), "{said}");
    let said = refused(&["--agent", "ollama", "--local-model", "scripted-talker"]);
    assert!(said.contains("cannot use tools"), "{said}");
    let said = refused(&["--agent", "ollama", "--local-model", "scripted-cloud"]);
    assert!(said.contains("does not run on this machine"), "{said}");
    let said = refused(&["--agent", "demo", "--local-model", "scripted:8b"]);
    assert!(said.contains("demo cannot be brought to a model"), "{said}");
    let said = refused(&["--agent", "ollama", "--local-model", "x\"; y"]);
    assert!(said.contains("no name of a model"), "{said}");

    // Ollama goes away under a run, and comes back.
    let run = desk.start_run("ollama", "[[hello]]").await;
    desk.until_state(run, RunState::Idle).await;
    let address = model.url.strip_prefix("http://").unwrap().to_string();
    drop(model);
    desk.json(&["send", &run.to_string(), "[[hello]]"]);
    eventually("it says so", async || !failures(&desk.events(run).await).is_empty()).await;
    let said = failures(&desk.events(run).await).remove(0);
    assert!(said.contains("does not answer at http://127.0.0.1") && said.contains("ollama serve"), "{said}");
    desk.until_state(run, RunState::Idle).await;
    let listener = tokio::net::TcpListener::bind(&address).await.unwrap();
    let _model = offdesk_scripted_model::ScriptedModel::start(listener);
    desk.json(&["send", &run.to_string(), "[[hello text='Back again.']]"]);
    desk.until(run, "an answer", |v| v.state == RunState::Idle && v.line.contains("Back again")).await;
    desk.close().await;
}

#[tokio::test]
async fn without_ollama_a_person_is_told_where_to_get_it() {
    let desk = Desk::with(&[("OLLAMA_HOST", "127.0.0.1:9"), ("PATH", "/usr/bin:/bin")], &[]);
    let agents = desk.json(&["agents"]);
    let ollama = agents.as_array().unwrap().iter().find(|agent| agent["kind"] == "ollama").unwrap();
    assert_eq!(ollama["found"], false);
    assert!(
        ollama["getIt"].as_str().unwrap().contains("ollama.com")
            && ollama["looked"].to_string().contains("127.0.0.1:9")
    );
    let dir = desk.workspace.to_str().unwrap();
    let refused = desk.refused(1, &["run", "--agent", "ollama", "--dir", dir, "hello"]);
    assert!(refused.hint.unwrap().contains("ollama.com/download"));
    desk.close().await;
}

#[tokio::test]
async fn no_path_leads_out_of_the_workspace_unasked() {
    let (desk, _model) = desk_with_ollama(&[]).await;
    let secret = desk.home.path().join("secret.txt").canonicalize().unwrap_or_else(|_| {
        std::fs::write(desk.home.path().join("secret.txt"), "the secret\n").unwrap();
        desk.home.path().join("secret.txt").canonicalize().unwrap()
    });
    std::os::unix::fs::symlink(&secret, desk.workspace.join("link.txt")).unwrap();
    std::os::unix::fs::symlink(desk.home.path(), desk.workspace.join("up")).unwrap();
    let run = desk.start_run("ollama", "[[hello]]").await;
    desk.until_state(run, RunState::Idle).await;
    for path in
        ["../secret.txt", "link.txt", "up/secret.txt", "new/../../secret.txt", secret.to_str().unwrap()]
    {
        let prompt = format!("[[tool {{\"name\":\"Read\",\"input\":{{\"file_path\":\"{path}\"}}}}]]");
        desk.json(&["send", &run.to_string(), &prompt]);
        let asked = desk.asked(run).await;
        assert_eq!(asked.request.title, "Read a file outside the workspace", "{path}");
        assert_eq!(asked.request.text, secret.to_str().unwrap(), "{path}: where it really leads is shown");
        desk.decide(&asked, Verdict::Deny { say: None, stop: false }).await;
        desk.until_state(run, RunState::Idle).await;
    }
    let gave = serde_json::to_string(&desk.events(run).await).unwrap();
    assert!(!gave.contains("the secret"), "nothing of it was read");

    desk.json(&["send", &run.to_string(), "[[write path=up/made.txt content=out]]"]);
    let asked = desk.asked(run).await;
    assert!(asked.request.title.ends_with("outside the workspace"), "{asked:#?}");
    let real = secret.with_file_name("made.txt");
    assert_eq!(asked.request.text, format!("./up/made.txt → {}", real.display()));
    // Between the yes and the writing the place must stay what it was.
    std::fs::remove_file(desk.workspace.join("up")).unwrap();
    std::fs::create_dir(desk.workspace.join("up")).unwrap();
    let decision = Decision {
        id: DecisionId::new(),
        hash: asked.request.hash.clone(),
        verdict: Verdict::Allow,
        rule: None,
    };
    desk.client().decide(asked.request.id, &decision).await.unwrap();
    desk.until_state(run, RunState::Idle).await;
    assert!(!real.exists() && !desk.workspace.join("up/made.txt").exists());
    let failed = tools(&desk.events(run).await, ToolStatus::Failed);
    assert!(failed.iter().any(|text| text.contains("leads elsewhere")), "{failed:?}");

    // A yes for what is outside is a yes.
    desk.json(&[
        "send",
        &run.to_string(),
        "[[tool {\"name\":\"Read\",\"input\":{\"file_path\":\"link.txt\"}}]]",
    ]);
    let asked = desk.asked(run).await;
    desk.decide(&asked, Verdict::Allow).await;
    let view = desk.until_state(run, RunState::Idle).await;
    assert!(view.line.contains("the secret"), "{}", view.line);
    desk.close().await;
}

#[tokio::test]
async fn a_flood_and_a_long_conversation_are_cut_to_size_and_said_so() {
    let (desk, _model) = desk_with_ollama(&[("OFFDESK_OLLAMA_MODEL", "scripted-small")]).await;
    let command = "head -c 30000000 /dev/zero | tr \"\\0\" x; echo the-end";
    let run = desk.start_run("ollama", &format!("[[bash cmd='{command}']]")).await;
    let asked = desk.asked(run).await;
    desk.decide(&asked, Verdict::Allow).await;
    desk.until_state(run, RunState::Idle).await;
    let gave = tools(&desk.events(run).await, ToolStatus::Ok).remove(0);
    assert!(gave.contains("bytes left out") && gave.ends_with("the-end\n") && gave.len() < 100_000);

    // Its model has room for 3000 tokens: older results go, the run goes on, and the person is told.
    desk.json(&["send", &run.to_string(), "[[multi n=6 cmd='head -c 1400 /dev/zero | tr \"\\0\" {i}']]"]);
    for _ in 0..6 {
        let asked = desk.asked(run).await;
        desk.decide(&asked, Verdict::Allow).await;
        eventually("it went on", async || {
            desk.client().approval(asked.request.id).await.unwrap().state == ApprovalState::Finished
        })
        .await;
    }
    desk.until_state(run, RunState::Idle).await;
    let notices: Vec<String> = desk
        .events(run)
        .await
        .into_iter()
        .filter_map(|e| match e.event {
            Event::NoticeRaised { code, text, .. } if code == "contextTrimmed" => Some(text),
            _ => None,
        })
        .collect();
    assert_eq!(notices.len(), 1, "once a turn: {notices:?}");
    assert!(
        notices[0].contains("3000 tokens") && notices[0].contains("OFFDESK_OLLAMA_NUM_CTX"),
        "{notices:?}"
    );
    tokio::time::timeout(Duration::from_secs(60), desk.close()).await.unwrap();
}

// The command line waits for the gateway, and that for the model, which is in this process.
#[tokio::test(flavor = "multi_thread")]
async fn claude_works_on_a_model_of_this_machine_and_sends_it_no_key() {
    let model = Model::start().await;
    let secret = "sk-ant-the-persons-own-key-0123456789";
    let claude = claude();
    let desk = Desk::with(
        &[
            ("OFFDESK_CLAUDE", claude.to_str().unwrap()),
            ("OLLAMA_HOST", &model.url),
            ("ANTHROPIC_API_KEY", secret),
            ("ANTHROPIC_BASE_URL", "http://127.0.0.1:9"),
            ("ANTHROPIC_CUSTOM_HEADERS", &format!("x-api-key: {secret}")),
            ("CLAUDE_CODE_MAX_RETRIES", "1"),
            ("DISABLE_AUTOUPDATER", "1"),
        ],
        &[],
    );
    // What the person set for their own terminal would go before the environment.
    let own = desk.home.path().join(".claude");
    std::fs::create_dir_all(&own).unwrap();
    let settings = format!(
        r#"{{"env":{{"ANTHROPIC_API_KEY":"{secret}","ANTHROPIC_AUTH_TOKEN":"{secret}","ANTHROPIC_BASE_URL":"http://127.0.0.1:9",
            "ANTHROPIC_CUSTOM_HEADERS":"api-key: {secret}"}},"apiKeyHelper":"echo {secret}","model":"opus"}}"#
    );
    std::fs::write(own.join("settings.json"), settings).unwrap();
    let login = format!(
        r#"{{"claudeAiOauth":{{"accessToken":"{secret}","refreshToken":"{secret}","expiresAt":99999999999999,"scopes":["user:inference"],"subscriptionType":"max"}}}}"#
    );
    std::fs::write(own.join(".credentials.json"), login).unwrap();

    let dir = desk.workspace.to_str().unwrap();
    let started = desk.json(&[
        "run",
        "--agent",
        "claude",
        "--local-model",
        "scripted:8b",
        "--dir",
        dir,
        "--detach",
        "[[bash cmd='echo local > made.txt']]",
    ]);
    assert_eq!(started["localModel"], "scripted:8b");
    let run: RunId = started["id"].as_str().unwrap().parse().unwrap();
    let asked = desk.asked(run).await;
    desk.decide(&asked, Verdict::Allow).await;
    let view = desk.until_state(run, RunState::Idle).await;
    assert_eq!((desk.file("made.txt").as_str(), view.model.as_deref()), ("local\n", Some("scripted:8b")));
    let keys = model.keys();
    assert!(!keys.is_empty() && !keys.iter().any(|key| key.contains(secret)), "{keys:?}");

    // The next attempt of the run is brought there as well.
    desk.json(&["stop", &run.to_string()]);
    desk.until_state(run, RunState::Stopped).await;
    desk.json(&["resume", &run.to_string(), "[[hello text='Still here.']]"]);
    desk.until(run, "an answer", |v| v.state == RunState::Idle && v.line.contains("Still here")).await;
    assert!(!model.keys().iter().any(|key| key.contains(secret)));
    desk.close().await;
}

#[tokio::test]
async fn the_models_of_this_machine_are_listed_for_those_who_can_use_them() {
    let (desk, _model) = desk_with_ollama(&[]).await;
    let listed = desk.client().local_models().await.unwrap();
    let names: Vec<&str> = listed.models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(
        names,
        ["scripted-talker:latest", "scripted:8b", "scripted-small:latest"],
        "none that runs elsewhere"
    );
    assert_eq!((listed.elsewhere, listed.problem), (false, None));
    let agents = desk.json(&["agents"]);
    let can: Vec<&str> = agents
        .as_array()
        .unwrap()
        .iter()
        .filter(|agent| agent["capabilities"]["localModel"] == true)
        .map(|agent| agent["kind"].as_str().unwrap())
        .collect();
    assert!(["claude", "codex", "qwen", "ollama"].iter().all(|kind| can.contains(kind)), "{can:?}");
    desk.close().await;
}

/// Brings an agent of OpenAI's APIs to a model of this machine, where the person has a key and another address.
async fn works_on_a_model_of_this_machine(agent: &str, chosen_by: &str, program: &std::path::Path) {
    let model = Model::start().await;
    let secret = "sk-the-persons-own-key-0123456789";
    let env = [
        (chosen_by, program.to_str().unwrap()),
        ("OLLAMA_HOST", model.url.as_str()),
        ("OPENAI_API_KEY", secret),
        ("CODEX_API_KEY", secret),
        ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1"),
        ("OPENAI_MODEL", "another"),
    ];
    let desk = Desk::with(&env, &[]);
    let own = |folder: &str, file: &str, text: String| {
        std::fs::create_dir_all(desk.home.path().join(folder)).unwrap();
        std::fs::write(desk.home.path().join(folder).join(file), text).unwrap();
    };
    own(".codex", "auth.json", format!(r#"{{"auth_mode":"apikey","OPENAI_API_KEY":"{secret}"}}"#));
    own(".codex", "config.toml", "model = \"gpt-5.5\"\n".into());
    own(
        ".qwen",
        "settings.json",
        r#"{"security":{"auth":{"selectedType":"qwen-oauth"}},"model":{"name":"other"}}"#.into(),
    );
    let dir = desk.workspace.to_str().unwrap();
    let prompt = "[[bash cmd='echo local > made.txt']]";
    let started = desk.json(&[
        "run",
        "--agent",
        agent,
        "--local-model",
        "scripted:8b",
        "--dir",
        dir,
        "--detach",
        prompt,
    ]);
    let run: RunId = started["id"].as_str().unwrap().parse().unwrap();
    let asked = desk.asked(run).await;
    desk.decide(&asked, Verdict::Allow).await;
    let view = desk.until_state(run, RunState::Idle).await;
    assert_eq!(
        (desk.file("made.txt").as_str(), view.local_model.as_deref()),
        ("local\n", Some("scripted:8b"))
    );
    let keys = model.keys();
    assert!(!keys.iter().any(|key| key.contains(secret)), "{keys:?}");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codex_works_on_a_model_of_this_machine_and_sends_it_no_key() {
    works_on_a_model_of_this_machine("codex", "OFFDESK_CODEX", &codex()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opencode_works_on_a_model_of_this_machine_and_sends_it_no_key() {
    let opencode = std::env::var_os("OFFDESK_OPENCODE").expect("run the tests by `cargo x test`");
    works_on_a_model_of_this_machine("opencode", "OFFDESK_OPENCODE", opencode.as_ref()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qwen_works_on_a_model_of_this_machine_and_sends_it_no_key() {
    let qwen = std::env::var_os("OFFDESK_QWEN").expect("run the tests by `cargo x test`");
    works_on_a_model_of_this_machine("qwen", "OFFDESK_QWEN", qwen.as_ref()).await;
}

/// Its own settings lead elsewhere; the words of the run win.
#[tokio::test(flavor = "multi_thread")]
async fn rev_works_on_a_model_of_this_machine() {
    if !crate::rev::is_here() {
        return;
    }
    let model = Model::start().await;
    let rev = crate::rev::rev();
    let env = [
        ("OFFDESK_REV", rev.to_str().unwrap()),
        ("OLLAMA_HOST", model.url.as_str()),
        ("OLLAMA_BASE_URL", "http://127.0.0.1:9"),
        ("OLLAMA_MODEL", "another"),
    ];
    let desk = Desk::with(&env, &[]);
    let dir = desk.workspace.to_str().unwrap();
    let prompt = "[[write path=made.txt content=local]]";
    let start = ["run", "--agent", "rev", "--local-model", "scripted:8b", "--dir", dir, "--detach", prompt];
    let run: RunId = desk.json(&start)["id"].as_str().unwrap().parse().unwrap();
    eventually("it wrote", async || desk.file("made.txt") == "local").await;
    desk.json(&["stop", &run.to_string()]);
    desk.close().await;
}
