//! What comes over a sealed connection: requests for the API, and live viewers.

use super::Gate;
use super::welcome::{Welcomed, Who};
use crate::Shared;
use crate::access::Caller;
use crate::live::{Pipe, attend};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, header};
use futures_util::StreamExt;
use offdesk_link::{Bye, Carrier, Connection, Incoming, LinkError, Message, Side, Stream, Timing};
use offdesk_protocol::{Consent, DeviceId, DeviceState, PairingEnd, RequestHead, ResponseHead};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tower::ServiceExt;

/// Largest request body, in bytes; the router refuses sooner.
const LARGEST_BODY: usize = 8 * 1024 * 1024 + 1;
/// How long a device that is known may take to ask for something.
const FIRST_WORD: Duration = Duration::from_secs(15);
/// Headers a page may send.
const HEADERS: [HeaderName; 2] = [header::CONTENT_TYPE, header::RANGE];

pub(super) async fn serve(shared: Arc<Shared>, gate: &Gate, welcomed: Welcomed, carrier: Carrier) {
    let (connection, mut incoming) =
        Connection::start(carrier, welcomed.sealed, Side::Responder, Timing::default());
    match welcomed.who {
        Who::Device(device) => {
            // A first message can be sent again by whoever kept it; only a frame that opens shows that the device is there.
            let first = tokio::select! {
                first = incoming.recv() => first,
                () = tokio::time::sleep(FIRST_WORD) => None,
                () = gate.closing.cancelled() => return connection.leave(Bye::Restarting),
            };
            let Some(first) = first else { return connection.leave(Bye::Idle) };
            let Some(presence) = shared.devices.connect(device, gate.path).await else {
                return connection.leave(Bye::NoLongerWelcome);
            };
            let id = device;
            let router = crate::http::link_router(shared.clone());
            let answering = answer_all(&shared, &connection, first, incoming, router, id);
            tokio::select! {
                () = answering => {}
                () = presence.ended.cancelled() => {
                    let welcome = shared.devices.get(id).is_ok_and(|device| device.state == DeviceState::Active);
                    connection.leave(if welcome { Bye::Idle } else { Bye::NoLongerWelcome });
                }
                () = gate.closing.cancelled() => connection.leave(Bye::Restarting),
                _ = connection.over() => {}
            }
        }
        Who::Waiting(consent) => tokio::select! {
            () = tell_consent(incoming, consent) => {}
            () = gate.closing.cancelled() => connection.leave(Bye::Restarting),
            _ = connection.over() => {}
        },
        Who::Paired => {
            let (_, consent) = watch::channel(Consent::Approved);
            tokio::select! {
                () = tell_consent(incoming, consent) => {}
                () = gate.closing.cancelled() => connection.leave(Bye::Restarting),
                _ = connection.over() => {}
            }
        }
    }
}

async fn answer_all(
    shared: &Arc<Shared>,
    connection: &Connection,
    first: Incoming,
    mut incoming: mpsc::Receiver<Incoming>,
    router: Router,
    device: DeviceId,
) {
    let mut next = Some(first);
    while let Some(Incoming { head, stream }) = next {
        // As it is called now, and with what it may now.
        let Ok(device) = shared.devices.get(device) else { return };
        let caller = Caller::device(&device);
        let (shared, router) = (shared.clone(), router.clone());
        let over = connection.clone();
        tokio::spawn(async move {
            if head.method == "GET" && head.path == "/api/v1/live" {
                return follow(&shared, stream, caller).await;
            }
            // When the connection ends, what was asked is done all the same, and nobody hears of it.
            if let Err(error) = answer(router, head, stream, caller).await
                && !over.is_over()
            {
                tracing::debug!("A request by link was not answered: {error}");
            }
        });
        next = incoming.recv().await;
    }
}

async fn follow(shared: &Arc<Shared>, stream: Stream, caller: Caller) {
    let head = ResponseHead { status: 101, headers: BTreeMap::new() };
    if stream.respond(&head).await.is_ok() {
        attend(shared, Pipe::Stream(stream), Some(caller)).await;
    }
}

async fn answer(
    router: Router,
    head: RequestHead,
    mut stream: Stream,
    caller: Caller,
) -> Result<(), LinkError> {
    let mut body = Vec::new();
    while body.len() < LARGEST_BODY {
        match stream.recv(LARGEST_BODY).await? {
            Some(Message::Bytes(bytes)) => body.extend_from_slice(&bytes),
            Some(_) => return Err(LinkError::Protocol("a body that is no bytes")),
            None => break,
        }
    }
    let mut request = Request::builder().method(head.method.as_str()).uri(&head.path);
    for name in HEADERS {
        if let Some(value) = head.headers.get(name.as_str()) {
            request = request.header(name, value);
        }
    }
    let Ok(mut request) = request.body(Body::from(body)) else {
        stream.respond(&ResponseHead { status: 400, headers: BTreeMap::new() }).await?;
        return stream.finish().await;
    };
    request.extensions_mut().insert(caller);
    let response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let text = |value: &HeaderValue| value.to_str().ok().map(String::from);
    let headers = response
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_string(), text(value)?)))
        .collect();
    stream.respond(&ResponseHead { status: response.status().as_u16(), headers }).await?;
    let mut body = response.into_body().into_data_stream();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|_| LinkError::Protocol("an answer that broke off"))?;
        stream.send_bytes(piece).await?;
    }
    stream.finish().await
}

/// Answers `GET /pairing` when the person has decided.
async fn tell_consent(mut incoming: mpsc::Receiver<Incoming>, mut consent: watch::Receiver<Consent>) {
    while let Some(Incoming { head, stream }) = incoming.recv().await {
        if head.method != "GET" || head.path != "/pairing" {
            continue;
        }
        // Whoever should decide is gone when the time is over: then it is a no.
        let decided = consent.wait_for(|consent| *consent != Consent::Waiting).await;
        let state = decided.map_or(Consent::Refused, |consent| *consent);
        let answer = serde_json::to_vec(&PairingEnd { state }).unwrap_or_default();
        let headers = BTreeMap::from([("content-type".to_string(), "application/json".to_string())]);
        let told = async {
            stream.respond(&ResponseHead { status: 200, headers }).await?;
            stream.send_bytes(answer).await?;
            stream.finish().await
        };
        if told.await.is_err() {
            return;
        }
    }
}
