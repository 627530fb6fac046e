//! Who may: people at this machine, paired devices, holders of bearer keys, and agents, which may only look.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use offdesk_protocol::{Actor, Device, DeviceId, DeviceRole, ErrorCode, Problem};
use offdesk_store::Store;
use sha2::{Digest, Sha256};

/// Who calls, and what they may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// As receipts name them.
    pub actor: Actor,
    /// A program inside an attempt: it reads and never decides.
    pub agent: bool,
    /// What they may.
    pub role: DeviceRole,
    /// The device, if it is one.
    pub device: Option<DeviceId>,
    /// They sit at this machine: only they let others in.
    pub here: bool,
}

impl Caller {
    /// Somebody at this machine.
    pub(crate) fn person(name: &str) -> Self {
        let actor = Actor::Person { name: name.into(), device: None };
        Self { actor, agent: false, role: DeviceRole::Admin, device: None, here: true }
    }

    /// A paired device.
    pub(crate) fn device(device: &Device) -> Self {
        let actor = Actor::Person { name: device.name.clone(), device: Some(device.id) };
        Self { actor, agent: false, role: device.role, device: Some(device.id), here: device.local }
    }

    pub(crate) fn agent() -> Self {
        let role = DeviceRole::Viewer;
        Self { actor: Actor::Agent, agent: true, role, device: None, here: false }
    }

    /// Only people change things.
    fn may_speak(&self) -> Result<(), Problem> {
        if self.agent {
            return Err(Problem::new(
                ErrorCode::NotAllowed,
                "This came from inside a run. An agent may look, and never decide, start, send or stop.",
            )
            .hint("Do it from the phone, or from a terminal of your own."));
        }
        Ok(())
    }

    /// And only those who may do more than look.
    pub(crate) fn may_change(&self) -> Result<(), Problem> {
        self.may_speak()?;
        if self.role < DeviceRole::Operator {
            return Err(Problem::new(ErrorCode::NotAllowed, "This device may look, and change nothing.")
                .hint("Pair it again as an operator: `offdesk pair --role operator`."));
        }
        Ok(())
    }

    /// What a person said to other agents, in other folders, is none of an agent's business.
    pub(crate) fn may_look_back(&self) -> Result<(), Problem> {
        self.may_speak()
    }

    /// The host's files are for people who may work on them: an agent has those of its workspace, and asks for others;
    /// who is let in to look sees what runs do, and no more of the computer.
    pub(crate) fn may_see_files(&self) -> Result<(), Problem> {
        self.may_speak()?;
        if self.role < DeviceRole::Operator {
            let text = "This device may look at runs and what they change, and not at the computer's files.";
            return Err(Problem::new(ErrorCode::NotAllowed, text)
                .hint("Pair it again as an operator: `offdesk pair --role operator`."));
        }
        Ok(())
    }

    /// What a run left is its person's, and of those whom they let look at it.
    pub(crate) fn may_see_artifacts(&self) -> Result<(), Problem> {
        self.may_speak()
    }

    /// Agents are told nothing of who else is connected.
    pub(crate) fn may_see_devices(&self) -> bool {
        !self.agent
    }

    /// Renaming and revoking: for administrators; of oneself, for everyone.
    pub(crate) fn may_manage(&self, device: DeviceId) -> Result<(), Problem> {
        self.may_speak()?;
        if self.role < DeviceRole::Admin && self.device != Some(device) {
            return Err(Problem::new(
                ErrorCode::NotAllowed,
                "This device may not change other devices; nothing was changed.",
            )
            .hint("Use `offdesk devices` on the computer."));
        }
        Ok(())
    }

    /// Letting somebody in takes somebody at the machine.
    pub(crate) fn may_let_in(&self) -> Result<(), Problem> {
        self.may_speak()?;
        if !self.here || self.role < DeviceRole::Admin {
            return Err(Problem::new(
                ErrorCode::NotAllowed,
                "Only somebody at the computer can let a device in; nothing was changed.",
            )
            .hint("Run `offdesk pair` on the computer."));
        }
        Ok(())
    }

    /// What a person is told is none of an agent's business.
    pub(crate) fn may_be_told(&self) -> Result<(), Problem> {
        self.may_speak()
    }

    /// Where else people are told things: what runs are called goes there.
    pub(crate) fn may_add_channels(&self) -> Result<(), Problem> {
        self.may_speak()?;
        if self.role < DeviceRole::Admin {
            return Err(Problem::new(
                ErrorCode::NotAllowed,
                "This device may not change where notifications go; nothing was changed.",
            )
            .hint("Use `offdesk notify channel` on the computer."));
        }
        Ok(())
    }

    /// A terminal to start from is one on this machine.
    pub(crate) fn may_bring_a_terminal(&self) -> Result<(), Problem> {
        if !self.here {
            return Err(Problem::new(
                ErrorCode::NotAllowed,
                "Only somebody at the computer can start a run from a terminal there; nothing was started.",
            )
            .hint("Start the run without one."));
        }
        Ok(())
    }

    /// Which programs run as agents, and with which variables, is settled at the machine: they run with its person's
    /// rights.
    pub(crate) fn may_equip(&self) -> Result<(), Problem> {
        self.may_speak()?;
        if !self.here || self.role < DeviceRole::Admin {
            return Err(Problem::new(
                ErrorCode::NotAllowed,
                "Only somebody at the computer can change which programs are agents; nothing was changed.",
            )
            .hint("Do it in the app there, or with `offdesk agents`."));
        }
        Ok(())
    }

    /// What this gateway is and does is settled at the machine, as letting in is.
    pub(crate) fn may_settle(&self) -> Result<(), Problem> {
        self.may_speak()?;
        if !self.here || self.role < DeviceRole::Admin {
            return Err(Problem::new(
                ErrorCode::NotAllowed,
                "Only somebody at the computer can see or change how it is reached; nothing was changed.",
            )
            .hint("Do it in the app there, or with `offdesk reach`."));
        }
        Ok(())
    }
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Random bytes for keys and codes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Problem::new(ErrorCode::Internal, format!("The system gives no random numbers: {error}."))
    })?;
    Ok(bytes)
}

/// Bearer keys of programs that have no link.
pub(crate) struct Access {
    store: Store,
}

impl Access {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// A new key.
    pub(crate) async fn grant(&self, name: &str, role: DeviceRole) -> Result<String, Problem> {
        let key = URL_SAFE_NO_PAD.encode(random::<32>()?);
        self.store.add_key(hash(&key), name.to_string(), role).await.map_err(crate::storage_problem)?;
        Ok(key)
    }

    /// Makes a key open nothing any more.
    pub(crate) async fn forget(&self, hash: [u8; 32]) -> Result<(), Problem> {
        self.store.forget_key(hash).await.map_err(crate::storage_problem)
    }

    /// Who holds this key.
    pub(crate) async fn caller(&self, key: &str) -> Result<Caller, Problem> {
        let found = self.store.key(hash(key)).await.map_err(crate::storage_problem)?;
        found.map(|key| Caller { role: key.role, ..Caller::person(&key.name) }).ok_or_else(|| {
            Problem::new(ErrorCode::Unauthorized, "This is no valid key.")
                .hint("Run `offdesk pair` on the computer and use the new address.")
        })
    }
}

/// How a key is named in lists: enough of its digest to tell it from others, too little to be of use.
pub(crate) fn key_id(hash: &[u8; 32]) -> String {
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// An address's code was spent, or never good.
pub(crate) fn spent() -> Problem {
    Problem::new(ErrorCode::Unauthorized, "This address was used before, or is too old.")
        .hint("Run `offdesk pair` on the computer and open the new address.")
}
