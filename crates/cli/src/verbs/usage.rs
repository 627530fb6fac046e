//! `usage`: what was used, by day.

use super::{say, say_json};
use crate::outcome::Outcome;
use clap::Args as ClapArgs;
use offdesk_client::Client;
use offdesk_protocol::*;

#[derive(Debug, ClapArgs)]
pub(crate) struct UsageArgs {
    /// How many days back, today included.
    #[arg(long, default_value_t = 30, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=400))]
    pub(crate) days: u32,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) async fn usage(client: &Client, asked: UsageArgs) -> Result<(), Outcome> {
    let days = client.usage(asked.days).await?;
    if asked.json {
        return say_json(&days);
    }
    if days.is_empty() {
        return say("No agent has told of anything it used in these days.");
    }
    say(format!(
        "{:<11} {:<10} {:<28} {:>12} {:>10} {:>12} {:>9}",
        "day", "agent", "model", "in", "out", "cached", "cost"
    ))?;
    days.iter().try_for_each(|day| say(line(day)))?;
    let cost: f64 = days.iter().filter_map(|day| day.usage.cost_usd).sum();
    let out: u64 = days.iter().map(|day| day.usage.output_tokens).sum();
    say(format!("In all: {out} tokens written, ${cost:.2} where agents say what they cost."))
}

fn line(day: &UsageDay) -> String {
    let model = visible_line(day.model.as_deref().unwrap_or("–"), 28);
    let cost = day.usage.cost_usd.map_or("–".into(), |cost| format!("${cost:.2}"));
    let Usage { input_tokens, output_tokens, cached_tokens, .. } = day.usage;
    format!(
        "{:<11} {:<10} {model:<28} {input_tokens:>12} {output_tokens:>10} {cached_tokens:>12} {cost:>9}",
        day.day,
        visible_line(&day.agent, 10)
    )
}
