//! Measures a terminal's way to the disk, plainly and through a supervisor: throughput, processor time, the echo of a
//! key, memory, and what masking costs. `cargo run --release -p offdesk-supervisor --example measure -- PROGRAM`,
//! where PROGRAM is the built `offdesk-supervisor` or `offdesk`.
#![allow(clippy::unwrap_used)]

use offdesk_protocol::AttemptId;
use offdesk_supervisor::*;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const MIB: usize = 256;
const KEYS: usize = 2000;

#[tokio::main]
async fn main() {
    let program: PathBuf = std::env::args_os().nth(1).unwrap().into();
    let folder = tempfile::tempdir_in(std::env::current_dir().unwrap().join("target")).unwrap();
    let text = folder.path().join("text");
    write_text(&text);
    let raw = raw(&text, folder.path());
    println!("plain terminal read and kept  {raw:8.1} MiB/s");
    let (ours, cpu) = through(&program, &text, folder.path()).await;
    println!(
        "through the supervisor        {ours:8.1} MiB/s  ({:.2} of plain), {cpu:.2} ms CPU per MiB",
        ours / raw
    );
    masking(&text, folder.path());
    keys(&program, folder.path()).await;
}

/// Lines as programs print them.
fn write_text(path: &Path) {
    let mut file = std::io::BufWriter::new(File::create(path).unwrap());
    let mut written = 0;
    for number in 0.. {
        let line = format!(
            "   Compiling crate-{number} v1.{number}.0 (/home/somebody/project/crates/part-{number})\n"
        );
        file.write_all(line.as_bytes()).unwrap();
        written += line.len();
        if written >= MIB << 20 {
            break;
        }
    }
}

fn cat(text: &Path) -> Vec<String> {
    vec!["-c".into(), format!("stty raw; exec cat {}", text.display())]
}

fn raw(text: &Path, folder: &Path) -> f64 {
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new("sh");
    command.args(cat(text));
    let mut reader = pair.master.try_clone_reader().unwrap();
    let (begun, cpu) = (Instant::now(), cpu_ms(std::process::id()));
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut file = File::create(folder.join("raw")).unwrap();
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = reader.read(&mut buffer) {
        file.write_all(&buffer[..count]).unwrap();
    }
    child.wait().unwrap();
    println!("  {:.2} ms CPU per MiB of it", (cpu_ms(std::process::id()) - cpu) / MIB as f64);
    MIB as f64 / begun.elapsed().as_secs_f64()
}

fn spec(folder: &Path, args: Vec<String>) -> LaunchSpec {
    LaunchSpec {
        attempt: AttemptId::new(),
        program: "sh".into(),
        args,
        env: Vec::new(),
        env_remove: Vec::new(),
        cwd: folder.into(),
        terminal: Some(Size { cols: 80, rows: 24 }),
        service: None,
    }
}

async fn through(program: &Path, text: &Path, folder: &Path) -> (f64, f64) {
    let dir = folder.join("flood");
    let mut args = cat(text);
    args[1] = format!("{}; sleep 1000", args[1].replace("exec ", ""));
    let begun = Instant::now();
    let launched = launch(program, &dir, &spec(folder, args)).await.unwrap();
    let (connection, _) = connect(&dir).await.unwrap();
    let (mut sender, mut receiver) = connection.split();
    let length = std::fs::metadata(text).unwrap().len();
    let mut words = 0;
    while let Ok(Some(message)) = receiver.recv().await {
        words += 1;
        if matches!(message, FromSupervisor::Grown { length: now } if now >= length) {
            break;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = cpu_ms(launched.supervisor_pid);
    println!("  {words} words about growth, {} KiB resident after it", resident(launched.supervisor_pid));
    stop(&mut sender, &mut receiver).await;
    (MIB as f64 / seconds, cpu / MIB as f64)
}

async fn stop(sender: &mut Sender, receiver: &mut Receiver) {
    sender.send(ToSupervisor::Stop { grace_ms: 100 }, Vec::new()).await.unwrap();
    while let Ok(Some(_)) = receiver.recv().await {}
}

fn masking(text: &Path, folder: &Path) {
    let dir = folder.join("masked");
    std::fs::create_dir(&dir).unwrap();
    std::fs::rename(text, dir.join("output")).unwrap();
    let output = OutputFile::open(&dir).unwrap();
    let begun = Instant::now();
    let mut offset = 0;
    loop {
        let served = output.read(offset, usize::MAX, Patience::Over).unwrap();
        if served.bytes.is_empty() {
            break;
        }
        offset += served.bytes.len() as u64;
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "masked reading                {:8.1} MiB/s  ({:.2} ms per MiB)",
        MIB as f64 / seconds,
        seconds * 1e3 / MIB as f64
    );
}

async fn keys(program: &Path, folder: &Path) {
    let dir = folder.join("keys");
    let args = vec!["-c".into(), "stty -icanon; echo ready; exec cat > /dev/null".into()];
    let launched = launch(program, &dir, &spec(folder, args)).await.unwrap();
    let (connection, _) = connect(&dir).await.unwrap();
    let (mut sender, mut receiver) = connection.split();
    let file = File::open(dir.join("output")).unwrap();
    let length = || file.metadata().unwrap().len();
    while length() < 7 {
        std::thread::sleep(Duration::from_millis(1));
    }
    println!("idle: {} KiB resident", resident(launched.supervisor_pid));
    let mut times = Vec::new();
    for number in 0..KEYS {
        let before = length();
        let begun = Instant::now();
        sender.send(ToSupervisor::Input { id: format!("key:{number}") }, b"x".to_vec()).await.unwrap();
        while length() == before {
            // Spinning alone would keep a processor from those who are to do the work.
            std::thread::yield_now();
        }
        times.push(begun.elapsed());
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    times.sort();
    let at = |part: f64| times[(part * (times.len() - 1) as f64) as usize].as_secs_f64() * 1e3;
    println!(
        "echo of a key kept on disk: p50 {:.3} ms, p99 {:.3} ms, most {:.3} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    );
    stop(&mut sender, &mut receiver).await;
}

fn cpu_ms(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks * 10.0
}

fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
