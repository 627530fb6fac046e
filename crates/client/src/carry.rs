//! Carries what somebody else asks and hears, unread: a window of the tray app speaks the API itself.

use crate::place::Stream;
use crate::{Answer, Client, ClientError, Live};
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// An answer as it came.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The HTTP status.
    pub status: u16,
    /// Its headers, as far as they are text.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// A live connection whose messages are not read here.
pub struct Wire {
    socket: WebSocketStream<Box<dyn Stream>>,
}

/// What comes by a [`Wire`].
#[derive(Clone, Debug)]
pub enum WireMessage {
    /// A message.
    Text(String),
    /// A frame of output.
    Bytes(Vec<u8>),
    /// The end, with the WebSocket's close code; 1006 when it just broke.
    Closed(u16),
}

/// The close code of a connection that ended without a word.
const BROKEN: u16 = 1006;

impl Client {
    /// Asks for a path below `/api/v1/` with a JSON body, and gives what comes, whatever it is.
    ///
    /// # Errors
    /// When nobody answers, or the path leads elsewhere.
    pub async fn carry(&self, method: &str, path: &str, body: Option<String>) -> Answer<Carried> {
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| ClientError::Garbled(format!("{method:?} is no method")))?;
        // A query may hold dots: files have such names.
        let place = path.split('?').next().unwrap_or_default();
        if !place.starts_with("/api/v1/") || place.contains("..") || path.contains('#') {
            return Err(ClientError::Garbled(format!("{path:?} is no path of the API")));
        }
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = self.ask(request).await?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_string())))
            .collect();
        let body = response.bytes().await.map_err(|error| ClientError::Garbled(error.to_string()))?.to_vec();
        Ok(Carried { status, headers, body })
    }

    /// Opens a live connection and says nothing: the first word is its viewer's.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn wire(&self) -> Answer<Wire> {
        Ok(Wire { socket: Live::connect(&self.place).await? })
    }
}

impl Wire {
    /// Sends a message.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send(&mut self, text: String) -> Answer<()> {
        let sent = self.socket.send(Message::Text(text.into())).await;
        sent.map_err(|error| ClientError::Garbled(error.to_string()))
    }

    /// The next message.
    pub async fn next(&mut self) -> WireMessage {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return WireMessage::Text(text.to_string()),
                Some(Ok(Message::Binary(bytes))) => return WireMessage::Bytes(bytes.to_vec()),
                Some(Ok(Message::Close(frame))) => {
                    return WireMessage::Closed(frame.map_or(BROKEN, |frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                None | Some(Err(_)) => return WireMessage::Closed(BROKEN),
            }
        }
    }
}
