//! Offdesk in the tray.

// A console window beside the tray would be all a person sees of it.
#![cfg_attr(windows, windows_subsystem = "windows")]

fn main() {
    offdesk_tray::run();
}
