//! Files that hold secrets, told by where people and programs keep them, and by what they begin with.

use offdesk_supervisor::mask_text;
use std::borrow::Cow;
use std::path::Path;

/// Names that hold secrets wherever they are.
const NAMES: &[&str] = &[
    ".env",
    ".envrc",
    ".netrc",
    "_netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".pgpass",
    ".my.cnf",
    ".htpasswd",
    ".dockercfg",
    ".vault-token",
    ".terraformrc",
    "credentials",
    "credentials.json",
    "secrets.json",
    "secrets.yaml",
    "secrets.yml",
    "secrets.toml",
    "terraform.tfstate",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "id_ecdsa_sk",
    "id_ed25519_sk",
    "shadow",
    ".bash_history",
    ".zsh_history",
];
/// Endings of keys and key stores.
const ENDINGS: &[&str] = &[
    ".pem",
    ".key",
    ".p12",
    ".pfx",
    ".jks",
    ".keystore",
    ".kdbx",
    ".ovpn",
    ".tfvars",
    ".ppk",
    ".gpg",
    ".asc",
];
/// Folders of which everything is one, but for what is public.
const FOLDERS: &[&str] =
    &[".ssh", ".gnupg", ".aws", ".azure", ".gcloud", ".kube", ".docker", ".password-store"];
/// Folder and name.
const PAIRS: &[(&str, &str)] = &[(".git", "config"), ("gh", "hosts.yml"), (".cargo", "credentials.toml")];

/// Whether a file of this path is one in which people keep secrets.
pub(crate) fn by_path(path: &Path) -> bool {
    let parts: Vec<String> =
        path.components().map(|part| part.as_os_str().to_string_lossy().to_lowercase()).collect();
    let Some((name, folders)) = parts.split_last() else { return false };
    if [".pub", ".example", ".sample", ".template", ".dist"].iter().any(|public| name.ends_with(public)) {
        return false;
    }
    if NAMES.contains(&name.as_str())
        || name.starts_with(".env.")
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
    {
        return true;
    }
    let public = matches!(name.as_str(), "known_hosts" | "authorized_keys");
    folders.iter().any(|folder| FOLDERS.contains(&folder.as_str())) && !public
        || folders.last().is_some_and(|folder| PAIRS.contains(&(folder.as_str(), name.as_str())))
}

/// Whether there is something in the first bytes that is masked everywhere else.
pub(crate) fn by_content(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    matches!(mask_text(&text), Cow::Owned(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_passwords_are_known_by_where_they_are() {
        for secret in [
            ".env",
            "app/.env.production",
            "deploy/key.PEM",
            "home/.ssh/id_work",
            ".aws/config",
            ".git/config",
            "x/credentials.json",
            "prod.tfvars",
        ] {
            assert!(by_path(Path::new(secret)), "{secret}");
        }
        for plain in [
            "src/main.rs",
            ".env.example",
            ".ssh/id_ed25519.pub",
            ".ssh/known_hosts",
            "environment.md",
            "config",
            "keys.rs",
            "monkey",
        ] {
            assert!(!by_path(Path::new(plain)), "{plain}");
        }
        assert!(by_content(b"token = ghp_abcdefghijklmnopqrstuvwxyz0123456789\n"));
        assert!(!by_content(b"fn main() { println!(\"hello\"); }\n"));
    }
}
