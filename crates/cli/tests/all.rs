//! Offdesk as a person uses it: the real program, real processes, real kills.

#[path = "all/story.rs"]
mod story;

#[path = "all/bad_input.rs"]
mod bad_input;
#[path = "all/chaos.rs"]
mod chaos;
#[path = "all/claude.rs"]
mod claude;
#[path = "all/demo.rs"]
mod demo;
#[path = "all/survival.rs"]
mod survival;
#[path = "all/terminal.rs"]
mod terminal;
#[path = "all/viewers.rs"]
mod viewers;
