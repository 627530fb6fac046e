//! `cargo x bench`: the store's figures, then those of the whole, then what a phone waits for.
//! `cargo x bench phone [PART…]` is the last alone.

use crate::shell::{Done, cargo, program, root, run};
use crate::{front, system};

/// The part that asks for real agents.
const WITH_AGENTS: &str = "turns";

/// The part in which a browser is the phone.
const PHONE: &str = "phone";

/// All of it, or only the parts that are named (`crates/cli/examples/bench`).
pub(crate) fn bench(rest: &[String]) -> Done {
    system::ensure(system::BUILD)?;
    if rest.first().is_some_and(|part| part == PHONE) {
        return phone(&rest[1..]);
    }
    run("Building", cargo(&["build", "--release", "--package", "offdesk"]))?;
    if rest.is_empty() {
        let store =
            ["run", "--release", "--quiet", "--package", "offdesk-store", "--example", "append_bench"];
        run("Measuring the store", cargo(&store))?;
    }
    let words = ["run", "--release", "--quiet", "--package", "offdesk", "--example", "bench", "--"];
    let words: Vec<&str> = words.into_iter().chain(rest.iter().map(String::as_str)).collect();
    let mut command = cargo(&words);
    command.env("OFFDESK_BIN", release("offdesk"));
    if rest.is_empty() || rest.iter().any(|part| part == WITH_AGENTS) {
        system::ensure_node()?;
        command.envs(crate::agents::pinned()?);
    }
    run("Measuring", command)?;
    if rest.is_empty() { phone(rest) } else { Ok(()) }
}

/// A program of the release build.
fn release(program: &str) -> std::path::PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    target.join("release").join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}

/// What a phone waits for (`mobile-web/bench`).
fn phone(parts: &[String]) -> Done {
    system::ensure(system::TEST)?;
    system::ensure_node()?;
    front::build()?;
    // The page is inside the program, so that is built again with it.
    let programs = ["offdesk", "scripted-edge", "scripted-cloudflared", "scripted-model"];
    let words = ["build", "--release", "--example", "bench"];
    let words: Vec<&str> =
        words.into_iter().chain(programs.iter().flat_map(|name| ["--bin", *name])).collect();
    run("Building what the phone meets", cargo(&words))?;
    let words: Vec<&str> =
        ["mobile-web/bench/main.mjs"].into_iter().chain(parts.iter().map(String::as_str)).collect();
    let mut page = program("node", &words);
    for (name, program) in [
        ("OFFDESK_BIN", "offdesk"),
        ("OFFDESK_EDGE", "scripted-edge"),
        ("OFFDESK_CLOUDFLARED", "scripted-cloudflared"),
        ("OFFDESK_MODEL", "scripted-model"),
        ("OFFDESK_BENCH", "examples/bench"),
    ] {
        page.env(name, release(program));
    }
    run("Measuring the page", page)
}
