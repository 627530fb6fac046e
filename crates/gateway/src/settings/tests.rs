use super::*;
use offdesk_runner::Environment;
use std::path::Path;

const TOKEN: &str =
    "eyJhIjoiMDEyMyIsInQiOiIxMTExMTExMS0yMjIyLTMzMzMtNDQ0NC01NTU1NTU1NTU1NTUiLCJzIjoiYzJWamNtVjAifQ==";

fn config(data: &Path, fixed: Fixed) -> Config {
    Config {
        data: data.into(),
        home: Some(data.into()),
        fixed,
        environment: Environment { vars: Default::default(), offdesk: "/offdesk".into() },
        host_name: "desk".into(),
        grace: Config::GRACE,
        keys: Default::default(),
        edge_url: None,
        managed: false,
        login: None,
    }
}

fn keeper(data: &Path, fixed: Fixed) -> Keeper {
    Keeper::load(&config(data, fixed)).unwrap()
}

fn change(json: &str) -> ChangeSettings {
    serde_json::from_str(json).unwrap()
}

fn make(keeper: &Keeper, json: &str) -> Result<Settings, Problem> {
    keeper.keep(keeper.next(&change(json))?)?;
    Ok(keeper.view(KeysPlace::File))
}

#[test]
fn what_is_changed_holds_also_at_the_next_start() {
    let data = tempfile::tempdir().unwrap();
    let first = keeper(data.path(), Fixed::default());
    let usual = first.view(KeysPlace::File);
    assert_eq!(usual.roots, [data.path().to_str().unwrap()]);
    assert!(!usual.lan && !usual.paused && usual.tunnel == TunnelChoice::Off && usual.fixed.is_empty());
    let named = format!(
        r#"{{"tunnel":"named","tunnelUrl":" https://Desk.example.com/ ","tunnelToken":"{TOKEN}","paused":true,"maxWorking":2}}"#
    );
    let after = make(&first, &named).unwrap();
    assert_eq!(after.tunnel_url.as_deref(), Some("https://desk.example.com"));
    assert!(after.tunnel_token && after.paused && after.max_working == 2);
    assert_eq!(keeper(data.path(), Fixed::default()).view(KeysPlace::File), after);
    let text = std::fs::read_to_string(data.path().join("settings.json")).unwrap();
    assert!(!text.contains(TOKEN), "a token is in a file of its own");
    // It is wanted, so it cannot be forgotten; when it is not, it can.
    assert_eq!(make(&first, r#"{"tunnelToken":""}"#).unwrap_err().code, ErrorCode::BadRequest);
    assert!(!make(&first, r#"{"tunnelToken":"","tunnel":"off"}"#).unwrap().tunnel_token);
    assert!(!data.path().join("tunnel-token").exists());
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("file"), "").unwrap();
    let keeper = keeper(data.path(), Fixed::default());
    let before = keeper.view(KeysPlace::File);
    let file = data.path().join("file");
    for json in [
        r#"{"lan":true,"roots":[]}"#.to_string(),
        r#"{"lan":true,"roots":["relative"]}"#.into(),
        r#"{"lan":true,"roots":["/nowhere/at/all"]}"#.into(),
        format!(r#"{{"lan":true,"roots":[{file:?}]}}"#),
        r#"{"lan":true,"maxWorking":0}"#.into(),
        r#"{"lan":true,"maxWorking":100000}"#.into(),
        r#"{"lan":true,"tunnelUrl":"http://desk.example.com"}"#.into(),
        r#"{"lan":true,"tunnelUrl":"https://desk.example.com/path"}"#.into(),
        r#"{"lan":true,"tunnelUrl":"https://me:word@desk.example.com"}"#.into(),
        r#"{"lan":true,"tunnelToken":"nonsense"}"#.into(),
        r#"{"lan":true,"tunnel":"named"}"#.into(),
        r#"{"lan":true,"tunnel":"named","tunnelUrl":"https://desk.example.com"}"#.into(),
        r#"{"lan":true,"cloudflared":"/nowhere/cloudflared"}"#.into(),
        r#"{"lan":true,"cloudflared":"cloudflared"}"#.into(),
    ] {
        let problem = keeper.next(&change(&json)).err().unwrap();
        assert_eq!(problem.code, ErrorCode::BadRequest, "{json}");
        assert!(!problem.message.contains("nonsense"), "a token is not repeated");
        assert_eq!(keeper.view(KeysPlace::File), before);
    }
    assert!(!data.path().join("settings.json").exists());
}

#[test]
fn what_the_command_line_says_wins_and_is_not_kept() {
    let data = tempfile::tempdir().unwrap();
    make(&keeper(data.path(), Fixed::default()), r#"{"maxWorking":3}"#).unwrap();
    let fixed = Fixed {
        max_working: Some(5),
        lan: Some(true),
        tunnel: Some(TunnelChoice::Quick),
        ..Fixed::default()
    };
    let second = keeper(data.path(), fixed);
    let view = second.view(KeysPlace::File);
    assert_eq!((view.max_working, view.lan, view.tunnel), (5, true, TunnelChoice::Quick));
    assert_eq!(view.fixed, ["maxWorking", "lan", "tunnel"]);
    for json in [r#"{"maxWorking":4}"#, r#"{"lan":false}"#, r#"{"tunnel":"off"}"#] {
        let problem = make(&second, json).unwrap_err();
        assert_eq!(problem.code, ErrorCode::WrongState, "{json}");
    }
    // Saying what holds anyway is no change, and the rest can be changed.
    let after = make(&second, r#"{"lan":true,"maxWorking":5,"paused":true}"#).unwrap();
    assert!(after.paused);
    let third = keeper(data.path(), Fixed::default()).view(KeysPlace::File);
    assert_eq!(
        (third.max_working, third.lan, third.tunnel, third.paused),
        (3, false, TunnelChoice::Off, true)
    );
}

#[test]
fn a_token_that_others_could_read_is_named_and_not_used() {
    let data = tempfile::tempdir().unwrap();
    make(&keeper(data.path(), Fixed::default()), &format!(r#"{{"tunnelToken":"{TOKEN}"}}"#)).unwrap();
    std::fs::write(data.path().join("tunnel-token"), "nonsense").unwrap();
    let keeper = keeper(data.path(), Fixed::default());
    assert!(!keeper.view(KeysPlace::File).tunnel_token);
    let [said] = keeper.complaints() else { panic!("{:?}", keeper.complaints()) };
    assert!(said.contains("token") && !said.contains("nonsense"), "{said}");
}
