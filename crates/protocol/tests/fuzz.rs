//! What viewers and peers may say in JSON: anything. What can be read comes back as it was. Each test here is a fuzz
//! target: `cargo test` feeds it random inputs for a moment, `cargo x fuzz` feeds it what libFuzzer finds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so"
)]

use bolero::{TypeGenerator, check};
use offdesk_protocol::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::fmt::Debug;
use std::time::Duration;

/// For each target in a plain test run.
const A_MOMENT: Duration = Duration::from_millis(800);
const MANY: usize = 100_000;

/// A change to a good value: at the `at`-th place of it.
#[derive(Clone, Debug, TypeGenerator)]
struct Change {
    at: u8,
    what: What,
}

#[derive(Clone, Debug, TypeGenerator)]
enum What {
    Null,
    Flag(bool),
    Number(u64),
    Negative(i64),
    Fraction(f64),
    Text(String),
    List,
    Object(String),
    Gone,
    Deep(u8),
}

impl What {
    fn value(&self) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Flag(flag) => json!(flag),
            Self::Number(number) => json!(number),
            Self::Negative(number) => json!(number),
            Self::Fraction(number) => json!(number),
            Self::Text(text) => json!(text),
            Self::List => json!([null]),
            Self::Object(key) => json!({ key: key }),
            Self::Deep(levels) => (0..*levels).fold(Value::Null, |inner, _| json!([inner])),
            Self::Gone => return None,
        })
    }
}

/// Changes the place with this number, counted in the order of writing; gives what is left of the number.
fn change(value: &mut Value, mut at: usize, what: &What) -> Option<usize> {
    let replace = |fields: &mut Map<String, Value>, key: &str| match what.value() {
        Some(new) => drop(fields.insert(key.into(), new)),
        None => drop(fields.remove(key)),
    };
    match value {
        Value::Object(fields) => {
            for key in fields.keys().cloned().collect::<Vec<_>>() {
                if at == 0 {
                    replace(fields, &key);
                    return None;
                }
                at = change(fields.get_mut(&key)?, at - 1, what)?;
            }
        }
        Value::Array(items) => {
            for item in items {
                at = change(item, at, what)?;
            }
        }
        _ => {}
    }
    Some(at)
}

/// What can be read is written, read again, and is the same.
fn comes_back<T: DeserializeOwned + Serialize + PartialEq + Debug>(json: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<T>(json) {
        let written = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<T>(&written).ok().as_ref(), Some(&value), "{written}");
    }
}

/// Whether it is something that is read from outside.
fn is_read(json: &Value) -> bool {
    fn reads<T: DeserializeOwned>(json: &Value) -> bool {
        serde_json::from_value::<T>(json.clone()).is_ok()
    }
    reads::<FromViewer>(json)
        || reads::<Decision>(json)
        || reads::<StartRun>(json)
        || reads::<ResumeRun>(json)
        || reads::<MakeOffer>(json)
        || reads::<ChangeSettings>(json)
        || reads::<PairingDecision>(json)
        || reads::<RequestHead>(json)
        || reads::<ResponseHead>(json)
        || reads::<PairingHello>(json)
        || reads::<PairingAnswer>(json)
        || reads::<SessionAnswer>(json)
        || reads::<Paths>(json)
        || reads::<SignedPaths>(json)
}

fn each_comes_back(json: &[u8]) {
    comes_back::<FromViewer>(json);
    comes_back::<Decision>(json);
    comes_back::<StartRun>(json);
    comes_back::<SendPrompt>(json);
    comes_back::<ResumeRun>(json);
    comes_back::<MakeOffer>(json);
    comes_back::<ChangeSettings>(json);
    comes_back::<PairingDecision>(json);
    comes_back::<RenameDevice>(json);
    comes_back::<RequestHead>(json);
    comes_back::<ResponseHead>(json);
    comes_back::<PairingHello>(json);
    comes_back::<PairingAnswer>(json);
    comes_back::<SessionHello>(json);
    comes_back::<SessionAnswer>(json);
    comes_back::<SignedPaths>(json);
    comes_back::<Paths>(json);
}

const ID: &str = "0190a5a0-0000-7000-8000-000000000001";

/// One of everything that is read from outside.
fn good() -> Vec<Value> {
    let paths = json!({ "record": "{}", "signature": "c2ln" });
    let host = json!({ "id": ID, "name": "desk", "signingKey": "a2V5" });
    vec![
        json!({ "type": "hello", "version": 1, "token": "t", "cursor": { "log": ID, "seq": 7 } }),
        json!({ "type": "watch", "channel": 1, "run": ID, "attempt": ID, "from": { "type": "offset", "offset": 5 } }),
        json!({ "type": "watch", "channel": 1, "run": ID, "from": { "type": "screen" } }),
        json!({ "type": "unwatch", "channel": 1 }),
        json!({ "type": "input", "run": ID, "id": "1", "text": "ls\r" }),
        json!({ "type": "resize", "run": ID, "cols": 80, "rows": 24 }),
        json!({ "type": "ping", "nonce": 3 }),
        json!({ "id": ID, "hash": "ab", "verdict": { "type": "allow" } }),
        json!({ "id": ID, "hash": "ab", "verdict": { "type": "allowEdited", "input": { "command": "true" } } }),
        json!({ "id": ID, "hash": "ab", "verdict": { "type": "deny", "say": "no", "stop": true } }),
        json!({ "id": ID, "hash": "ab", "verdict": { "type": "answer", "answers": [{ "question": "?", "answers": ["a"] }] } }),
        json!({ "id": ID, "agent": "demo", "dir": "/", "prompt": "p", "label": "l", "timeLimit": 60 }),
        json!({ "prompt": { "id": ID, "text": "go on" } }),
        json!({ "for": "phone", "role": "admin" }),
        json!({ "approved": true }),
        json!({ "method": "GET", "path": "/?q", "headers": { "accept": "*/*" } }),
        json!({ "status": 200, "headers": { "content-type": "text/plain" } }),
        json!({ "newest": 1, "name": "n", "platform": "p", "signingKey": "k", "build": "b", "origin": "o" }),
        json!({ "host": host, "device": ID, "secret": "s", "role": "viewer", "state": "waiting", "paths": paths }),
        json!({ "host": host, "paths": null }),
        json!({ "host": "h", "issued": 5, "paths": [{ "kind": "edge", "url": "https://a" }] }),
        paths,
    ]
}

#[test]
fn no_bytes_are_too_strange() {
    check!().with_iterations(MANY).with_test_time(A_MOMENT).for_each(each_comes_back);
}

#[test]
fn no_change_to_something_good_is_too_strange() {
    let good = good();
    for json in &good {
        assert!(is_read(json), "nothing reads {json}");
    }
    check!().with_type::<(u8, Vec<Change>)>().with_iterations(MANY).with_test_time(A_MOMENT).for_each(
        |(which, changes)| {
            let mut json = good[usize::from(*which) % good.len()].clone();
            for one in changes.iter().take(4) {
                change(&mut json, usize::from(one.at) % 12, &one.what);
            }
            each_comes_back(json.to_string().as_bytes());
        },
    );
}
