//! A push service as browsers have one: it checks who sends (RFC 8292), keeps what is not delivered by topic (RFC 8030),
//! and its browser opens what was sealed for it (RFC 8291). And servers that channels lead to.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::any;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// A message that was taken.
#[derive(Clone, Debug)]
pub struct Push {
    pub topic: String,
    pub urgency: String,
    pub ttl: u64,
    /// What the browser reads.
    pub message: Value,
}

impl Push {
    pub fn body(&self) -> &str {
        self.message["notification"]["body"].as_str().unwrap()
    }

    pub fn id(&self) -> String {
        self.message["offdesk"]["id"].as_str().unwrap().into()
    }
}

#[derive(Default)]
struct Inner {
    taken: Vec<Push>,
    /// Not delivered yet: one of each topic.
    waiting: BTreeMap<String, Push>,
    answers: VecDeque<(u16, Option<u64>)>,
    tries: usize,
    /// What it was refused for.
    complaints: Vec<String>,
}

/// The service, and the one browser it has.
#[derive(Clone)]
pub struct PushService {
    pub origin: String,
    secret: p256::SecretKey,
    auth: [u8; 16],
    /// The key the browser was told to expect.
    vapid: Arc<Mutex<String>>,
    inner: Arc<Mutex<Inner>>,
}

impl PushService {
    pub async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).unwrap();
        let service = Self {
            origin: format!("http://{}", listener.local_addr().unwrap()),
            secret: p256::SecretKey::from_slice(&seed).unwrap(),
            auth: seed[..16].try_into().unwrap(),
            vapid: Arc::default(),
            inner: Arc::default(),
        };
        let router = Router::new().route("/push/{id}", any(take)).with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        service
    }

    /// What the page's `subscribe` gives, once it was told the gateway's key.
    pub fn subscription(&self, key: &str, origin: &str) -> Value {
        *self.vapid.lock().unwrap() = key.into();
        let public = self.secret.public_key().to_encoded_point(false);
        json!({ "endpoint": format!("{}/push/phone", self.origin), "p256dh": BASE64.encode(public.as_bytes()),
            "auth": BASE64.encode(self.auth), "origin": origin })
    }

    /// All that was taken.
    pub fn taken(&self) -> Vec<Push> {
        let inner = self.inner.lock().unwrap();
        assert_eq!(inner.complaints, Vec::<String>::new());
        inner.taken.clone()
    }

    /// What a phone that was off gets when it comes back.
    pub fn waiting(&self) -> Vec<Push> {
        self.inner.lock().unwrap().waiting.values().cloned().collect()
    }

    /// How often somebody knocked.
    pub fn tries(&self) -> usize {
        self.inner.lock().unwrap().tries
    }

    /// What is answered next, instead of taking it.
    pub fn answer(&self, status: u16, retry_after: Option<u64>) {
        self.inner.lock().unwrap().answers.push_back((status, retry_after));
    }

    fn check(&self, headers: &HeaderMap, body: &[u8]) -> Result<Push, String> {
        let header = |name: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.map(str::to_string).ok_or_else(|| format!("no {name}"))
        };
        let authorization = header("authorization")?;
        let (token, key) =
            authorization.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).unwrap();
        if key != *self.vapid.lock().unwrap() {
            return Err("another key than the subscription's".into());
        }
        let (said, signature) = token.rsplit_once('.').unwrap();
        let key = VerifyingKey::from_sec1_bytes(&BASE64.decode(key).unwrap()).unwrap();
        let signature = Signature::from_slice(&BASE64.decode(signature).unwrap()).unwrap();
        key.verify(said.as_bytes(), &signature).map_err(|_| "the token is not signed".to_string())?;
        let claims: Value =
            serde_json::from_slice(&BASE64.decode(said.split_once('.').unwrap().1).unwrap()).unwrap();
        let left = claims["exp"].as_i64().unwrap() - jiff::Timestamp::now().as_second();
        if claims["aud"] != self.origin || !(1..=86_400).contains(&left) || claims["sub"].as_str().is_none() {
            return Err(format!("wrong claims: {claims}"));
        }
        if header("content-encoding")? != "aes128gcm" || body.len() > 4096 {
            return Err("not a message of RFC 8291".into());
        }
        let auth = web_push_native::Auth::clone_from_slice(&self.auth);
        let open = web_push_native::decrypt(body.to_vec(), &self.secret, &auth)
            .map_err(|error| error.to_string())?;
        let topic = header("topic")?;
        if topic.len() > 32 || !topic.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            return Err(format!("no topic: {topic}"));
        }
        Ok(Push {
            topic,
            urgency: header("urgency")?,
            ttl: header("ttl")?.parse().unwrap(),
            message: serde_json::from_slice(&open).map_err(|error| error.to_string())?,
        })
    }
}

async fn take(
    State(service): State<PushService>,
    Path(_): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> axum::response::Response {
    let checked = service.check(&headers, &body);
    let mut inner = service.inner.lock().unwrap();
    inner.tries += 1;
    if let Some((status, after)) = inner.answers.pop_front() {
        let status = StatusCode::from_u16(status).unwrap();
        return match after {
            Some(after) => (status, [("retry-after", after.to_string())], "later").into_response(),
            None => (status, "no").into_response(),
        };
    }
    match checked {
        Ok(push) => {
            inner.waiting.insert(push.topic.clone(), push.clone());
            inner.taken.push(push);
            StatusCode::CREATED.into_response()
        }
        Err(why) => {
            inner.complaints.push(why);
            StatusCode::BAD_REQUEST.into_response()
        }
    }
}

/// What came to a web server: path, headers, body.
pub type Visit = (String, HeaderMap, Value);

/// A web server that takes anything.
pub async fn web_server() -> (String, Arc<Mutex<Vec<Visit>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let visits: Arc<Mutex<Vec<Visit>>> = Arc::default();
    let seen = visits.clone();
    let router = Router::new().fallback(any(move |uri: axum::http::Uri, headers: HeaderMap, body: Bytes| {
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        seen.lock().unwrap().push((uri.to_string(), headers, body));
        async { "{\"ok\":true}" }
    }));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (origin, visits)
}

/// A mail server on this machine.
pub fn mail_server() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mails: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = mails.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut out = stream.try_clone().unwrap();
            let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
            let _ = out.write_all(b"220 mail ESMTP\r\n");
            while let Some(line) = lines.next() {
                let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
                let answer: &[u8] = match verb.as_str() {
                    "EHLO" => b"250-mail\r\n250 8BITMIME\r\n",
                    "DATA" => {
                        let _ = out.write_all(b"354 go on\r\n");
                        let mail: Vec<String> = lines.by_ref().take_while(|line| line != ".").collect();
                        seen.lock().unwrap().push(mail.join("\n"));
                        b"250 kept\r\n"
                    }
                    "QUIT" => b"221 bye\r\n",
                    _ => b"250 ok\r\n",
                };
                if out.write_all(answer).is_err() {
                    break;
                }
            }
        }
    });
    (port, mails)
}
