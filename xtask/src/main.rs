//! `cargo x …`: everything a contributor types. Standard library only, so that it builds in seconds anywhere.

mod agents;
mod bench;
mod cross;
mod desktop;
mod front;
mod fuzz;
mod icons;
mod packages;
mod pip;
mod shell;
mod system;
mod verbs;
mod wine;

use std::process::ExitCode;

const USAGE: &str = "\
cargo x run             set up and run Offdesk: in the tray where there is a display, else in the terminal
cargo x run --terminal  in the terminal in any case
cargo x run -- ARGS     the same; ARGS go to `offdesk serve`
cargo x test            set up and run all tests
cargo x test-desktop    set up and test the tray app on a desktop of its own (on Debian or Ubuntu)
cargo x screenshots     take pictures of the app's windows into docs/screenshots
cargo x screenshots phone
                        take pictures of the phone's page into docs/screenshots/phone
cargo x lint            formatting, clippy, front-end types
cargo x check           type-check for Windows and macOS (on Debian or Ubuntu)
cargo x check --wine    besides, build `offdesk.exe` and try it under Wine
cargo x types           write the TypeScript twins of the protocol's types
cargo x agents          print what was proved with which agent, and which of them are here
cargo x agents --write  put what was proved into docs/agents.md
cargo x icons           make all bitmaps from the drawings in icons/
cargo x dist            build the packages into target/dist; --headless: the program alone, packed
cargo x dist --verify   look into the Debian package, install it into a clean root, run it there
cargo x dist --manifests VERSION SUMS
                        fill in what winget, Homebrew, the AUR and the updater read
cargo x bench           measure, each figure against a limit taken in the same run
cargo x fuzz [TARGET] [SECONDS]
                        let libFuzzer look for what breaks a parser
cargo x ci              lint and test, as CI does";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let verb = args.next().unwrap_or_default();
    let rest: Vec<String> = args.skip_while(|arg| arg == "--").collect();
    let done = match verb.as_str() {
        "run" if rest.is_empty() && desktop::has_display() => desktop::serve(),
        "run" if rest == ["--terminal"] => verbs::serve(&[]),
        "run" => verbs::serve(&rest),
        "test" => verbs::test(),
        "test-desktop" => desktop::test(),
        "screenshots" if rest == ["phone"] => verbs::phone_screenshots(),
        "screenshots" => desktop::screenshots(),
        "lint" => verbs::lint(),
        "check" => cross::check(&rest),
        "types" => verbs::types(),
        "agents" => agents::proved(&rest),
        "icons" => icons::make(&rest),
        "dist" => packages::dist(&rest),
        "bench" => bench::bench(&rest),
        "fuzz" => fuzz::fuzz(&rest),
        "ci" => verbs::lint().and_then(|()| verbs::test()),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\ncargo x {verb}: {why}");
            ExitCode::FAILURE
        }
    }
}
