//! Stories: recorded output through the machine, and the whole tunnel with a scripted program, under paused time.

mod driver;
mod failures;
mod fetch;
mod replay;
mod world;
