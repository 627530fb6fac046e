//! `cargo x bench`: the store's figures, then those of the whole, then what a phone waits for.

use crate::shell::{Done, cargo, program, root, run};
use crate::{front, system};

pub(crate) fn bench(rest: &[String]) -> Done {
    system::ensure(system::BUILD)?;
    let own = |args: &[&str]| {
        let mut words: Vec<String> = args.iter().map(ToString::to_string).collect();
        words.push("--".into());
        words.extend(rest.iter().cloned());
        words
    };
    run("Building", cargo(&["build", "--release", "--package", "offdesk"]))?;
    for example in [
        ["run", "--release", "--quiet", "--package", "offdesk-store", "--example", "append_bench"],
        ["run", "--release", "--quiet", "--package", "offdesk", "--example", "bench"],
    ] {
        let words = own(&example);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut command = cargo(&words);
        command.env("OFFDESK_BIN", root().join("target/release/offdesk"));
        run("Measuring", command)?;
    }
    system::ensure(system::TEST)?;
    system::ensure_node()?;
    front::build()?;
    // The page is inside the program, so that is built again with it.
    let programs =
        ["build", "--release", "--bin", "offdesk", "--bin", "scripted-edge", "--bin", "scripted-cloudflared"];
    run("Building what the phone meets", cargo(&programs))?;
    let mut page = program("node", &["mobile-web/e2e/measure.mjs"]);
    for (name, program) in [
        ("OFFDESK_BIN", "offdesk"),
        ("OFFDESK_EDGE", "scripted-edge"),
        ("OFFDESK_CLOUDFLARED", "scripted-cloudflared"),
    ] {
        page.env(name, root().join("target/release").join(program));
    }
    run("Measuring the page", page)
}
