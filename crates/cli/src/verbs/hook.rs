//! `hook`: what an agent in its own terminal calls to say what it does and to ask. It tells the attempt's supervisor,
//! which keeps it; it decides nothing. Whatever goes wrong, it says nothing, and the agent's own dialog is there as ever.

use offdesk_agents::{ANSWERED, CUT_SHORT, Dialog, dialog};
use offdesk_protocol::PromptId;
use offdesk_supervisor::{FromSupervisor, ToSupervisor};
use serde_json::Value;
use std::ffi::OsString;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Most bytes of what a hook says.
const LONGEST: u64 = 16 * 1024 * 1024 - 1;
/// How long a supervisor may take to keep what is only told.
const PATIENCE: Duration = Duration::from_secs(8);
/// Between two looks at Claude's record, and how much of its end is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// Looks for what follows an answer.
const LOOKS: u32 = 4;
const TAIL: u64 = 1024 * 1024;
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
    let event: Value = serde_json::from_slice(&said).ok()?;
    let waits = event.get("hook_event_name").and_then(Value::as_str) == Some(ASKS);
    let data = PathBuf::from(std::env::var_os("OFFDESK_DATA")?);
    let dir = data.join("attempts").join(std::env::var_os("OFFDESK_ATTEMPT")?);
    let (connection, _) = offdesk_supervisor::connect(&dir).await.ok()?;
    let (mut sender, mut receiver) = connection.split();
    let aside = PromptId::new().to_string();
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
    if !waits {
        return tokio::time::timeout(PATIENCE, heard).await.ok().flatten();
    }
    let (answer, name) = tokio::select! {
        answer = heard => match answer {
            // A no that ends the turn: no hook of Claude's says that it is over.
            Some(answer) if ends_the_turn(&answer) => (Some(answer), CUT_SHORT),
            other => return other,
        },
        ended = dialog_ends(&event) => (None, if ended.cut_short { CUT_SHORT } else { ANSWERED }),
    };
    let told = serde_json::json!({"hook_event_name": name, "aside": aside});
    let message = ToSupervisor::Aside { id: PromptId::new().to_string(), waits: false };
    let told = sender.send(message, told.to_string().into_bytes()).await;
    answer.or_else(|| told.ok().and(None))
}

/// Whether Claude is told to stop with this answer.
fn ends_the_turn(answer: &[u8]) -> bool {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    answer.pointer("/hookSpecificOutput/decision/interrupt").and_then(Value::as_bool) == Some(true)
}

/// Waits until the dialog was answered in the terminal. Claude leaves the hook waiting then; its record of the conversation
/// tells. When the turn is cut short it ends the hook instead.
async fn dialog_ends(event: &Value) -> Dialog {
    loop {
        tokio::time::sleep(LOOK).await;
        if look(event).is_some_and(|dialog| dialog.answered) {
            return how_it_ended(event).await;
        }
    }
}

/// What follows a no is written right after it, on a machine that may be busy.
async fn how_it_ended(event: &Value) -> Dialog {
    let mut dialog = Dialog::default();
    for _ in 0..LOOKS {
        dialog = look(event).unwrap_or_default();
        if dialog.cut_short {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    dialog
}

/// What the record's end says of this request.
fn look(event: &Value) -> Option<Dialog> {
    let tool = event.get("tool_name")?.as_str()?;
    let record = tail(Path::new(event.get("transcript_path")?.as_str()?)).ok()?;
    Some(dialog(&String::from_utf8_lossy(&record), tool, event.get("tool_input")?))
}

fn tail(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    Ok(bytes)
}
