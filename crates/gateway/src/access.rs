//! Who may: one-time codes, bearer keys, and callers of the local socket.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use offdesk_protocol::{Actor, ErrorCode, Problem};
use offdesk_store::Store;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How long a one-time code works.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// Codes that may be open at once; the oldest make way.
const MOST_CODES: usize = 32;

/// Who calls, and what they may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// As receipts name them.
    pub actor: Actor,
    /// A program inside an attempt: it reads and never decides.
    pub agent: bool,
}

impl Caller {
    pub(crate) fn person(name: &str) -> Self {
        Self { actor: Actor::Person { name: name.into() }, agent: false }
    }

    pub(crate) fn agent() -> Self {
        Self { actor: Actor::Agent, agent: true }
    }

    /// Only people change things.
    pub(crate) fn may_change(&self) -> Result<(), Problem> {
        if self.agent {
            return Err(Problem::new(
                ErrorCode::NotAllowed,
                "This came from inside a run. An agent may look, and never decide, start, send or stop.",
            )
            .hint("Do it from the phone, or from a terminal of your own."));
        }
        Ok(())
    }
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// 32 random bytes as text.
fn secret() -> Result<String, Problem> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        Problem::new(ErrorCode::Internal, format!("The system gives no random numbers: {error}."))
    })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

pub(crate) struct Access {
    store: Store,
    codes: Mutex<HashMap<[u8; 32], Timestamp>>,
}

impl Access {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, codes: Mutex::default() }
    }

    /// A one-time code and when it stops working.
    pub(crate) fn offer(&self) -> Result<(String, Timestamp), Problem> {
        let code = secret()?;
        let expires = Timestamp::now() + CODE_LIFE;
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|_, expires| *expires > Timestamp::now());
        if codes.len() >= MOST_CODES
            && let Some(oldest) = codes.iter().min_by_key(|(_, expires)| **expires).map(|(hash, _)| *hash)
        {
            codes.remove(&oldest);
        }
        codes.insert(hash(&code), expires);
        Ok((code, expires))
    }

    /// Exchanges a code for a key. The code is gone afterwards, whatever happens.
    pub(crate) async fn redeem(&self, code: &str, name: &str) -> Result<String, Problem> {
        let expires = self.codes.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash(code));
        if expires.is_none_or(|expires| expires <= Timestamp::now()) {
            return Err(Problem::new(
                ErrorCode::Unauthorized,
                "This address was used before, or is too old.",
            )
            .hint("Run `offdesk pair` on the computer and open the new address."));
        }
        let key = secret()?;
        self.store.add_key(hash(&key), name.to_string()).await.map_err(crate::storage_problem)?;
        Ok(key)
    }

    /// Who holds this key.
    pub(crate) async fn caller(&self, key: &str) -> Result<Caller, Problem> {
        let name = self.store.key_name(hash(key)).await.map_err(crate::storage_problem)?;
        name.map(|name| Caller::person(&name)).ok_or_else(|| {
            Problem::new(ErrorCode::Unauthorized, "This page has no valid key.")
                .hint("Run `offdesk pair` on the computer and open the new address.")
        })
    }
}
