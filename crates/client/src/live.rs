//! The live connection.

use crate::place::Stream;
use crate::{ClientError, Place};
use futures_util::{SinkExt, StreamExt};
use offdesk_protocol::*;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Largest message of a gateway, in bytes: a catch-up of many events comes in one.
const LARGEST_MESSAGE: usize = 256 * 1024 * 1024;

/// A viewer's connection.
pub struct Live {
    socket: WebSocketStream<Box<dyn Stream>>,
}

/// What comes.
#[derive(Debug)]
pub enum LiveMessage {
    /// A message.
    Message(Box<ToViewer>),
    /// Output of a watched channel, or a picture of its screen.
    Output {
        /// The channel.
        channel: u32,
        /// A picture to be drawn on a cleared terminal, rather than output.
        picture: bool,
        /// Where the bytes begin; a picture was taken here.
        offset: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
}

impl Live {
    pub(crate) async fn connect(place: &Place) -> Result<WebSocketStream<Box<dyn Stream>>, ClientError> {
        let stream = place.connect().await?;
        let garbled = |error: tokio_tungstenite::tungstenite::Error| ClientError::Garbled(error.to_string());
        let address = format!("{}/api/v1/live", place.base().replacen("http", "ws", 1));
        let request = address.into_client_request().map_err(garbled)?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(LARGEST_MESSAGE))
            .max_frame_size(Some(LARGEST_MESSAGE));
        let (socket, _) = tokio_tungstenite::client_async_with_config(request, stream, Some(config))
            .await
            .map_err(garbled)?;
        Ok(socket)
    }

    pub(crate) async fn open(place: &Place, cursor: Option<Cursor>) -> Result<Self, ClientError> {
        let mut live = Self { socket: Self::connect(place).await? };
        let token = place.token().map(String::from);
        live.send(&FromViewer::Hello { version: PROTOCOL_VERSION, token, cursor }).await?;
        Ok(live)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send(&mut self, message: &FromViewer) -> Result<(), ClientError> {
        let text = serde_json::to_string(message).map_err(|error| ClientError::Garbled(error.to_string()))?;
        self.socket
            .send(Message::Text(text.into()))
            .await
            .map_err(|error| ClientError::Garbled(error.to_string()))
    }

    /// The next message; nothing when the connection is over.
    ///
    /// # Errors
    /// When what came is not understood.
    pub async fn next(&mut self) -> Result<Option<LiveMessage>, ClientError> {
        loop {
            match self.socket.next().await {
                None | Some(Ok(Message::Close(_)) | Err(_)) => return Ok(None),
                Some(Ok(Message::Text(text))) => {
                    let message = serde_json::from_str(&text)
                        .map_err(|error| ClientError::Garbled(error.to_string()))?;
                    return Ok(Some(LiveMessage::Message(Box::new(message))));
                }
                Some(Ok(Message::Binary(bytes))) => return output(&bytes).map(Some),
                Some(Ok(_)) => {}
            }
        }
    }
}

fn output(frame: &[u8]) -> Result<LiveMessage, ClientError> {
    let short = || ClientError::Garbled("an output frame is too short".into());
    let (channel, rest) = frame.split_first_chunk::<4>().ok_or_else(short)?;
    let (flags, rest) = rest.split_first_chunk::<4>().ok_or_else(short)?;
    let (offset, bytes) = rest.split_first_chunk::<8>().ok_or_else(short)?;
    Ok(LiveMessage::Output {
        channel: u32::from_le_bytes(*channel),
        picture: u32::from_le_bytes(*flags) & 1 == 1,
        offset: u64::from_le_bytes(*offset),
        bytes: bytes.to_vec(),
    })
}
