//! Which sub-agent a hook of Claude's speaks of. Hooks name it by Claude's own id for it; which tool use started it is said
//! only when that ends, at once for one that works in the background.

use crate::json::text;
use offdesk_protocol::{SubAgent, ToolId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Tools that start one, under their names in newer and older versions.
const STARTS: [&str; 2] = ["Agent", "Task"];
/// Longest name, in characters.
const LONGEST_NAME: usize = 200;

/// By Claude's own ids.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct SubAgents(BTreeMap<String, SubAgent>);

impl SubAgents {
    /// The one that a hook is about. One that was not named before belongs to the only tool use that can have started it; of
    /// several, none is taken by guess.
    pub(super) fn of<'a>(
        &mut self,
        hook: &Value,
        open: impl Iterator<Item = (ToolId, &'a str, &'a Value)>,
    ) -> Option<SubAgent> {
        let native = text(hook, "agent_id");
        if native.is_empty() {
            return None;
        }
        if let Some(known) = self.0.get(native) {
            return Some(known.clone());
        }
        let may_have = |tool: &ToolId, name: &str, input: &Value| {
            let kind = text(input, "subagent_type");
            STARTS.contains(&name)
                && (kind.is_empty() || kind == text(hook, "agent_type"))
                && self.0.values().all(|other| other.tool != *tool)
        };
        let mut may = open.filter(|(tool, name, input)| may_have(tool, name, input));
        let (Some((tool, _, input)), None) = (may.next(), may.next()) else { return None };
        let found = named(tool, input);
        self.0.insert(native.into(), found.clone());
        Some(found)
    }

    /// A tool use has ended, and says which one it started.
    pub(super) fn started(&mut self, tool: ToolId, name: &str, input: &Value, response: &Value) {
        let native = text(response, "agentId");
        if STARTS.contains(&name) && !native.is_empty() {
            self.0.insert(native.into(), named(tool, input));
        }
    }
}

fn named(tool: ToolId, input: &Value) -> SubAgent {
    SubAgent { tool, name: text(input, "description").chars().take(LONGEST_NAME).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tool(n: u8) -> ToolId {
        format!("00000000-0000-0000-0000-0000000000{n:02}").parse().unwrap()
    }

    #[test]
    fn one_that_nobody_named_belongs_to_the_only_use_that_can_have_started_it() {
        let input = json!({"description": "Look around", "subagent_type": "Explore"});
        let hook = json!({"agent_id": "a1", "agent_type": "Explore"});
        let one = || [(tool(1), "Agent", &input), (tool(3), "Bash", &input)].into_iter();
        let two = || [(tool(1), "Agent", &input), (tool(2), "Agent", &input)].into_iter();
        assert_eq!(SubAgents::default().of(&json!({}), one()), None, "the agent itself");
        assert_eq!(SubAgents::default().of(&hook, two()), None, "it may be either");
        let other = json!({"agent_id": "a1", "agent_type": "Plan"});
        assert_eq!(SubAgents::default().of(&other, one()), None, "it is another's");

        let mut known = SubAgents::default();
        let first = known.of(&hook, one()).unwrap();
        assert_eq!((first.tool, first.name.as_str()), (tool(1), "Look around"));
        let second = json!({"agent_id": "a2", "agent_type": "Explore"});
        assert_eq!(known.of(&second, two()).map(|found| found.tool), Some(tool(2)), "the first is taken");
        assert_eq!(known.of(&hook, [].into_iter()), Some(first), "its use may have ended");
    }

    #[test]
    fn one_in_the_background_is_named_by_what_started_it() {
        let mut known = SubAgents::default();
        let input = json!({"description": "Count the apples"});
        known.started(tool(1), "Agent", &input, &json!({"agentId": "a1"}));
        known.started(tool(2), "Bash", &input, &json!({"agentId": "a2"}));
        let of = |known: &mut SubAgents, id: &str| known.of(&json!({"agent_id": id}), [].into_iter());
        assert_eq!(of(&mut known, "a1").map(|found| found.name), Some("Count the apples".into()));
        assert_eq!(of(&mut known, "a2"), None);
    }
}
