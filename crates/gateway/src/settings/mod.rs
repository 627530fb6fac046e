//! What a person has set: what is kept, what the command line says for this start, and what holds of both.

mod agents;
mod check;
mod file;
mod presets;

use crate::config::{Config, Fixed};
use file::Kept;
use offdesk_protocol::{ChangeSettings, ErrorCode, KeysPlace, Problem, Settings, TunnelChoice};
use offdesk_tunnel::{Credentials, Token};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// What holds.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) roots: Vec<PathBuf>,
    pub(crate) max_working: u32,
    pub(crate) lan: bool,
    pub(crate) tunnel: TunnelChoice,
    pub(crate) tunnel_url: Option<String>,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) cloudflared: Option<PathBuf>,
    pub(crate) paused: bool,
}

#[derive(Clone, Debug)]
struct Now {
    kept: Kept,
    token: Option<Token>,
}

/// A change that was found good and is not made yet.
pub(crate) struct Next {
    now: Now,
    /// Outer: whether the token changes; inner: what it becomes.
    token: Option<Option<Zeroizing<String>>>,
    pub(crate) held: Held,
}

pub(crate) struct Keeper {
    data: PathBuf,
    home: Option<PathBuf>,
    fixed: Fixed,
    now: Mutex<Now>,
    complaints: Vec<String>,
}

impl Keeper {
    /// Takes up what was kept.
    ///
    /// # Errors
    /// When there is no folder where runs may work, or a broken file cannot be put aside.
    pub(crate) fn load(config: &Config) -> Result<Self, Problem> {
        let found = file::read(&config.data)?;
        for complaint in &found.complaints {
            tracing::warn!("{complaint}");
        }
        let mut fixed = config.fixed.clone();
        if config.edge_url.is_some() {
            // The person's own tunnel is the one.
            fixed.tunnel.get_or_insert(TunnelChoice::Off);
        }
        let keeper = Self {
            data: config.data.clone(),
            home: config.home.clone(),
            fixed,
            now: Mutex::new(Now { kept: found.kept, token: found.token }),
            complaints: found.complaints,
        };
        if keeper.held().roots.is_empty() {
            let text = "There is no home folder, so it is not known where runs may work.";
            return Err(Problem::new(ErrorCode::BadRequest, text).hint("Say where with --root."));
        }
        Ok(keeper)
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What holds now.
    pub(crate) fn held(&self) -> Held {
        self.hold(&self.now())
    }

    /// What was wrong with what was kept.
    pub(crate) fn complaints(&self) -> &[String] {
        &self.complaints
    }

    /// Whether this was said for this start.
    pub(crate) fn is_fixed(&self, name: &str) -> bool {
        self.fixed.names().contains(&name)
    }

    fn hold(&self, now: &Now) -> Held {
        let (kept, fixed) = (&now.kept, &self.fixed);
        let home = || self.home.iter().cloned().collect();
        let kept_token = || now.token.clone().map(Credentials::Token);
        Held {
            roots: fixed.roots.clone().or_else(|| kept.roots.clone()).unwrap_or_else(home),
            max_working: fixed.max_working.or(kept.max_working).unwrap_or(Config::MAX_WORKING),
            lan: fixed.lan.unwrap_or(kept.lan),
            tunnel: fixed.tunnel.unwrap_or(kept.tunnel),
            tunnel_url: fixed.tunnel_url.clone().or_else(|| kept.tunnel_url.clone()),
            credentials: fixed.credentials.clone().or_else(kept_token),
            cloudflared: fixed.cloudflared.clone().or_else(|| kept.cloudflared.clone()),
            paused: kept.paused,
        }
    }

    /// For people.
    pub(crate) fn view(&self, keys: KeysPlace) -> Settings {
        let held = self.held();
        let text = |path: &PathBuf| path.display().to_string();
        Settings {
            roots: held.roots.iter().map(text).collect(),
            max_working: held.max_working,
            lan: held.lan,
            tunnel: held.tunnel,
            tunnel_url: held.tunnel_url,
            tunnel_token: held.credentials.is_some(),
            cloudflared: held.cloudflared.as_ref().map(text),
            paused: held.paused,
            fixed: self.fixed.names().into_iter().map(String::from).collect(),
            keys,
        }
    }

    /// What would hold after this change. Changes nothing.
    ///
    /// # Errors
    /// When something of it cannot be, or was fixed for this start.
    pub(crate) fn next(&self, change: &ChangeSettings) -> Result<Next, Problem> {
        let mut now = self.now().clone();
        let held = self.hold(&now);
        let kept = &mut now.kept;
        // Saying what holds anyway is no change.
        let free = |name: &'static str, same: bool| match self.is_fixed(name) {
            true if same => Ok(false),
            true => Err(fixed(name)),
            false => Ok(true),
        };
        if let Some(roots) = &change.roots {
            let roots: Vec<PathBuf> = roots.iter().map(PathBuf::from).collect();
            if free("roots", roots == held.roots)? {
                kept.roots = Some(check::roots(roots)?);
            }
        }
        if let Some(most) = change.max_working
            && free("maxWorking", most == held.max_working)?
        {
            kept.max_working = Some(check::max_working(most)?);
        }
        if let Some(lan) = change.lan
            && free("lan", lan == held.lan)?
        {
            kept.lan = lan;
        }
        if let Some(tunnel) = change.tunnel
            && free("tunnel", tunnel == held.tunnel)?
        {
            kept.tunnel = tunnel;
        }
        if let Some(url) = &change.tunnel_url {
            let url = check::tunnel_url(url)?;
            if free("tunnelUrl", url == held.tunnel_url)? {
                kept.tunnel_url = url;
            }
        }
        if let Some(path) = &change.cloudflared {
            let path = Some(PathBuf::from(path)).filter(|path| !path.as_os_str().is_empty());
            if free("cloudflared", path == held.cloudflared)? {
                kept.cloudflared = path.map(check::program).transpose()?;
            }
        }
        if let Some(paused) = change.paused {
            kept.paused = paused;
        }
        let mut token = None;
        if let Some(text) = &change.tunnel_token
            && free("tunnelToken", false)?
        {
            let text = Some(text.trim()).filter(|text| !text.is_empty());
            let parsed = text.map(Token::parse).transpose();
            now.token = parsed
                .map_err(|error| Problem::new(ErrorCode::BadRequest, format!("{}.", uppercase(&error))))?;
            token = Some(text.map(|text| Zeroizing::new(text.to_string())));
        }
        let held = self.hold(&now);
        let about_the_tunnel =
            change.tunnel.is_some() || change.tunnel_url.is_some() || change.tunnel_token.is_some();
        if about_the_tunnel {
            check::named_is_whole(&held)?;
        }
        Ok(Next { now, token, held })
    }

    /// Keeps it: from here on, and for the next start.
    ///
    /// # Errors
    /// When it cannot be written; then what was holds.
    pub(crate) fn keep(&self, mut next: Next) -> Result<(), Problem> {
        // Nothing else is written meanwhile, and what was set of agents since the change was looked at stays.
        let mut now = self.now();
        next.now.kept.agents.clone_from(&now.kept.agents);
        next.now.kept.programs.clone_from(&now.kept.programs);
        let before = file::token_text(&self.data);
        if let Some(token) = &next.token {
            file::write_token(&self.data, token.as_ref().map(|token| token.as_str()))?;
        }
        if let Err(problem) = file::write(&self.data, &next.now.kept) {
            if next.token.is_some() {
                let _ = file::write_token(&self.data, before.as_ref().map(|token| token.as_str()));
            }
            return Err(problem);
        }
        *now = next.now;
        Ok(())
    }
}

impl Fixed {
    /// As settings are named.
    fn names(&self) -> Vec<&'static str> {
        [
            (self.roots.is_some(), "roots"),
            (self.max_working.is_some(), "maxWorking"),
            (self.lan.is_some(), "lan"),
            (self.tunnel.is_some(), "tunnel"),
            (self.tunnel_url.is_some(), "tunnelUrl"),
            (self.credentials.is_some(), "tunnelToken"),
            (self.cloudflared.is_some(), "cloudflared"),
        ]
        .into_iter()
        .filter_map(|(fixed, name)| fixed.then_some(name))
        .collect()
    }
}

fn fixed(name: &str) -> Problem {
    let text =
        format!("“{name}” was said when this gateway was started, so it holds until it is started again.");
    Problem::new(ErrorCode::WrongState, text)
        .hint("Start the gateway without that flag, and it can be changed here.")
}

fn uppercase(text: &impl ToString) -> String {
    let text = text.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
