//! Mail, by SMTP.

use super::PATIENCE;
use super::said::Said;
use crate::book::Sent;
use crate::channel::KeptChannel;
use crate::endpoint::is_public;
use lettre::message::{Mailbox, header};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use offdesk_protocol::{ChannelKind, MailSecurity, visible_line};

pub(super) async fn send(channel: &KeptChannel, said: &Said<'_>, host: &str) -> Sent {
    let ChannelKind::Email { server, port, security, user, from, to } = &channel.given.kind else {
        return Sent::Refused { why: "This is no mail account.".into() };
    };
    let message = match message(said, host, from, to) {
        Ok(message) => message,
        Err(why) => return Sent::Refused { why },
    };
    if !channel.own && !leads_outside(server, *port).await {
        return Sent::Later { why: "The mail server's name leads to no public address.".into(), after: None };
    }
    let tls = match security {
        MailSecurity::None => Tls::None,
        kind => match (TlsParameters::new(server.clone()), kind) {
            (Ok(parameters), MailSecurity::Tls) => Tls::Wrapper(parameters),
            (Ok(parameters), _) => Tls::Required(parameters),
            (Err(error), _) => return Sent::Refused { why: format!("Mail cannot be secured: {error}.") },
        },
    };
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server)
        .port(*port)
        .timeout(Some(PATIENCE))
        .tls(tls);
    if let (Some(user), Some(password)) = (user, &channel.given.secret) {
        transport = transport.credentials(Credentials::new(user.clone(), password.clone()));
    }
    match transport.build().send(message).await {
        Ok(_) => Sent::Accepted,
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            let why = visible_line(&cause.unwrap_or_else(|| error.to_string()), 160);
            let why = format!("The mail server said: {why}.");
            if error.is_permanent() { Sent::Refused { why } } else { Sent::Later { why, after: None } }
        }
    }
}

fn message(said: &Said<'_>, host: &str, from: &str, to: &str) -> Result<Message, String> {
    let mailbox = |text: &str| text.parse::<Mailbox>().map_err(|_| "An e-mail address is none.".to_string());
    let builder = Message::builder();
    // In the same thread as what it is the end of.
    let builder = match said.over {
        true => builder.in_reply_to(format!("<{}@offdesk.invalid>", said.about.id)),
        false => builder,
    };
    builder
        .from(mailbox(from)?)
        .to(mailbox(to)?)
        .subject(visible_line(&said.title, 120))
        // The same for all tries, so that a mailbox can tell that it has it.
        .message_id(Some(format!("<{}@offdesk.invalid>", said.id)))
        .header(header::ContentType::TEXT_PLAIN)
        .body(format!("{}\n\n{}\n", said.body, visible_line(host, 60)))
        .map_err(|error| format!("The mail could not be written: {error}."))
}

async fn leads_outside(server: &str, port: u16) -> bool {
    match tokio::net::lookup_host((server, port)).await {
        Ok(found) => {
            let all: Vec<_> = found.collect();
            !all.is_empty() && all.iter().all(|address| is_public(address.ip()))
        }
        Err(_) => false,
    }
}
