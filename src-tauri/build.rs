//! Checks the configuration and puts the windows' files into the program.

fn main() {
    tauri_build::build();
}
