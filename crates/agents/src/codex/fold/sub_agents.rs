//! Codex's sub-agents: threads of their own, which the run's thread began by a tool.

use super::{CodexFold, Tool};
use crate::codex::say;
use crate::json::{items, line_of, text};
use crate::out::Out;
use offdesk_protocol::{ApprovalId, SubAgent, TurnStatus, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Longest name of one.
const LONGEST_NAME: usize = 200;

/// One that was begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Begun {
    pub sub_agent: SubAgent,
    /// Its last words, as the reason for what it asks next.
    #[serde(default)]
    pub said: String,
    /// Codex's name of the turn it works in.
    #[serde(default)]
    pub turn: Option<String>,
    /// All it used so far.
    #[serde(default)]
    pub usage: Option<Usage>,
}

impl CodexFold {
    /// The sub-agent whose thread a message is of.
    pub(super) fn sub_agent(&self, params: &Value) -> Option<&Begun> {
        self.state.sub_agents.get(text(params, "threadId"))
    }

    pub(super) fn sub_agent_mut(&mut self, params: &Value) -> Option<&mut Begun> {
        self.state.sub_agents.get_mut(text(params, "threadId"))
    }

    /// Learns which threads a tool began.
    pub(super) fn begins_sub_agents(&mut self, item: &Value, tool: &Tool) {
        if (text(item, "type"), text(item, "tool")) != ("collabAgentToolCall", "spawnAgent") {
            return;
        }
        let first = text(item, "prompt").lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let name: String = first.trim().chars().take(LONGEST_NAME).collect();
        for thread in items(item, "receiverThreadIds").filter_map(Value::as_str) {
            let sub_agent = SubAgent { tool: tool.id, name: name.clone() };
            let begun = Begun { sub_agent, said: String::new(), turn: None, usage: None };
            self.state.sub_agents.insert(thread.into(), begun);
        }
    }

    pub(super) fn sub_agent_turn_started(&mut self, params: &Value) {
        let turn = params.get("turn").map(|turn| text(turn, "id").to_string());
        if let Some(begun) = self.sub_agent_mut(params) {
            begun.turn = turn;
        }
    }

    /// What it asked is no longer asked, and nothing of it goes on behind a turn that was cut short.
    pub(super) fn sub_agent_turn_completed(&mut self, params: &Value, status: TurnStatus, out: &mut Out) {
        let Some(begun) = self.sub_agent_mut(params) else { return };
        begun.turn = None;
        begun.said.clear();
        self.settle(text(params, "threadId"), status, out);
    }

    /// What is left of a thread whose turn is over.
    pub(super) fn settle(&mut self, thread: &str, status: TurnStatus, out: &mut Out) {
        let of_thread =
            self.state.asked.iter().filter(|(_, asked)| text(&asked.params, "threadId") == thread);
        let open: Vec<ApprovalId> = of_thread.map(|(id, _)| *id).collect();
        for approval in open {
            self.withdraw(approval, out);
        }
        // A command may go on behind a turn that is done, never behind one that was cut short.
        if status != TurnStatus::Completed {
            let of_turn = |tool: &Tool| tool.thread == thread;
            let open: Vec<String> =
                self.state.tools.iter().filter(|(_, tool)| of_turn(tool)).map(|(id, _)| id.clone()).collect();
            for native in open {
                self.tool_cut_short(&native, out);
            }
        }
    }

    /// All that was used: by the run's thread, and by those of its sub-agents.
    pub(super) fn used(&self, own: Usage) -> Usage {
        self.state.sub_agents.values().filter_map(|begun| begun.usage.as_ref()).fold(own, |sum, used| Usage {
            input_tokens: sum.input_tokens.saturating_add(used.input_tokens),
            output_tokens: sum.output_tokens.saturating_add(used.output_tokens),
            cached_tokens: sum.cached_tokens.saturating_add(used.cached_tokens),
            cost_usd: sum.cost_usd,
        })
    }

    /// Codex goes on with a sub-agent when the turn that began it is interrupted, so each is interrupted by itself.
    pub(super) fn interrupts_sub_agents(&self, id: &str) -> Vec<u8> {
        let working =
            self.state.sub_agents.iter().filter_map(|(thread, begun)| Some((thread, begun.turn.as_ref()?)));
        working
            .enumerate()
            .flat_map(|(number, (thread, turn))| {
                line_of(&say::interrupt(&format!("{id}:{number}"), thread, turn))
            })
            .collect()
    }
}
