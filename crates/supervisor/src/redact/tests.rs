//! Secrets are written in two parts here, so that whoever scans this source for secrets finds none.

use super::*;
use proptest::prelude::*;
use std::io::Write;

const LETTERS: &str = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6a7B8c9D0e1F2";
const HEX: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const UPPER: &str = "A2B3C4D5E6F7G2H3J4K5L6M7N2P3Q4R5S6T7U2V3W4X5Y6Z7A2B3C4D5E6";

/// What stays and what is masked.
fn tokens() -> Vec<(&'static str, String)> {
    let letters = |count: usize| LETTERS[..count].to_string();
    let hex = |count: usize| HEX[..count].to_string();
    vec![
        ("sk-ant-", format!("api03-{}_-AA", letters(60))),
        ("sk-", letters(48)),
        ("sk-proj-", format!("{}-{}_x", letters(40), letters(40))),
        ("sk-svcacct-", letters(40)),
        ("ghp_", letters(36)),
        ("gho_", letters(36)),
        ("ghu_", letters(36)),
        ("ghs_", letters(36)),
        ("ghr_", letters(36)),
        ("github_pat_", format!("{}_{}", letters(22), letters(59))),
        ("glpat-", letters(20)),
        ("xoxb-", format!("123456789012-123456789012-{}", letters(24))),
        ("xoxp-", format!("1234567890-{}", letters(24))),
        ("xapp-", format!("1-A0B1C2D3-1234567890-{}", hex(64))),
        ("AKIA", UPPER[..16].into()),
        ("ASIA", UPPER[..16].into()),
        ("AIza", letters(35)),
        ("ya29.", letters(60)),
        ("GOCSPX-", letters(28)),
        ("sk_live_", letters(24)),
        ("rk_live_", letters(24)),
        ("whsec_", letters(32)),
        ("npm_", letters(36)),
        ("pypi-", format!("AgEIcHlwaS5vcmc{}", letters(60))),
        ("hf_", letters(34)),
        ("dop_v1_", hex(64)),
        ("cfut_", letters(40)),
        ("1234567890:AA", letters(33)),
        ("SK", hex(32)),
        ("SG.", format!("{}.{}", letters(22), letters(43))),
        ("eyJ", format!("hbGciOiJIUzI1NiJ9.eyJ{}.{}", letters(40), letters(43))),
        ("hvs.", letters(24)),
        ("lin_api_", letters(40)),
        ("shpat_", hex(32)),
        ("dapi", hex(32)),
        ("dp.pt.", letters(43)),
        ("sbp_", hex(40)),
        ("AGE-SECRET-KEY-1", UPPER.into()),
    ]
}

/// What stays, what is masked, and what stays after it.
fn named() -> Vec<(&'static str, &'static str, &'static str)> {
    vec![
        ("aws_secret_access_key=", "wJalrXUtnFEMIbK7MDENGbPxRfiCYEXAMPLEKEY0", ""),
        ("AWS_SECRET_ACCESS_KEY = ", "wJalrXUtnFEMIbK7MDENGbPxRfiCYEXAMPLEKEY0", ""),
        ("API_KEY=", "justlettershere", ""),
        ("password=", "correcthorse", ""),
        ("--password ", "hunter2hunter2", ""),
        ("--api-key=", "abc12345", ""),
        ("{\"apiKey\": \"", "0a1b2c3d4e", "\"}"),
        ("{\\\"client_secret\\\":\\\"", "Zm9vYmFyYmF6", "\\\"}"),
        ("token: '", "abcdefgh", "'"),
        ("passphrase: \"", "correct horse battery", "\""),
        ("{\"password\":\"", "pässwört-über", "\"}"),
        ("?access_token=", "abc123def456", "&page=2"),
        ("SECRET_KEY=", "s3cr3t-v4lue/with+signs", " next"),
        ("Authorization: Bearer ", "abcdefgh", ""),
        ("authorization: Basic ", "dXNlcjpwYXNzd29yZA==", ""),
        ("curl -H 'X: Bearer ", "0123456789abcdefghij", "'"),
        ("postgres://app:", "p4ss", "@db.example/app"),
        ("https://oauth2:", "x", "@git.example/a.git"),
        ("redis://:", "s3cret", "@cache:6379"),
    ]
}

fn stars(text: &str) -> String {
    "*".repeat(text.len())
}

#[test]
fn each_kind_of_token_is_masked_and_what_tells_its_kind_stays() {
    for (prefix, body) in tokens() {
        for (before, after) in
            [("", ""), ("key ", " end"), ("\"", "\""), ("\x1b[31m", "\x1b[0m"), ("a\\n", "\\n"), ("(", ").")]
        {
            if after == ")."
                && (prefix.contains('.')
                    || prefix == "eyJ"
                    || prefix == "glpat-"
                    || prefix.starts_with("xox"))
            {
                continue;
            }
            let text = format!("{before}{prefix}{body}{after}");
            let expected = format!("{before}{prefix}{}{after}", stars(&body));
            assert_eq!(mask_text(&text), expected, "{text}");
        }
    }
}

#[test]
fn values_of_names_that_hold_secrets_are_masked_and_their_quotes_stay() {
    for (before, secret, after) in named() {
        let text = format!("{before}{secret}{after}");
        assert_eq!(mask_text(&text), format!("{before}{}{after}", stars(secret)), "{text}");
    }
}

#[test]
fn private_keys_are_masked_between_their_lines_and_certificates_are_not() {
    for label in [
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ] {
        let text = format!("x\n-----BEGIN {label}-----\nabc+/=\r\nDEF\n-----END {label}-----\ny");
        let expected = format!("x\n-----BEGIN {label}-----\n******\r\n***\n-----END {label}-----\ny");
        assert_eq!(mask_text(&text), expected);
    }
    let in_json = r#"{"key":"-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n"}"#;
    assert_eq!(mask_text(in_json), in_json.replace(r"\nabc\n", "*******"));
    let cut = format!("-----BEGIN PRIVATE KEY-----\n{}", "k".repeat(100));
    assert!(mask_text(&cut).ends_with(&"*".repeat(100)), "a key without an end is still one");
    let certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
    assert_eq!(mask_text(certificate), certificate);
}

#[test]
fn ordinary_words_code_and_hashes_are_left_alone() {
    for text in [
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "integrity sha512-a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0==",
        "let token = self.next_token()?;",
        "fn parse(token: Token) -> Result<Secret, Error>",
        "max_tokens=4096 input_tokens: 12345678",
        "password: String,",
        "the password: required and secret: unknownword",
        "if token == \"something-long-1\" {",
        "PASSWORD=$DATABASE_PASSWORD",
        "api_key: ${{ secrets.API_KEY_123456 }}",
        "apiKey: process.env.API_KEY_2",
        "\"password\": \"must have at least 8 characters\"",
        "sk-learn-contrib and sk-fading-circle-12 are classes",
        "http://localhost:8080/path and https://user@host/",
        "see http://127.0.0.1:5173 or ssh://git@host:22/x",
        "Basic understanding of Bearer authentication-schemes",
        "pypi-package npm_config_registry npm_lifecycle_event hf_hub_download",
        "SKU SK1234 ASIAN AKIAK mask-sk-",
        "eyJust a word. eyJhbGciOiJub25lIn0",
        "PWD=/home/somebody/a/long/path",
        "10:AAB 2024:AAAA",
    ] {
        assert_eq!(mask_text(text), text);
    }
}

#[test]
fn what_may_become_a_secret_is_masked_while_it_grows() {
    assert_eq!(mask_live("key ghp_a1B2"), "key ghp_****");
    assert_eq!(mask_text("key ghp_a1B2"), "key ghp_a1B2");
    assert_eq!(mask_live("at http://localhost:5173"), "at http://localhost:5173", "far more likely a port");
    assert_eq!(mask_live("postgres://app:p4"), "postgres://app:**");
    assert_eq!(mask_live("-----BEGIN PRIVATE KEY-----\nab"), "-----BEGIN PRIVATE KEY-----\n**");
}

/// Appends piece by piece and reads behind each, as a viewer at the tail does.
fn follow(pieces: &[&[u8]], max: usize) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let mut file = std::fs::File::create(dir.path().join("output")).unwrap();
    let output = OutputFile::open(dir.path()).unwrap();
    let mut read = Vec::new();
    let mut catch_up = |patience: Patience| {
        loop {
            let served = output.read(read.len() as u64, max, patience).unwrap();
            if served.bytes.is_empty() {
                break;
            }
            read.extend_from_slice(&served.bytes);
        }
    };
    for piece in pieces {
        file.write_all(piece).unwrap();
        catch_up(Patience::Hold);
    }
    std::fs::write(dir.path().join("exit.json"), br#"{"exit":{"type":"exited","code":0,"detail":null}}"#)
        .unwrap();
    catch_up(Patience::Hold);
    read
}

fn pieces<'a>(text: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
    at.extend([0, text.len()]);
    at.sort_unstable();
    at.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

fn a_secret() -> impl Strategy<Value = String> {
    let mut all: Vec<String> = tokens().into_iter().map(|(prefix, body)| format!("{prefix}{body}")).collect();
    all.extend(named().into_iter().map(|(before, secret, after)| format!("{before}{secret}{after}")));
    all.push(format!(
        "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
        LETTERS.repeat(30)
    ));
    all.push(format!("-----BEGIN PRIVATE KEY-----\n{}", LETTERS.repeat(400)));
    prop::sample::select(all)
}

fn a_text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => "[a-z0-9=:\"'_. /@-]{0,30}",
        3 => a_secret(),
        // Beginnings of secrets, cut anywhere.
        1 => (a_secret(), any::<prop::sample::Index>()).prop_map(|(secret, cut)| {
            secret.chars().take(cut.index(secret.chars().count())).collect()
        }),
        1 => Just("\n".to_string()),
        1 => Just("ü🙂".to_string()),
        // Enough to reach over the borders of blocks.
        1 => (0usize..70_000).prop_map(|count| "x ".repeat(count / 2)),
    ];
    prop::collection::vec(word, 0..12).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_cut_of_any_text_is_served_as_the_whole_would_be(
        text in a_text(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        max in prop_oneof![1usize..200, Just(64 * 1024)],
    ) {
        // Byte by byte is slow for long texts and says no more there.
        let max = if text.len() > 20_000 { max.max(4096) } else { max };
        let whole = mask_text(&text);
        let served = follow(&pieces(text.as_bytes(), &cuts), max);
        prop_assert_eq!(String::from_utf8_lossy(&served), whole);
    }

    #[test]
    fn lengths_stay_and_every_byte_is_itself_or_masked(text in a_text()) {
        for masked in [mask_text(&text), mask_live(&text)] {
            prop_assert_eq!(masked.len(), text.len());
            prop_assert!(masked.bytes().zip(text.bytes()).all(|(now, before)| now == before || now == b'*'));
        }
    }

    #[test]
    fn growing_text_never_shows_what_the_whole_masks(text in a_text(), cut in any::<prop::sample::Index>()) {
        let whole = mask_text(&text);
        let part = &text[..text.floor_char_boundary(cut.index(text.len() + 1))];
        let live = mask_live(part);
        for ((now, later), raw) in live.bytes().zip(whole.bytes()).zip(text.bytes()) {
            // A port that turns out to be a password's beginning is the one thing that is not foreseen.
            if later == b'*' && raw != b'*' && now != b'*' {
                prop_assert!(raw.is_ascii_digit(), "{} was shown in {live:?}", raw as char);
            }
        }
    }
}

#[test]
fn a_hundred_readers_share_what_was_masked_once() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("output"), "x".repeat(200_000)).unwrap();
    let output = OutputFile::open(dir.path()).unwrap();
    let first = output.read(70_000, 100, Patience::Hold).unwrap().bytes;
    let second = output.read(70_000, 100, Patience::Hold).unwrap().bytes;
    assert_eq!(first.as_ptr(), second.as_ptr());
    assert_eq!(first.len(), 100);
    assert_eq!(
        output.read(60_000, 10_000, Patience::Hold).unwrap().bytes.len(),
        5_536,
        "up to the block's end"
    );
    assert!(output.read(200_000, 10, Patience::Hold).unwrap().bytes.is_empty());
    assert!(output.read(u64::MAX, usize::MAX, Patience::Over).unwrap().bytes.is_empty());
}
