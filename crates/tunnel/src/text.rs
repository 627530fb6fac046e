//! The sentences for a person.

use crate::status::Why;

/// What happened and what was kept; `detail` is the program's own last word.
pub(crate) fn happened(why: Why, url: Option<&str>, detail: &str) -> String {
    let sentence = match why {
        Why::ProgramMissing => "cloudflared is no longer where it was, so the tunnel is off",
        Why::CannotStart => "cloudflared could not be started",
        Why::RateLimited => {
            "Cloudflare gives this network no new free address for now, because too many were asked for"
        }
        Why::ServiceRefused => "Cloudflare's service for free addresses answered with an error",
        Why::NoNetwork => "Cloudflare cannot be reached from this machine",
        Why::BadToken => "cloudflared does not take the tunnel's token",
        Why::CredentialsMissing => "the tunnel's credentials file is missing",
        Why::Unauthorized => "Cloudflare knows the tunnel but refuses its secret",
        Why::Flood => "cloudflared wrote lines without end and was stopped",
        Why::Crashed => "cloudflared ended unexpectedly",
        Why::Unresponsive => "cloudflared runs but answers nothing, so it was stopped",
        Why::PortTaken => "cloudflared could not listen on a port of this machine",
        Why::ProtocolBlocked => "cloudflared got no connection to Cloudflare, by QUIC nor by HTTP/2",
        Why::TunnelLost => "the tunnel lost its connection to Cloudflare",
        Why::Unresolved => "the tunnel stands, but its name is not found in DNS",
        Why::EdgeUnreachable => "the tunnel stands, but Cloudflare's edge cannot be reached from here",
        Why::NoTunnel => "Cloudflare answers, but does not know the tunnel behind the address",
        Why::GatewayUnreachable => "the tunnel stands, but it does not reach this gateway",
        Why::NotOurs => "something other than this gateway answers at the address",
    };
    let mut text = sentence.to_owned();
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    if why == Why::Unauthorized || why == Why::BadToken || detail.is_empty() {
        text.push('.');
    } else {
        text.push_str(&format!(" ({}).", shorten(detail)));
    }
    text.push_str(match (url, why) {
        (Some(_), _) => " The address is kept.",
        (None, _) => " Everything on this machine goes on.",
    });
    text
}

/// What to do next.
pub(crate) fn fix(why: Why) -> &'static str {
    match why {
        Why::ProgramMissing => {
            "Install cloudflared again, or choose its file in the settings; we look for it once a minute."
        }
        Why::CannotStart => "Check that the file is cloudflared and may be run: `cloudflared --version`.",
        Why::RateLimited => {
            "Wait: we ask again by ourselves, ever more rarely. To be reachable now, use a named tunnel or a relay."
        }
        Why::ServiceRefused => "Wait: we ask again by ourselves. If it lasts, use a named tunnel or a relay.",
        Why::NoNetwork => "Check this machine's network and DNS; we try again by ourselves.",
        Why::BadToken | Why::Unauthorized => {
            "Copy the token again from the tunnel's page in Cloudflare's dashboard, or make a new one there."
        }
        Why::CredentialsMissing => {
            "Put the credentials file back, or make it again with `cloudflared tunnel create`."
        }
        Why::Flood => "Look at its last lines; usually a firewall refuses TCP 7844. We try again later.",
        Why::Crashed => {
            "We start it again by ourselves. If it goes on, look at its last lines and update cloudflared."
        }
        Why::Unresponsive => "We start it again by ourselves.",
        Why::PortTaken => "We start it again by ourselves, on another port.",
        Why::ProtocolBlocked => "Allow outgoing UDP or TCP 7844, or use a relay, which needs only HTTPS.",
        Why::TunnelLost => "Usually it comes back within seconds; otherwise it is started again.",
        Why::Unresolved => "Wait a minute: new names take time. Otherwise check this machine's DNS.",
        Why::EdgeUnreachable => "Check this machine's network, and whether a proxy or firewall stops HTTPS.",
        Why::NoTunnel => "Usually it comes back within seconds; otherwise the tunnel is started again.",
        Why::GatewayUnreachable => {
            "For a named tunnel, check that its ingress leads to this gateway; otherwise restart the gateway."
        }
        Why::NotOurs => {
            "Check where the address's DNS record and its tunnel lead, and whether a login page stands before it."
        }
    }
}

fn shorten(detail: &str) -> String {
    let detail = detail.trim().trim_end_matches('.');
    match detail.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &detail[..end]),
        None => detail.to_owned(),
    }
}
