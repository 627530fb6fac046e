//! Pages that a program wants a person to open.

use serde::{Deserialize, Serialize};

/// A page on the web. Nothing of ours opens it: a person may, once they have seen where it leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct WebPage {
    /// Its whole address, in letters that cannot look like others.
    pub url: String,
    /// Where it really leads, with what stands before an `@` and after a `/` left out.
    pub host: String,
}
