//! Starting an attempt's agent under its supervisor, and reaching a supervisor that lives.

use crate::order::{Begin, Report};
use crate::uploads::make_private_folder;
use crate::{Runner, desk, settings};
use offdesk_agents::Start;
use offdesk_protocol::*;
use offdesk_supervisor::{self as supervisor, LaunchSpec, Size};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// A terminal's size until somebody looks at it.
const FIRST_SIZE: Size = Size { cols: 80, rows: 24 };
/// How long a supervisor that was just started may take to be reached, and a lost connection to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// Says what is wrong with the program, as soon as it has said its version. Nobody waits for that.
pub(crate) fn look_at_program(
    runner: &Arc<Runner>,
    agent: String,
    program: PathBuf,
    reports: mpsc::Sender<Report>,
) {
    let runner = runner.clone();
    tokio::spawn(async move {
        if let Some(problem) = runner.found.problem(&agent, &program).await {
            let _ = reports.send(Report::Notice(problem)).await;
        }
    });
}

pub(crate) async fn launch(
    runner: &Runner,
    begin: &Begin,
    dir: &std::path::Path,
    agent_session: Option<String>,
    desk: Option<&DeskTerminal>,
) -> Result<(u32, String), String> {
    let driver = runner.found.driver(&begin.agent).map_err(|problem| problem.message)?;
    let program = match driver.capabilities().command {
        true => runner.found.command(&begin.dir, &begin.command),
        false => runner.found.program(&begin.agent),
    };
    let program = program.map_err(|problem| match problem.hint {
        Some(hint) => format!("{} {hint}", problem.message),
        None => problem.message,
    })?;
    let environment = runner.found.environment();
    let files = runner.config.data.join("agents").join(&begin.agent);
    let attachments = runner.attachments(begin.run);
    make_private_folder(&attachments).map_err(|error| {
        format!("The folder {} for files of your prompts could not be made: {error}.", attachments.display())
    })?;
    let start = Start {
        program,
        dir: begin.dir.clone(),
        agent_session,
        local_model: begin.local_model.clone(),
        model: begin.model.clone(),
        mode: begin.mode.clone(),
        attachments,
        args: begin.command.iter().skip(1).cloned().collect(),
        typed: !begin.command.is_empty(),
        files: files.clone(),
    };
    if let Some(why) = driver.refuses(&start, &environment) {
        return Err(why);
    }
    let launch = driver.launch(&start, &environment);
    settings::write(&files, &launch.files).map_err(|error| {
        format!("Settings for the agent could not be written to {}: {error}.", files.display())
    })?;
    let size = desk.map_or(FIRST_SIZE, |desk| Size { cols: desk.size.cols, rows: desk.size.rows });
    let copy = runner.supervisor().await?;
    // What a workspace holds is in nobody's path.
    let mut env = match driver.capabilities().command {
        true => runner.found.news(),
        // Not of what is started: some agents have a bridge of ours in front of them.
        false => runner.found.variables(&start.program),
    };
    env.retain(|(name, _)| launch.env.iter().all(|(set, _)| set != name));
    env.extend(launch.env);
    let mut env_remove = launch.env_remove;
    if let Some(desk) = desk {
        desk::environment(desk, &environment, &mut env, &mut env_remove);
    }
    // What an agent starts finds its gateway, and is known by it as an agent's.
    env.push(("OFFDESK_DATA".into(), runner.config.data.display().to_string()));
    env.push(("OFFDESK_RUN".into(), begin.run.to_string()));
    let spec = LaunchSpec {
        attempt: begin.attempt,
        program: launch.program,
        args: launch.args,
        env,
        env_remove,
        cwd: begin.dir.clone(),
        terminal: launch.terminal.then_some(size),
        service: None,
    };
    let launched = supervisor::launch(copy, dir, &spec).await.map_err(|error| error.to_string())?;
    Ok((launched.pid, start.program.display().to_string()))
}

/// Connects to the attempt's supervisor, if it lives.
pub(crate) async fn reach(
    dir: &std::path::Path,
    may_be_starting: bool,
) -> Option<(supervisor::Connection, supervisor::Welcome)> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Ok(connected) = supervisor::connect(dir).await {
            return Some(connected);
        }
        let starting = may_be_starting && dir.exists() && !dir.join("supervisor.json").exists();
        let alive = supervisor::is_alive(dir);
        if supervisor::exit_of(dir).is_some()
            || !(alive || starting)
            || tokio::time::Instant::now() > deadline
        {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
