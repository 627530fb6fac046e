//! Trying an agent of the person's own before it is used: nothing is said to it but hello.

use crate::found::Found;
use offdesk_agents::{Driver, Launch, Located, Own, Start};
use offdesk_protocol::{OwnAgent, OwnAgentHow, OwnAgentTest, visible_line};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest answer that is read.
const LONGEST: u64 = 1024 * 1024;
/// Characters of its last words that are shown.
const SHOWN: usize = 300;

/// Finds the program, starts it where it has a protocol, and ends it.
pub(crate) async fn agent(found: &Found, agent: OwnAgent) -> OwnAgentTest {
    let (name, how) = (agent.name.clone(), agent.how);
    let driver = Own::new(agent);
    let program = match driver.locate(&found.environment()) {
        Located::Found(program) => program,
        Located::Missing { program, looked } => {
            let text = format!("No program “{program}” was found. Looked in {}.", looked.join(", "));
            return OwnAgentTest { ok: false, program: None, version: None, text };
        }
    };
    let shown = Some(program.display().to_string());
    if how == OwnAgentHow::Terminal {
        let text = format!("{} is a program and can be started in a terminal.", program.display());
        return OwnAgentTest { ok: true, program: shown, version: None, text };
    }
    let greeted = match start(found, &driver, program).await {
        Ok(child) => greet(child).await,
        Err(why) => Err(why),
    };
    match greeted {
        Ok(version) => {
            let text =
                format!("{name} answered and speaks the protocol. What it asks before it acts is up to it.");
            OwnAgentTest { ok: true, program: shown, version, text }
        }
        Err(why) => OwnAgentTest { ok: false, program: shown, version: None, text: why },
    }
}

async fn start(found: &Found, driver: &Own, program: PathBuf) -> Result<Child, String> {
    let environment = found.environment();
    let dir = environment.home().unwrap_or_else(std::env::temp_dir);
    let start = Start {
        program,
        dir: dir.clone(),
        agent_session: None,
        local_model: None,
        model: None,
        mode: None,
        attachments: dir.to_path_buf(),
        args: Vec::new(),
        typed: false,
        files: PathBuf::new(),
    };
    let Launch { program, args, env, .. } = driver.launch(&start, &environment);
    let mut command = Command::new(&program);
    command.args(args).envs(found.variables(&program)).envs(env).current_dir(dir).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().map_err(|error| format!("{} could not be started: {error}.", program.display()))
}

/// The version it says in its answer.
async fn greet(mut child: Child) -> Result<Option<String>, String> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err("It could not be spoken to.".into());
    };
    let hello = json!({ "jsonrpc": "2.0", "id": "initialize", "method": "initialize", "params": {
        "protocolVersion": 1, "clientCapabilities": { "fs": { "readTextFile": false, "writeTextFile": false } },
        "clientInfo": { "name": "offdesk", "version": env!("CARGO_PKG_VERSION") } } });
    // Read meanwhile: who is not heard may wait for it.
    let words = tokio::spawn(async move {
        let mut said = Vec::new();
        let _ = stderr.take(LONGEST).read_to_end(&mut said).await;
        said
    });
    // One that does not read ends, and then says why.
    let _ = stdin.write_all(format!("{hello}\n").as_bytes()).await;
    let mut lines = BufReader::new(stdout.take(LONGEST)).lines();
    let answer = async {
        while let Ok(Some(line)) = lines.next_line().await {
            match serde_json::from_str::<Value>(&line) {
                Ok(message) if message["id"] == "initialize" => return Some(message),
                _ => {}
            }
        }
        None
    };
    let answer = tokio::time::timeout(PATIENCE, answer).await;
    let _ = child.start_kill();
    match answer {
        Ok(Some(message)) if message["result"]["protocolVersion"] == 1 => {
            let version = message["result"]["agentInfo"]["version"].as_str();
            Ok(version.map(|version| visible_line(version, 40)))
        }
        Ok(Some(message)) if message.get("error").is_some() => {
            Err(format!("It refused: {}", visible_line(&message["error"].to_string(), SHOWN)))
        }
        Ok(Some(_)) => {
            Err("It speaks another version of the protocol (ACP) than Offdesk, which is 1.".into())
        }
        Ok(None) => {
            let said = tokio::time::timeout(Duration::from_secs(2), words).await;
            let said = said.ok().and_then(Result::ok).unwrap_or_default();
            let said = String::from_utf8_lossy(&said);
            let said = visible_line(offdesk_supervisor::mask_text(&said).as_ref(), SHOWN);
            Err(match said.as_str() {
                "" => "It ended without an answer: it does not seem to speak the protocol (ACP).".into(),
                said => format!("It ended without an answer. It said: {said}"),
            })
        }
        Err(_) => Err(format!("It did not answer within {} seconds.", PATIENCE.as_secs())),
    }
}
