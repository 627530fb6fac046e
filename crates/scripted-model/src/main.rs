//! The scripted model as a program: `scripted-model [PORT]`, on loopback only; prints its address.

use offdesk_scripted_model::ScriptedModel;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let port = match std::env::args().nth(1).map(|port| port.parse::<u16>()) {
        None => 0,
        Some(Ok(port)) => port,
        Some(Err(_)) => {
            eprintln!("usage: scripted-model [PORT]");
            return ExitCode::from(2);
        }
    };
    let listener = match tokio::net::TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("scripted-model: cannot listen on port {port}: {error}");
            return ExitCode::FAILURE;
        }
    };
    match listener.local_addr() {
        Ok(address) => println!("http://{address}"),
        Err(error) => eprintln!("scripted-model: {error}"),
    }
    ScriptedModel::start(listener).serve().await;
    ExitCode::SUCCESS
}
