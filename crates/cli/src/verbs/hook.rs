//! `hook`: what an agent in its own terminal calls to say what it does and to ask. It tells the attempt's supervisor,
//! which keeps it; it decides nothing. Whatever goes wrong, it says nothing, and the agent's own dialog is there as ever.

use offdesk_supervisor::{FromSupervisor, ToSupervisor};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Most bytes of what a hook says.
const LONGEST: u64 = 16 * 1024 * 1024 - 1;
/// How long a supervisor may take to keep what is only told.
const PATIENCE: Duration = Duration::from_secs(8);
/// The event for whose answer the agent waits.
const ASKS: &str = "PermissionRequest";

/// The hidden verb `hook claude`, with the event as JSON on the standard input.
pub(crate) fn hook(args: Vec<OsString>) -> ExitCode {
    if args.first().is_some_and(|dialect| dialect == "claude") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if let Some(answer) = runtime.ok().and_then(|runtime| runtime.block_on(tell())) {
            let mut out = std::io::stdout();
            // Whoever waited may have been answered otherwise meanwhile.
            let _ = out.write_all(&answer).and_then(|()| out.flush());
        }
    }
    ExitCode::SUCCESS
}

async fn tell() -> Option<Vec<u8>> {
    let mut said = Vec::new();
    std::io::stdin().take(LONGEST).read_to_end(&mut said).ok()?;
    let event: serde_json::Value = serde_json::from_slice(&said).ok()?;
    let waits = event.get("hook_event_name").and_then(serde_json::Value::as_str) == Some(ASKS);
    let data = PathBuf::from(std::env::var_os("OFFDESK_DATA")?);
    let dir = data.join("attempts").join(std::env::var_os("OFFDESK_ATTEMPT")?);
    let (connection, _) = offdesk_supervisor::connect(&dir).await.ok()?;
    let (mut sender, mut receiver) = connection.split();
    let aside = offdesk_protocol::PromptId::new().to_string();
    sender.send(ToSupervisor::Aside { id: aside.clone(), waits }, said).await.ok()?;
    let heard = async {
        loop {
            match receiver.recv().await.ok()?? {
                FromSupervisor::Answer { aside: about, body } if about == aside => return Some(body),
                FromSupervisor::Written { id, .. } if id == aside && !waits => return None,
                FromSupervisor::Refused { id, .. } if id == aside => return None,
                FromSupervisor::Exited { .. } => return None,
                _ => {}
            }
        }
    };
    if waits { heard.await } else { tokio::time::timeout(PATIENCE, heard).await.ok().flatten() }
}
