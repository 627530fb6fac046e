//! Offdesk as a person uses it: the real program, real processes, real kills.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so"
)]

#[path = "all/outside.rs"]
mod outside;
#[path = "all/phone.rs"]
mod phone;
#[path = "all/push_service.rs"]
mod push_service;
#[path = "all/story.rs"]
mod story;

#[path = "all/acp.rs"]
mod acp;
#[path = "all/acp_repositories.rs"]
mod acp_repositories;
#[path = "all/bad_input.rs"]
mod bad_input;
#[path = "all/chaos.rs"]
mod chaos;
#[path = "all/claude.rs"]
mod claude;
#[path = "all/codex.rs"]
mod codex;
#[path = "all/contract/mod.rs"]
mod contract;
#[path = "all/controls.rs"]
mod controls;
#[path = "all/demo.rs"]
mod demo;
#[path = "all/elicitation.rs"]
mod elicitation;
#[path = "all/enemies.rs"]
mod enemies;
#[path = "all/files.rs"]
mod files;
#[path = "all/history.rs"]
mod history;
#[cfg(target_os = "linux")]
#[path = "all/install.rs"]
mod install;
#[path = "all/login.rs"]
mod login;
#[path = "all/notifications.rs"]
mod notifications;
#[path = "all/ollama.rs"]
mod ollama;
#[path = "all/opencode.rs"]
mod opencode;
#[path = "all/own_agents.rs"]
mod own_agents;
#[path = "all/pairing.rs"]
mod pairing;
#[path = "all/plans.rs"]
mod plans;
#[path = "all/reach.rs"]
mod reach;
#[path = "all/rev.rs"]
mod rev;
#[path = "all/rules.rs"]
mod rules;
#[path = "all/settings.rs"]
mod settings;
#[path = "all/storage.rs"]
mod storage;
#[path = "all/sub_agents.rs"]
mod sub_agents;
#[path = "all/survival.rs"]
mod survival;
#[path = "all/takeover.rs"]
mod takeover;
#[path = "all/terminal.rs"]
mod terminal;
#[path = "all/trust.rs"]
mod trust;
#[path = "all/viewers.rs"]
mod viewers;
#[path = "all/workspaces.rs"]
mod workspaces;
