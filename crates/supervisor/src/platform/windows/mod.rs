//! Windows.
//!
//! The supervisor is in a job of its own that ends all its members when its last handle is closed. The supervisor holds
//! the only one, so whatever ends the supervisor ends the agent and all it started; and everything that a member starts
//! is a member, so nothing can leave the tree.

mod access;
mod children;
mod job;
mod leave;

pub(crate) use access::{
    is_ours, only_for_us, private_dir, private_file, read_at, remove_socket, socket_place, sync_dir,
};
pub use children::exec_child;
pub(crate) use children::{
    ADOPTS_ORPHANS, hang_up, interrupt, kill, more_waits, own_group, reap, terminate, trampoline, wait,
};
pub use job::is_inside_an_attempt;
pub(crate) use job::{is_inside, leave_parent, members};
pub(crate) use leave::{detached, let_go_of_stdio, on_termination};
