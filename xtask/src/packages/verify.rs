//! `--verify`: what a person would see who installs the Debian package, from looking into it to running it in a root that
//! has nothing else.

use super::{entries, name, shelf, version};
use crate::shell::{Done, ask, has, program, root, run};
use crate::system::{self, Need, tool};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const NEEDS: &[Need] = &[
    tool("debootstrap", "debootstrap", "it makes the clean root"),
    tool("xdpyinfo", "x11-utils", "it sees the windows"),
    tool("dbus-daemon", "dbus", "the tray is reached by it"),
    tool("lxqt-panel", "lxqt-panel", "it shows the tray"),
    tool("import", "imagemagick", "it looks at the window"),
    tool("Xvfb", "xvfb", "the app has a screen there"),
    tool("gdbus", "libglib2.0-bin", "it asks the tray"),
];
/// Fewer are in a window before anything is drawn.
const COLOURS: u32 = 32;
const PATIENCE: Duration = Duration::from_secs(60);
/// A program in the clean root: what it does there is in this file.
const INSIDE: &str = include_str!("../../../installers/linux/check-inside.sh");

pub(super) fn verify() -> Done {
    let shelf = shelf()?;
    let package = entries(&shelf)?.into_iter().find(|path| {
        let name = name(path);
        name.ends_with(".deb") && version().is_ok_and(|version| name.contains(&version))
    });
    let package = package
        .ok_or_else(|| format!("There is no Debian package in {}: run `cargo x dist`.", shelf.display()))?;
    eprintln!("── Looking into {}", package.display());
    let faults = faults(&package, &shelf.join("unpacked"))?;
    if !faults.is_empty() {
        return Err(format!("{} is not as it should be:\n  {}", package.display(), faults.join("\n  ")));
    }
    eprintln!("   All is there, and nothing runs when it is installed or removed.");
    if let Some(rpm) = entries(&shelf)?.into_iter().find(|path| name(path).ends_with(".rpm")) {
        look_into_rpm(&rpm)?;
    }
    if !system::is_root() {
        eprintln!("Only root can make a clean root; installing and running there was not tried.");
        return Ok(());
    }
    system::ensure(NEEDS)?;
    in_a_clean_root(&package)
}

/// What must be in a package, and how the file begins where that is known.
const FILES: [(&str, &str); 12] = [
    ("usr/bin/offdesk", "\u{7f}ELF"),
    ("usr/bin/offdesk-tray", "\u{7f}ELF"),
    ("usr/share/applications/Offdesk.desktop", "[Desktop Entry]"),
    ("usr/lib/systemd/user/offdesk.service", ""),
    ("usr/share/metainfo/dev.offdesk.tray.metainfo.xml", "<?xml"),
    ("usr/share/icons/hicolor/32x32/apps/offdesk-tray.png", ""),
    ("usr/share/icons/hicolor/128x128/apps/offdesk-tray.png", ""),
    ("usr/share/bash-completion/completions/offdesk", "_offdesk"),
    ("usr/share/zsh/vendor-completions/_offdesk", "#compdef offdesk"),
    ("usr/share/fish/vendor_completions.d/offdesk.fish", ""),
    ("usr/share/man/man1/offdesk.1", ".ie"),
    ("usr/share/doc/offdesk/copyright", "Format:"),
];

/// Everything in the package that is not as it should be.
fn faults(package: &Path, unpacked: &Path) -> Result<Vec<String>, String> {
    remove(unpacked)?;
    let (from, to) = (package.to_string_lossy(), unpacked.to_string_lossy());
    run("Unpacking it", program("dpkg-deb", &["--raw-extract", &from, &to]))?;
    let mut faults = Vec::new();
    for (file, begin) in FILES {
        match std::fs::read(unpacked.join(file)) {
            Ok(bytes) if bytes.is_empty() => faults.push(format!("{file} is empty")),
            Ok(bytes) if !bytes.starts_with(begin.as_bytes()) => {
                faults.push(format!("{file} does not begin with {begin:?}"))
            }
            Ok(_) => {}
            Err(_) => faults.push(format!("{file} is missing")),
        }
    }
    let read = |file: &str| std::fs::read_to_string(unpacked.join(file)).unwrap_or_default();
    let ours = std::fs::read_to_string(root().join("installers/linux/offdesk.service")).unwrap_or_default();
    if read("usr/lib/systemd/user/offdesk.service") != ours {
        faults.push("the unit is not installers/linux/offdesk.service".into());
    }
    let entry = read("usr/share/applications/Offdesk.desktop");
    for line in ["Exec=offdesk-tray %u", "MimeType=x-scheme-handler/offdesk;", "Icon=offdesk-tray"] {
        if !entry.lines().any(|found| found.trim_end_matches(';') == line.trim_end_matches(';')) {
            faults.push(format!("the menu entry has no line {line}"));
        }
    }
    // Whatever a package runs when it is installed or removed could end a gateway or a run.
    for script in ["preinst", "postinst", "prerm", "postrm"] {
        if unpacked.join("DEBIAN").join(script).exists() {
            faults.push(format!("it has a script {script}"));
        }
    }
    for wanted in ["usr/lib/systemd/user/default.target.wants", "etc"] {
        if unpacked.join(wanted).exists() {
            faults
                .push(format!("{wanted} is there, which switches something on or is for the administrator"));
        }
    }
    let control = read("DEBIAN/control");
    for line in ["Package: offdesk".to_string(), format!("Version: {}", version()?)] {
        if !control.lines().any(|found| found == line) {
            faults.push(format!("its description has no line {line:?}"));
        }
    }
    let depends = control.lines().find(|line| line.starts_with("Depends:")).unwrap_or_default();
    for needed in ["libwebkit2gtk-4.1-0", "libgtk-3-0", "ca-certificates"] {
        if !depends.contains(needed) {
            faults.push(format!("it does not depend on {needed}"));
        }
    }
    if !read("usr/share/metainfo/dev.offdesk.tray.metainfo.xml").contains(&format!("\"{}\"", version()?)) {
        faults.push("its metainfo is of another version".into());
    }
    Ok(faults)
}

fn remove(folder: &Path) -> Done {
    if !folder.exists() {
        return Ok(());
    }
    std::fs::remove_dir_all(folder)
        .map_err(|error| format!("{} cannot be removed: {error}.", folder.display()))
}

fn look_into_rpm(rpm: &Path) -> Done {
    if !has("rpm") {
        eprintln!("rpm is not installed; {} was not looked into.", rpm.display());
        return Ok(());
    }
    eprintln!("── Looking into {}", rpm.display());
    let path = rpm.to_string_lossy();
    let says = |args: &[&str]| {
        let words: Vec<&str> = args.iter().copied().chain([&*path]).collect();
        ask(program("rpm", &words)).ok_or(format!("rpm cannot read {path}."))
    };
    let list = says(&["-qlp"])?;
    for (file, _) in FILES {
        let file = format!("/{file}");
        let deb_only = file.contains("/vendor-completions/") || file.contains("/doc/");
        if !deb_only && !list.lines().any(|line| line == file) {
            return Err(format!("{path} has no {file}."));
        }
    }
    if !says(&["-qp", "--scripts"])?.trim().is_empty() {
        return Err(format!("{path} has scripts."));
    }
    eprintln!("   All is there, and nothing runs when it is installed or removed.");
    Ok(())
}

/// Programs we started; they end with us.
struct Started(Vec<Child>);

impl Started {
    fn start(&mut self, mut command: Command) -> Done {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.0.push(child.map_err(|error| format!("{command:?} could not start: {error}."))?);
        Ok(())
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        for child in self.0.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn wait(what: &str, mut until: impl FnMut() -> bool) -> Done {
    let deadline = Instant::now() + PATIENCE;
    while !until() {
        if Instant::now() > deadline {
            return Err(format!("{what} was not there after {} s.", PATIENCE.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn in_a_clean_root(package: &Path) -> Done {
    let clean = clean_root(&root().join("target/verify"))?;
    let inside = clean.join("verify");
    let lay_out = || {
        std::fs::create_dir_all(&inside)?;
        std::fs::copy(package, inside.join("offdesk.deb"))?;
        std::fs::write(inside.join("check"), INSIDE)
    };
    lay_out().map_err(|error| format!("{} cannot be written: {error}.", inside.display()))?;
    run("Installing it in a clean root", enter(&clean, &["install"]))?;
    let screen = Screen::up(&clean)?;
    let shot = shelf()?.join("verify.png");
    let mut app = enter(&clean, &["run", &screen.display]);
    app.stdin(Stdio::null());
    let mut app = app.spawn().map_err(|error| format!("The app could not start: {error}."))?;
    let seen = screen.sees_the_app(&shot.to_string_lossy());
    // Tells the check inside that it was seen, or that it need not wait any longer.
    let said = std::fs::write(inside.join("seen"), if seen.is_ok() { "yes" } else { "no" });
    said.map_err(|error| format!("{} cannot be written: {error}.", inside.display()))?;
    let ended = app.wait().map_err(|error| format!("The app could not be waited for: {error}."))?;
    seen?;
    if !ended.success() {
        return Err("What was done in the clean root failed; it says above what.".into());
    }
    eprintln!("\nInstalled, started, seen, installed anew with a run working, and removed; the data stayed.");
    Ok(())
}

/// Runs the check in the root, in namespaces of its own: nothing that it starts or mounts is left.
fn enter(clean: &Path, words: &[&str]) -> Command {
    let script = "mount -t proc proc \"$1/proc\" && mount --rbind /dev \"$1/dev\" && root=$1 && shift && \
                  exec chroot \"$root\" /bin/sh /verify/check \"$@\"";
    let path = clean.to_string_lossy().into_owned();
    let mut all = vec!["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh", &path];
    all.extend(words);
    let mut command = program("unshare", &all);
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LANG", "C.UTF-8");
    command
}

/// A copy of a root that is made once.
fn clean_root(folder: &Path) -> Result<PathBuf, String> {
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("{} cannot be made: {error}.", folder.display()))?;
    let (base, clean) = (folder.join("base"), folder.join("root"));
    if !base.join("done").exists() {
        // What an earlier try left half made.
        remove(&base)?;
        let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
        let value = |name: &str| release.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        let suite = match value("ID=") {
            "debian" => value("VERSION_CODENAME="),
            _ => "bookworm",
        };
        // The archive that this machine uses is the one that it reaches.
        let archives = ask(program("apt-get", &["indextargets", "--format", "$(REPO_URI) $(RELEASE)"]));
        let mirror = archives.unwrap_or_default();
        let mirror =
            mirror.lines().find_map(|line| line.strip_suffix(&format!(" {suite}")).map(str::to_string));
        let to = base.to_string_lossy().into_owned();
        let mut words = vec!["--variant=minbase", suite, &to];
        words.extend(mirror.as_deref());
        run("Making a clean root", program("debootstrap", &words))?;
        // With the same sources as here, so that the versions fit each other.
        for file in ["sources.list", "sources.list.d", "apt.conf.d", "auth.conf.d"] {
            let from = Path::new("/etc/apt").join(file);
            if value("ID=") == "debian" {
                let _ = std::fs::remove_file(base.join("etc/apt").join(file));
            }
            if from.exists() && value("ID=") == "debian" {
                let to = base.join("etc/apt").to_string_lossy().into_owned();
                run("Copying apt's sources", program("cp", &["-a", &from.to_string_lossy(), &to]))?;
            }
        }
        std::fs::write(base.join("done"), "").map_err(|error| format!("{to} cannot be written: {error}."))?;
    }
    remove(&clean)?;
    run("Copying it", program("cp", &["-a", &base.to_string_lossy(), &clean.to_string_lossy()]))?;
    for file in ["/etc/resolv.conf", "/etc/hosts"] {
        let _ = std::fs::copy(file, clean.join(&file[1..]));
    }
    Ok(clean)
}

/// A screen with a panel that shows the tray, and the bus over which they speak.
struct Screen {
    display: String,
    bus: String,
    _started: Started,
}

impl Screen {
    fn up(clean: &Path) -> Result<Self, String> {
        let display = (90..200)
            .find(|number| !Path::new(&format!("/tmp/.X11-unix/X{number}")).exists())
            .map(|number| format!(":{number}"))
            .ok_or("No number is free for a screen.")?;
        let home = clean.join("verify/desk");
        let panel = home.join(".config/lxqt");
        let config = "[General]\npanels=panel1\n[panel1]\nplugins=statusnotifier\nposition=Top\npanelSize=32\n\
                      iconSize=24\n[statusnotifier]\ntype=statusnotifier\nalignment=Right\n";
        let lay_out = || {
            std::fs::create_dir_all(&panel)?;
            std::fs::write(panel.join("panel.conf"), config)
        };
        lay_out().map_err(|error| format!("{} cannot be written: {error}.", panel.display()))?;
        let socket = clean.join("verify/bus");
        let bus = format!("unix:path={}", socket.display());
        let mut started = Started(Vec::new());
        started.start(program("Xvfb", &[&display, "-screen", "0", "1280x800x24", "-nolisten", "tcp"]))?;
        wait("The screen", || {
            let mut asked = program("xdpyinfo", &[]);
            asked.env("DISPLAY", &display);
            ask(asked).is_some()
        })?;
        let address = format!("--address={bus}");
        started.start(program("dbus-daemon", &["--session", &address, "--nofork", "--nopidfile"]))?;
        wait("The bus", || socket.exists())?;
        let mut command = program("lxqt-panel", &[]);
        command
            .env("DISPLAY", &display)
            .env("DBUS_SESSION_BUS_ADDRESS", &bus)
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_RUNTIME_DIR", &home)
            .env("XDG_CURRENT_DESKTOP", "LXQt");
        started.start(command)?;
        let screen = Self { display, bus, _started: started };
        wait("The panel's tray", || screen.items().is_some())?;
        Ok(screen)
    }

    /// Who is in the tray; nothing if there is no tray.
    fn items(&self) -> Option<String> {
        let mut command = program(
            "gdbus",
            &[
                "call",
                "--session",
                "--dest",
                "org.kde.StatusNotifierWatcher",
                "--object-path",
                "/StatusNotifierWatcher",
                "--method",
                "org.freedesktop.DBus.Properties.Get",
                "org.kde.StatusNotifierWatcher",
                "RegisteredStatusNotifierItems",
            ],
        );
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.bus);
        ask(command)
    }

    fn sees_the_app(&self, shot: &str) -> Done {
        wait("The app's icon in the tray", || self.items().is_some_and(|items| items.contains('\'')))?;
        eprintln!("   It is in the tray.");
        wait("The app's window", || {
            let tree = self.ask("xwininfo", &["-root", "-tree"]).unwrap_or_default();
            // Without one, xwininfo would wait for a click on one.
            let Some(window) = tree.lines().find_map(window_of_the_app) else { return false };
            let shown = self.ask("xwininfo", &["-id", &window]);
            if !shown.is_some_and(|said| said.contains("Map State: IsViewable")) {
                return false;
            }
            // A window of one colour is one in which nothing was drawn.
            self.ask("import", &["-window", &window, shot]).is_some()
                && self.ask("identify", &["-format", "%k", shot]).is_some_and(|colours| {
                    colours.trim().parse::<u32>().is_ok_and(|colours| colours > COLOURS)
                })
        })?;
        eprintln!("   Its window is there, with something in it.");
        Ok(())
    }

    fn ask(&self, name: &str, args: &[&str]) -> Option<String> {
        let mut command = program(name, args);
        command.env("DISPLAY", &self.display);
        ask(command)
    }
}

/// The id of the app's own window, from a line of xwininfo's tree: there are others of its name that are never shown.
fn window_of_the_app(line: &str) -> Option<String> {
    let (id, rest) = line.trim().split_once(" \"Offdesk\": (")?;
    let (_, place) = rest.split_once(")  ")?;
    let (width, _) = place.split_once('x')?;
    (rest.contains("offdesk-tray") && width.trim().parse::<u32>().ok()? >= 400).then(|| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_window_that_a_person_could_see_is_the_apps() {
        for (line, id) in [
            (
                r#"     0x40000b "Offdesk": ("offdesk-tray" "Offdesk-tray")  980x680+0+0  +0+0"#,
                Some("0x40000b"),
            ),
            (r#"     0x400001 "Offdesk": ("offdesk-tray" "Offdesk-tray")  10x10+10+10  +10+10"#, None),
            (r#"     0x400001 "Offdesk": ("other" "Other")  980x680+0+0  +0+0"#, None),
            (r#"     0x400002 (has no name): ()  980x680+0+0  +0+0"#, None),
        ] {
            assert_eq!(window_of_the_app(line).as_deref(), id, "{line}");
        }
    }
}
