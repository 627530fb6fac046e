//! `cargo x bench`: the store's figures, then those of the whole.

use crate::shell::{Done, cargo, root, run};
use crate::system;

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
    Ok(())
}
