//! Linux and macOS.

mod access;
mod bind;
mod children;
mod inside;
mod leave;

pub(crate) use access::{
    is_ours, only_for_us, private_dir, private_file, read_at, remove_socket, socket_place, sync_dir,
};
pub use bind::exec_child;
pub(crate) use bind::trampoline;
pub(crate) use children::{
    ADOPTS_ORPHANS, hang_up, interrupt, kill, more_waits, own_group, reap, terminate, wait,
};
pub use inside::is_inside_an_attempt;
pub(crate) use inside::{is_inside, members};
pub(crate) use leave::{detached, leave_parent, let_go_of_stdio, on_termination};
