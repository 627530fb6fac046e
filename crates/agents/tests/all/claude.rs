//! What is particular to Claude Code.

use crate::recorded::{context, recordings};
use offdesk_agents::{Claude, Derived, Driver, Fold};
use offdesk_protocol::*;

fn fold(saved: Option<&str>) -> Box<dyn Fold> {
    Claude.fold(context(), saved).unwrap()
}

#[test]
fn a_decision_names_the_agents_own_request_and_only_while_it_is_asked() {
    let path = recordings("claude").into_iter().find(|path| path.ends_with("bash-allow.jsonl")).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let mut reading = fold(None);
    let (mut offset, mut asked) = (0, None);
    for line in text.lines() {
        for item in reading.line(offset, line.as_bytes()) {
            if let Derived::Fact(event) = item {
                match *event {
                    Event::ApprovalRequested { approval } => asked = Some(approval),
                    Event::ApprovalFinished { .. } => {
                        let id = asked.take().unwrap().id;
                        assert_eq!(reading.decide(id, &Verdict::Allow), None, "it is not asked any more");
                        return;
                    }
                    _ => {}
                }
            }
        }
        offset += line.len() as u64 + 1;
        if let Some(approval) = &asked {
            assert_eq!(reading.request(approval.id).as_ref(), Some(approval));
            let answer = |verdict: &Verdict| -> serde_json::Value {
                serde_json::from_slice(&reading.decide(approval.id, verdict).unwrap()).unwrap()
            };
            let allowed = answer(&Verdict::Allow);
            assert!(
                line.contains(allowed["response"]["request_id"].as_str().unwrap())
                    || !line.contains("can_use_tool")
            );
            assert_eq!(allowed["response"]["response"]["updatedInput"], approval.input);
            let denied = answer(&Verdict::Deny { say: Some("no".into()), stop: true });
            assert_eq!(denied["response"]["response"]["message"], "no");
            assert_eq!(denied["response"]["response"]["interrupt"], true);
        }
    }
    panic!("the recording has no finished approval");
}
