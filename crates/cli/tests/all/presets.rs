//! Presets: kept once, used from the command line and any device, and there after a restart.

use crate::story::*;
use offdesk_protocol::*;
use serde_json::json;

#[tokio::test]
async fn a_preset_is_kept_used_changed_and_removed() {
    let mut desk = Desk::new();
    let dir = desk.workspace.display().to_string();
    let kept = desk.json(&["presets", "keep", "Greet", "--agent", "demo", "--dir", &dir, "say: hello from"]);
    assert_eq!((&kept["name"], &kept["agent"]), (&json!("Greet"), &json!("demo")));

    desk.kill_gateway();
    desk.start();
    let run = desk.json(&["run", "--preset", "greet", "--detach", "the preset"]);
    assert_eq!((&run["agent"], &run["dir"]), (&json!("demo"), &json!(dir)), "{run}");
    let id: RunId = run["id"].as_str().unwrap().parse().unwrap();
    desk.until_state(id, RunState::Idle).await;
    let said = |e: &Envelope| matches!(&e.event, Event::PromptSent { text, .. } if text == "say: hello from the preset");
    assert!(desk.events(id).await.iter().any(said), "its words come before those that were typed");

    // The same name, written otherwise, is the same preset; another id with that name is refused.
    desk.json(&["presets", "keep", "GREET", "--agent", "demo", "--dir", &dir, "--worktree", "say: bye"]);
    let all = desk.json(&["presets"]);
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
    assert_eq!((&all[0]["id"], &all[0]["prompt"]), (&kept["id"], &json!("say: bye")));
    let again = Preset { id: PresetId::new(), ..serde_json::from_value(all[0].clone()).unwrap() };
    let refused = desk.client().put_preset(&again).await.unwrap_err();
    assert!(refused.to_string().contains("already"), "{refused}");

    desk.refused(1, &["run", "--preset", "none", "--detach"]);
    assert_eq!(desk.json(&["presets", "remove", "greet"]), json!([]));
    assert_eq!(desk.json(&["presets"]), json!([]));
    assert_eq!(desk.json(&["ls"]).as_array().unwrap().len(), 1, "its run stays");
}

/// A settings file of a gateway that knew no presets.
#[tokio::test]
async fn settings_from_before_there_were_presets_are_read() {
    let mut desk = Desk::new();
    desk.kill_gateway();
    std::fs::write(desk.data.join("settings.json"), r#"{"lan":false,"tunnel":"off"}"#).unwrap();
    desk.start();
    assert_eq!(desk.json(&["presets"]), json!([]));
}
