//! The store, used as the gateway uses it.

#[path = "all/story.rs"]
mod story;

#[path = "all/appending.rs"]
mod appending;
#[path = "all/failing.rs"]
mod failing;
#[path = "all/folding.rs"]
mod folding;
#[path = "all/reading.rs"]
mod reading;
