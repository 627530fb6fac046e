//! Running a command, with everything it starts as one group that can be ended.

use std::collections::VecDeque;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

/// What is kept of an output at each end, in bytes.
const END: usize = 32 * 1024;
/// How long output may still come after the command ended: something it left running may hold its pipes.
const AFTER: Duration = Duration::from_millis(500);

/// Output as it comes, both kinds in their order: its beginning and its end.
#[derive(Debug, Default)]
struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    left_out: u64,
}

impl Kept {
    fn take(&mut self, bytes: &[u8]) {
        let (first, rest) = bytes.split_at(bytes.len().min(END - self.head.len()));
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(END);
        self.tail.drain(..over);
        self.left_out += over as u64;
    }

    fn text(&self) -> String {
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        if self.left_out == 0 {
            return String::from_utf8_lossy(&[self.head.clone(), tail].concat()).into_owned();
        }
        let (head, tail) = (String::from_utf8_lossy(&self.head), String::from_utf8_lossy(&tail));
        format!("{head}\n… {} bytes left out …\n{tail}", self.left_out)
    }
}

/// A command that runs.
pub(crate) struct Running {
    child: Child,
    kept: Arc<Mutex<Kept>>,
    /// Ends when both outputs have.
    readers: mpsc::Receiver<()>,
}

async fn collect(stream: Option<impl AsyncRead + Unpin>, kept: Arc<Mutex<Kept>>, _reads: mpsc::Sender<()>) {
    let Some(mut stream) = stream else { return };
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = stream.read(&mut bytes).await {
        kept.lock().unwrap_or_else(PoisonError::into_inner).take(&bytes[..count]);
    }
}

impl Running {
    /// Starts the command.
    pub(crate) fn start(dir: &Path, command: &str) -> std::io::Result<Self> {
        let mut shell = shell(command);
        shell.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = shell.kill_on_drop(true).spawn()?;
        let kept = Arc::<Mutex<Kept>>::default();
        let (reads, readers) = mpsc::channel(1);
        tokio::spawn(collect(child.stdout.take(), kept.clone(), reads.clone()));
        tokio::spawn(collect(child.stderr.take(), kept.clone(), reads));
        Ok(Self { child, kept, readers })
    }

    /// Waits for its end. May be dropped and called again.
    pub(crate) async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        let status = self.child.wait().await;
        let _ = tokio::time::timeout(AFTER, self.readers.recv()).await;
        status
    }

    /// Ends it and what it started.
    pub(crate) fn end(&mut self) {
        end_group(&mut self.child);
    }

    /// What it said so far.
    pub(crate) fn output(&self) -> String {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).text()
    }
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]).process_group(0);
    shell
}

#[cfg(unix)]
fn end_group(child: &mut Child) {
    let pid = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()));
    if let Some(pid) = pid {
        // It may have ended by itself in the meantime, which is as good.
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd.exe");
    shell.raw_arg(format!("/D /S /C \"{command}\""));
    shell
}

/// What it started stays with the attempt's job and ends with that.
#[cfg(not(unix))]
fn end_group(child: &mut Child) {
    let _ = child.start_kill();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_flood_both_ends_are_kept() {
        let mut kept = Kept::default();
        kept.take(b"begin");
        for _ in 0..100 {
            kept.take(&[b'.'; 7000]);
        }
        kept.take(b"end");
        let text = kept.text();
        assert!(text.starts_with("begin") && text.ends_with("end") && text.len() < 2 * END + 100);
        assert!(text.contains(&format!("{} bytes left out", 700_008 - 2 * END)), "{}", &text[END..END + 60]);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_command_ends_with_all_it_started_and_does_not_wait_for_what_it_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let mut running =
            Running::start(dir.path(), "echo out; echo err >&2; sleep 60 & echo $!; exit 3").unwrap();
        let begun = std::time::Instant::now();
        assert_eq!(running.ended().await.unwrap().code(), Some(3));
        assert!(begun.elapsed() < Duration::from_secs(20));
        assert!(running.output().contains("out\n") && running.output().contains("err\n"));
        let left: i32 = running.output().lines().find_map(|line| line.parse().ok()).unwrap();
        let _ = rustix::process::kill_process(
            rustix::process::Pid::from_raw(left).unwrap(),
            rustix::process::Signal::KILL,
        );

        let mut running = Running::start(dir.path(), "sh -c 'sleep 60'; true").unwrap();
        running.end();
        assert!(!running.ended().await.unwrap().success());
    }
}
