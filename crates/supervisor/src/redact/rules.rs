//! What secrets look like. Facts only; [`super::scan`] applies them.

/// Which bytes a token is made of, beside letters and digits.
#[derive(Clone, Copy)]
pub(super) struct Class {
    extra: &'static [u8],
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Alphanumeric,
    Upper,
    Hex,
}

impl Class {
    pub(super) fn has(self, byte: u8) -> bool {
        let of_kind = match self.kind {
            Kind::Alphanumeric => byte.is_ascii_alphanumeric(),
            Kind::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Kind::Hex => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        };
        of_kind || self.extra.contains(&byte)
    }
}

const fn class(kind: Kind, extra: &'static [u8]) -> Class {
    Class { kind, extra }
}

const ALNUM: Class = class(Kind::Alphanumeric, b"");
const WORD: Class = class(Kind::Alphanumeric, b"_");
/// The letters of base64 for URLs.
pub(super) const TOKEN: Class = class(Kind::Alphanumeric, b"_-");
pub(super) const DOTTED: Class = class(Kind::Alphanumeric, b"_-.");
const BASE64: Class = class(Kind::Alphanumeric, b"+/=_-");
/// What follows `Bearer` or `Basic`.
pub(super) const CREDENTIAL: Class = class(Kind::Alphanumeric, b"+/=_-.~:");
const UPPER: Class = class(Kind::Upper, b"");
const HEX: Class = class(Kind::Hex, b"");

/// How a token that begins with a known prefix goes on.
#[derive(Clone, Copy)]
pub(super) struct Token {
    pub class: Class,
    /// Fewest and most bytes after the prefix.
    pub length: (usize, usize),
    /// The prefix may stand within a word: nothing else is written so.
    pub anywhere: bool,
    /// The prefix is short or common, so a long stretch that looks random is asked for as well.
    pub random: bool,
}

/// What a literal may be the beginning of.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// A token with a known prefix.
    Token(Token),
    /// `name = value`, where the literal is part of the name.
    Named,
    /// Header, payload and signature with dots between.
    Jwt,
    /// A Telegram bot's number stands before, its key behind.
    Telegram,
    /// An authorization header's value.
    Authorization { only_in_header: bool },
    /// A URL's password.
    Url,
    /// A block of armour.
    Armour,
}

/// Longest token with a known prefix.
pub(super) const LONGEST_TOKEN: usize = 8 * 1024;

const fn token(class: Class, least: usize) -> Rule {
    Rule::Token(Token { class, length: (least, LONGEST_TOKEN), anywhere: true, random: false })
}

/// The prefix counts only at the beginning of a word.
const fn word(class: Class, least: usize) -> Rule {
    Rule::Token(Token { class, length: (least, LONGEST_TOKEN), anywhere: false, random: false })
}

const fn random(class: Class, least: usize) -> Rule {
    Rule::Token(Token { class, length: (least, LONGEST_TOKEN), anywhere: false, random: true })
}

const fn exact(class: Class, length: usize) -> Rule {
    Rule::Token(Token { class, length: (length, length), anywhere: false, random: false })
}

/// The literals to look for. Where several begin at one place the longest counts.
pub(super) const RULES: &[(&str, Rule)] = &[
    // Models
    ("sk-ant-", token(TOKEN, 20)),
    ("sk-proj-", token(TOKEN, 20)),
    ("sk-svcacct-", token(TOKEN, 20)),
    ("sk-admin-", token(TOKEN, 20)),
    ("sk-or-v1-", token(TOKEN, 20)),
    ("sk-", random(TOKEN, 20)),
    ("hf_", random(ALNUM, 30)),
    ("gsk_", random(ALNUM, 40)),
    ("xai-", random(ALNUM, 60)),
    ("pplx-", random(ALNUM, 40)),
    ("nvapi-", word(TOKEN, 40)),
    // Code and packages
    ("ghp_", token(WORD, 30)),
    ("gho_", token(WORD, 30)),
    ("ghu_", token(WORD, 30)),
    ("ghs_", token(DOTTED, 30)),
    ("ghr_", token(WORD, 30)),
    ("github_pat_", token(WORD, 30)),
    ("glpat-", token(DOTTED, 20)),
    ("glrt-", word(DOTTED, 20)),
    ("gldt-", word(DOTTED, 20)),
    ("npm_", random(ALNUM, 36)),
    ("pypi-", random(TOKEN, 40)),
    ("dckr_pat_", token(TOKEN, 20)),
    ("lin_api_", token(ALNUM, 30)),
    ("lin_oauth_", token(ALNUM, 30)),
    // Clouds
    ("AKIA", exact(UPPER, 16)),
    ("ASIA", exact(UPPER, 16)),
    ("AIza", word(TOKEN, 35)),
    ("ya29.", word(DOTTED, 20)),
    ("GOCSPX-", token(TOKEN, 20)),
    ("dop_v1_", token(HEX, 40)),
    ("doo_v1_", token(HEX, 40)),
    ("dor_v1_", token(HEX, 40)),
    ("cfut_", token(TOKEN, 30)),
    ("cfat_", token(TOKEN, 30)),
    ("dapi", exact(HEX, 32)),
    ("sbp_", word(HEX, 40)),
    ("sb_secret_", token(TOKEN, 20)),
    ("hvs.", word(DOTTED, 20)),
    ("hvb.", word(DOTTED, 20)),
    ("dp.pt.", word(DOTTED, 40)),
    ("dp.st.", word(DOTTED, 40)),
    ("dp.ct.", word(DOTTED, 40)),
    ("dp.sa.", word(DOTTED, 40)),
    ("AGE-SECRET-KEY-1", token(UPPER, 50)),
    // Talk and trade
    ("xoxb-", token(DOTTED, 10)),
    ("xoxa-", token(DOTTED, 10)),
    ("xoxp-", token(DOTTED, 10)),
    ("xoxr-", token(DOTTED, 10)),
    ("xoxs-", token(DOTTED, 10)),
    ("xoxe-", token(DOTTED, 10)),
    ("xoxe.", token(DOTTED, 10)),
    ("xapp-", random(TOKEN, 20)),
    ("sk_live_", token(WORD, 16)),
    ("rk_live_", token(WORD, 16)),
    ("sk_test_", token(WORD, 16)),
    ("rk_test_", token(WORD, 16)),
    ("whsec_", token(BASE64, 24)),
    ("shpat_", token(HEX, 32)),
    ("shpca_", token(HEX, 32)),
    ("shppa_", token(HEX, 32)),
    ("shpss_", token(HEX, 32)),
    ("SG.", random(DOTTED, 40)),
    ("SK", exact(HEX, 32)),
    (":AA", Rule::Telegram),
    // Shapes
    ("eyJ", Rule::Jwt),
    ("earer ", Rule::Authorization { only_in_header: false }),
    ("EARER ", Rule::Authorization { only_in_header: false }),
    ("asic ", Rule::Authorization { only_in_header: true }),
    ("://", Rule::Url),
    ("-----BEGIN", Rule::Armour),
    // Names; a literal each, as short as is still rare
    ("oken", Rule::Named),
    ("OKEN", Rule::Named),
    ("ecret", Rule::Named),
    ("ECRET", Rule::Named),
    ("asswor", Rule::Named),
    ("ASSWOR", Rule::Named),
    ("asswd", Rule::Named),
    ("ASSWD", Rule::Named),
    ("assphrase", Rule::Named),
    ("ASSPHRASE", Rule::Named),
    ("pi_key", Rule::Named),
    ("PI_KEY", Rule::Named),
    ("pi-key", Rule::Named),
    ("PI-KEY", Rule::Named),
    ("pi-Key", Rule::Named),
    ("PI-Key", Rule::Named),
    ("piKey", Rule::Named),
    ("PIKEY", Rule::Named),
    ("pikey", Rule::Named),
    ("ss_key", Rule::Named),
    ("SS_KEY", Rule::Named),
    ("ssKey", Rule::Named),
    ("te_key", Rule::Named),
    ("TE_KEY", Rule::Named),
    ("teKey", Rule::Named),
    ("ountKey", Rule::Named),
];

/// How names that hold secrets end, in small letters and without `_` and `-`.
pub(super) const NAMES: &[&str] = &[
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "accesskey",
    "accesskeyid",
    "privatekey",
    "secretkey",
    "accountkey",
    "secretaccesskey",
];

/// How values begin that only say where a secret comes from.
pub(super) const REFERENCES: &[&str] = &[
    "$",
    "<",
    "{",
    "%",
    "*",
    "process.env",
    "os.environ",
    "env.",
    "env:",
    "self.",
    "this.",
    "file:",
    "vault:",
];
