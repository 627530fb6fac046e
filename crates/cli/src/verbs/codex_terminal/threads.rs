//! The threads of the server: which are the person's conversation, and how each is joined.
//!
//! A thread can be taken up only when it has a turn. What happened in its first one before that is in the answer.

use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// How far one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It is looked at.
    Looked,
    /// Codex was told that all is asked.
    Asking,
    /// It has no turn yet, or is being taken up.
    Apart,
    /// All of it is heard.
    Joined,
    /// Of Codex's own housekeeping: nobody's conversation.
    Ignored,
}

#[derive(Clone, Copy, Debug)]
struct Thread {
    stage: Stage,
    /// The person's conversation, not a sub-agent's.
    own: bool,
    /// It began here: its turns were told to nobody.
    new: bool,
}

/// The threads, and what of them was told.
pub(super) struct Threads {
    asks: bool,
    /// When this program began, in Unix seconds.
    since: u64,
    known: HashMap<String, Thread>,
    told: HashSet<String>,
}

/// What comes of an answer.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Next {
    /// To say to the server.
    pub say: Vec<Value>,
    /// To tell the supervisor.
    pub tell: Vec<Value>,
    /// Prompts may come.
    pub listen: bool,
    /// It cannot be brought to ask for everything; why.
    pub cannot_ask: Option<String>,
}

fn at<'a>(message: &'a Value, pointer: &str) -> &'a str {
    message.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn failed(message: &Value) -> Option<String> {
    message.get("error").map(|_| at(message, "/error/message").to_string())
}

impl Threads {
    pub(super) fn new(asks: bool, since: u64) -> Self {
        Self { asks, since, known: HashMap::new(), told: HashSet::new() }
    }

    /// Whether this was not told before: what was in an answer may come again by itself.
    pub(super) fn is_news(&mut self, method: &str, message: &Value) -> bool {
        let id = match method {
            "item/completed" => at(message, "/params/item/id"),
            "turn/completed" => at(message, "/params/turn/id"),
            _ => return true,
        };
        id.is_empty() || self.told.insert(format!("{method}:{id}"))
    }

    /// The server has this thread, or something begins in it.
    pub(super) fn met(&mut self, thread: &str) -> Vec<Value> {
        match self.known.get(thread).map(|thread| thread.stage) {
            None if !thread.is_empty() => {
                self.known.insert(thread.into(), Thread { stage: Stage::Looked, own: true, new: true });
                vec![json!({"id": format!("read:{thread}"), "method": "thread/read",
                    "params": {"threadId": thread, "includeTurns": false}})]
            }
            Some(Stage::Apart) => vec![self.join(thread)],
            _ => Vec::new(),
        }
    }

    fn join(&self, thread: &str) -> Value {
        let new = self.known.get(thread).is_some_and(|known| known.new);
        json!({"id": format!("resume:{thread}"), "method": "thread/resume",
            "params": {"threadId": thread, "excludeTurns": !new}})
    }

    /// An answer to what was said because of a thread. Nothing: it is to something else.
    pub(super) fn heard(&mut self, message: &Value) -> Option<Next> {
        let (what, thread) = at(message, "/id").split_once(':')?;
        match what {
            "read" => Some(self.looked(thread, message)),
            "asks" => Some(self.asking(thread, message)),
            "resume" => Some(self.joined(thread, message)),
            _ => None,
        }
    }

    fn looked(&mut self, thread: &str, message: &Value) -> Next {
        let mut next = Next::default();
        let Some(about) = message.pointer("/result/thread") else {
            // It was too early; it is met again.
            self.known.remove(thread);
            return next;
        };
        let Some(known) = self.known.get_mut(thread).filter(|known| known.stage == Stage::Looked) else {
            return next;
        };
        if about.get("ephemeral") != Some(&Value::Bool(false)) {
            known.stage = Stage::Ignored;
            return next;
        }
        let forked = !at(about, "/forkedFromId").is_empty();
        let created = about.get("createdAt").and_then(Value::as_u64).unwrap_or(0);
        known.own = at(about, "/parentThreadId").is_empty();
        known.new = created >= self.since && !forked;
        if self.asks && known.own {
            known.stage = Stage::Asking;
            // Without a sandbox what is allowed runs once and as it was shown; see the driver `codex`.
            next.say.push(json!({"id": format!("asks:{thread}"), "method": "thread/settings/update",
                "params": {"threadId": thread, "approvalPolicy": "untrusted", "approvalsReviewer": "user",
                    "sandboxPolicy": {"type": "dangerFullAccess"}}}));
        } else {
            known.stage = Stage::Apart;
            next.say.push(self.join(thread));
        }
        next
    }

    fn asking(&mut self, thread: &str, message: &Value) -> Next {
        if let Some(why) = failed(message) {
            return Next { cannot_ask: Some(why), ..Next::default() };
        }
        if let Some(known) = self.known.get_mut(thread) {
            known.stage = Stage::Apart;
        }
        Next { say: vec![self.join(thread)], ..Next::default() }
    }

    fn joined(&mut self, thread: &str, message: &Value) -> Next {
        let mut next = Next::default();
        let asks = self.asks;
        let Some(known) = self.known.get_mut(thread).filter(|known| known.stage == Stage::Apart) else {
            return next;
        };
        let result = message.get("result");
        if result.is_some() {
            known.stage = Stage::Joined;
        }
        let known = *known;
        next.listen = known.own;
        let begun = result.is_some();
        if let Some(result) = result.filter(|_| known.own && asks) {
            let (policy, reviewer) = (at(result, "/approvalPolicy"), at(result, "/approvalsReviewer"));
            if policy != "untrusted" || !matches!(reviewer, "user" | "") {
                next.cannot_ask = Some(format!("its mode is “{policy}”, and {reviewer} is asked"));
                return next;
            }
        }
        let first = self.told.insert(format!("thread:{thread}:{begun}"));
        if known.own && first {
            let model = result.and_then(|result| result.get("model"));
            next.tell.push(json!({"method": "offdesk/thread",
                "params": {"threadId": thread, "model": model, "begun": begun, "asks": asks}}));
        }
        let turns = result.and_then(|result| result.pointer("/thread/turns")).and_then(Value::as_array);
        for turn in turns.into_iter().flatten().filter(|_| known.new) {
            self.tell_turn(thread, turn, &mut next.tell);
        }
        next
    }

    /// What was said and done in a turn so far, as it would have been heard.
    fn tell_turn(&mut self, thread: &str, turn: &Value, tell: &mut Vec<Value>) {
        let mut alone = turn.clone();
        alone["items"] = json!([]);
        tell.push(json!({"method": "turn/started", "params": {"threadId": thread, "turn": alone}}));
        for item in turn.get("items").and_then(Value::as_array).into_iter().flatten() {
            let method = match at(item, "/status") {
                "inProgress" => "item/started",
                _ => "item/completed",
            };
            let params = json!({"threadId": thread, "turnId": turn.get("id"), "item": item});
            let message = json!({"method": method, "params": params});
            if self.is_news(method, &message) {
                tell.push(message);
            }
        }
        let over = json!({"method": "turn/completed", "params": {"threadId": thread, "turn": alone}});
        // A turn that is about to begin is called interrupted, too. That one's end is still to be heard.
        let is_over = matches!(at(turn, "/status"), "completed" | "failed");
        if is_over && self.is_news("turn/completed", &over) {
            tell.push(over);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn methods(messages: &[Value]) -> Vec<&str> {
        messages.iter().map(|message| at(message, "/method")).collect()
    }

    fn about(thread: &str, more: &Value) -> Value {
        let mut about = json!({"id": thread, "ephemeral": false, "createdAt": 100});
        about.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"id": format!("read:{thread}"), "result": {"thread": about}})
    }

    fn no_turn(thread: &str) -> Value {
        json!({"id": format!("resume:{thread}"), "error": {"code": -32600, "message": "no rollout found"}})
    }

    fn taken_up(thread: &str, turns: &Value) -> Value {
        json!({"id": format!("resume:{thread}"), "result": {"model": "m", "approvalPolicy": "untrusted",
            "approvalsReviewer": "user", "thread": {"id": thread, "turns": turns}}})
    }

    #[test]
    fn a_thread_is_taken_up_when_its_first_turn_begins_with_what_was_said_in_it() {
        let mut threads = Threads::new(true, 100);
        assert_eq!(methods(&threads.met("T")), ["thread/read"]);
        assert!(threads.met("T").is_empty(), "it is looked at");
        let next = threads.heard(&about("T", &json!({}))).unwrap();
        assert_eq!(methods(&next.say), ["thread/settings/update"]);
        assert!(!next.listen, "not before it asks");
        let next = threads.heard(&json!({"id": "asks:T", "result": {}})).unwrap();
        assert_eq!(methods(&next.say), ["thread/resume"]);
        let next = threads.heard(&no_turn("T")).unwrap();
        assert_eq!((methods(&next.tell), next.listen), (vec!["offdesk/thread"], true));
        assert_eq!(next.tell[0]["params"]["begun"], false);

        assert_eq!(methods(&threads.met("T")), ["thread/resume"]);
        // A turn that only begins is called interrupted.
        let items = json!([{"type": "userMessage", "id": "U"}, {"type": "fileChange", "id": "F", "status": "inProgress"}]);
        let turns = json!([{"id": "N", "status": "interrupted", "items": items}]);
        let next = threads.heard(&taken_up("T", &turns)).unwrap();
        assert_eq!(methods(&next.tell), ["offdesk/thread", "turn/started", "item/completed", "item/started"]);
        let again = json!({"params": {"item": {"id": "U"}}});
        assert!(!threads.is_news("item/completed", &again), "told once");
        assert!(threads.is_news("item/completed", &json!({"params": {"item": {"id": "F"}}})));
        assert!(threads.is_news("turn/completed", &json!({"params": {"turn": {"id": "N"}}})));
        assert!(threads.met("T").is_empty(), "all of it is heard");
    }

    #[test]
    fn what_was_said_before_is_not_said_again_and_housekeeping_is_nobodys() {
        let mut threads = Threads::new(false, 100);
        threads.met("old");
        let next = threads.heard(&about("old", &json!({"createdAt": 99}))).unwrap();
        assert_eq!(next.say[0]["params"]["excludeTurns"], true);
        let next = threads.heard(&taken_up("old", &json!([]))).unwrap();
        assert_eq!(methods(&next.tell), ["offdesk/thread"]);
        threads.met("fork");
        let next = threads.heard(&about("fork", &json!({"forkedFromId": "old"}))).unwrap();
        assert_eq!(next.say[0]["params"]["excludeTurns"], true);
        threads.met("titles");
        assert_eq!(threads.heard(&about("titles", &json!({"ephemeral": true}))), Some(Next::default()));
        assert!(threads.met("titles").is_empty());
        // A sub-agent's is heard, and is not the conversation.
        threads.met("sub");
        threads.heard(&about("sub", &json!({"parentThreadId": "old"})));
        let done = json!([{"id": "S", "status": "completed", "items": []}]);
        let next = threads.heard(&taken_up("sub", &done)).unwrap();
        assert_eq!((methods(&next.tell), next.listen), (vec!["turn/started", "turn/completed"], false));
        assert_eq!(threads.heard(&json!({"id": "prompt:1", "result": {}})), None, "somebody else's");
    }

    #[test]
    fn without_the_mode_that_asks_nothing_is_said() {
        let mut threads = Threads::new(true, 100);
        threads.met("T");
        threads.heard(&about("T", &json!({})));
        let refused = json!({"id": "asks:T", "error": {"message": "not allowed here"}});
        assert_eq!(threads.heard(&refused).unwrap().cannot_ask.as_deref(), Some("not allowed here"));
        threads.heard(&json!({"id": "asks:T", "result": {}}));
        let mut managed = taken_up("T", &json!([]));
        managed["result"]["approvalPolicy"] = "never".into();
        let next = threads.heard(&managed).unwrap();
        assert!(next.cannot_ask.is_some() && !next.tell.iter().any(|told| told["params"]["begun"] == true));
    }
}
