//! The API, for machines.

use axum::Json;
use serde_json::{Map, Value, json};

/// Method, address, what it does, the body's type, the answer's type. Types are those of `docs/api.md`.
const ROUTES: &[(&str, &str, &str, Option<&str>, &str)] = &[
    ("post", "/login", "Exchange a one-time code for a bearer key.", Some("Login"), "LoginGranted"),
    ("get", "/live", "The live connection of a viewer (WebSocket).", None, "ToViewer"),
    ("get", "/pairings", "Devices that wait to be let in.", None, "PairingRequest[]"),
    ("post", "/pairings", "A new address with a one-time code.", Some("MakeOffer"), "PairingOffer"),
    ("post", "/pairings/{id}/decision", "Let a device in, or not.", Some("PairingDecision"), "PairingEnd"),
    ("get", "/devices", "Who has access.", None, "Device[]"),
    ("get", "/devices/self", "The device that asks.", None, "Device"),
    (
        "post",
        "/devices/self/adoption",
        "A code for another page of this device.",
        Some("MakeAdoption"),
        "PairingOffer",
    ),
    ("post", "/devices/{id}/name", "Give a device another name.", Some("RenameDevice"), "Device"),
    ("post", "/devices/{id}/revoke", "Take a device's access away.", None, "Device"),
    ("get", "/devices/{id}/decisions", "What a device has decided.", None, "Approval[]"),
    ("get", "/keys", "Bearer keys.", None, "KeyInfo[]"),
    ("post", "/keys/{id}/revoke", "Make a bearer key open nothing.", None, "null"),
    ("get", "/paths", "Where this host can be reached.", None, "Reachable"),
    ("get", "/tunnel", "The way in from outside.", None, "TunnelStatus"),
    ("post", "/tunnel/program", "Fetch the tunnel's program.", None, "TunnelProgram"),
    ("get", "/settings", "What holds for this gateway.", None, "Settings"),
    (
        "post",
        "/settings",
        "Change settings, at once and for later starts.",
        Some("ChangeSettings"),
        "Settings",
    ),
    ("get", "/notifications", "What is told, to whom, and how far it came.", None, "Notifications"),
    ("get", "/notifications/{id}", "One notification.", None, "Notification"),
    (
        "post",
        "/notifications/{id}/receipt",
        "A device says that it was shown or opened.",
        Some("NotificationReceipt"),
        "null",
    ),
    (
        "post",
        "/notifications/settings",
        "What a person wants to be told.",
        Some("NotifySettings"),
        "Notifications",
    ),
    (
        "post",
        "/notifications/subscriptions",
        "A device's page takes notifications.",
        Some("PutSubscription"),
        "Notifications",
    ),
    (
        "post",
        "/notifications/subscriptions/remove",
        "It takes none any more.",
        Some("RemoveSubscription"),
        "Notifications",
    ),
    ("post", "/notifications/channels", "Add a channel.", Some("PutChannel"), "Notifications"),
    ("post", "/notifications/channels/{id}/remove", "Take it away.", None, "Notifications"),
    ("post", "/notifications/test", "Send something everywhere.", None, "Notification"),
    ("post", "/notifications/attention", "Somebody looks at a page.", None, "null"),
    ("get", "/about", "The gateway, about itself.", None, "About"),
    ("post", "/stop", "End the gateway in order.", Some("StopGateway"), "null"),
    ("get", "/runs", "Runs, needs-you first. Query: archived.", None, "RunView[]"),
    ("post", "/runs", "Start a run. The same id again gives the same run.", Some("StartRun"), "RunView"),
    ("get", "/runs/{id}", "One run.", None, "RunView"),
    ("post", "/runs/{id}/prompts", "Say something to the agent.", Some("SendPrompt"), "RunView"),
    ("post", "/runs/{id}/interrupt", "Cut the running turn short.", None, "RunView"),
    ("post", "/runs/{id}/stop", "End the attempt and all it started.", None, "RunView"),
    ("post", "/runs/{id}/resume", "Start the next attempt.", Some("ResumeRun"), "RunView"),
    (
        "post",
        "/runs/{id}/restart",
        "Begin anew: the first prompt, a new conversation.",
        Some("RestartRun"),
        "RunView",
    ),
    ("post", "/runs/{id}/clone", "Start another run like this one.", Some("CloneRun"), "RunView"),
    ("post", "/runs/{id}/archive", "Put away a run that ended.", None, "RunView"),
    ("post", "/runs/{id}/label", "Give a run another name.", Some("LabelRun"), "RunView"),
    ("post", "/runs/{id}/keys", "Type into the run's terminal.", Some("TypeKeys"), "RunView"),
    ("get", "/runs/{id}/events", "A run's events. Query: after, before, limit.", None, "Envelope[]"),
    ("get", "/runs/{id}/output", "Output bytes. Query: attempt, from, limit.", None, "bytes"),
    ("get", "/runs/{id}/changes", "What changed: in the run, or in one turn. Query: turn.", None, "Changes"),
    ("get", "/runs/{id}/changes/diff", "The change to one file. Query: path, turn.", None, "ChangeDiff"),
    (
        "post",
        "/runs/{id}/changes/stage",
        "Stage files, or take them out of the index.",
        Some("StageChanges"),
        "StagedChanges",
    ),
    ("post", "/runs/{id}/changes/commit", "Commit what changed.", Some("CommitChanges"), "Committed"),
    (
        "post",
        "/runs/{id}/changes/discard",
        "Take changes back; a snapshot is kept.",
        Some("DiscardChanges"),
        "PutBack",
    ),
    (
        "post",
        "/runs/{id}/changes/restore",
        "Put files back as a snapshot has them.",
        Some("RestoreSnapshot"),
        "PutBack",
    ),
    (
        "post",
        "/runs/{id}/merge",
        "Merge the run's branch back, or change nothing.",
        Some("MergeBack"),
        "Merged",
    ),
    (
        "post",
        "/runs/{id}/pull-request",
        "Show, and once confirmed run, what opens a pull request.",
        Some("OpenPullRequest"),
        "PullRequestPlan",
    ),
    (
        "post",
        "/runs/{id}/worktree/remove",
        "Remove the run's worktree when its work is safe.",
        Some("RemoveWorktree"),
        "RemovedWorktree",
    ),
    ("get", "/worktrees", "Worktrees made for runs.", None, "WorktreeInfo[]"),
    ("get", "/runs/{id}/offers", "Models, modes and commands its agent offers.", None, "Offers"),
    (
        "post",
        "/runs/{id}/model",
        "Choose the model; it holds when the agent says so.",
        Some("Choose"),
        "RunView",
    ),
    ("post", "/runs/{id}/mode", "Choose the mode, one in which the agent asks.", Some("Choose"), "RunView"),
    (
        "post",
        "/runs/{id}/resume-when-reset",
        "Go on when a limit resets, or not.",
        Some("ResumeWhenReset"),
        "RunView",
    ),
    ("post", "/prompts/{id}/withdraw", "Take back a prompt that waits.", None, "RunView"),
    ("post", "/prompts/{id}/text", "Say something else instead.", Some("ChangePrompt"), "RunView"),
    ("post", "/prompts/{id}/place", "Give it another place in the queue.", Some("MovePrompt"), "RunView"),
    ("get", "/agents/{kind}/offers", "What this kind of agent offered last.", None, "Offers"),
    ("post", "/uploads", "Begin to bring a file.", Some("BeginUpload"), "Upload"),
    ("get", "/uploads/{id}", "How far a file has come.", None, "Upload"),
    ("put", "/uploads/{id}", "The next piece. Query: offset.", Some("UploadPiece"), "Upload"),
    ("post", "/uploads/{id}/remove", "Forget a file.", None, "null"),
    (
        "post",
        "/runs/{id}/delete",
        "Show, and once confirmed do, what deletes a run for good.",
        Some("DeleteRun"),
        "StorageClean",
    ),
    ("get", "/storage", "How much is kept by what.", None, "Storage"),
    (
        "post",
        "/storage/clean",
        "Show, and once confirmed do, what cleans up.",
        Some("CleanStorage"),
        "StorageClean",
    ),
    ("get", "/usage", "What was used, by day. Query: days, zone.", None, "UsageDay[]"),
    ("get", "/events", "Events of all runs. Query: after, limit.", None, "Envelope[]"),
    ("get", "/approvals", "Approvals, oldest first. Query: run, state.", None, "Approval[]"),
    ("get", "/approvals/{id}", "One approval.", None, "Approval"),
    ("post", "/approvals/{id}/decision", "Decide, once.", Some("Decision"), "Approval"),
    (
        "get",
        "/history",
        "Conversations agents kept. Query: agent, dir, q, before, limit.",
        None,
        "HistoryList",
    ),
    ("get", "/history/{agent}/{id}", "What was said. Query: before, limit.", None, "HistoryPage"),
    (
        "post",
        "/history/{agent}/{id}/stop",
        "End the process that has it open.",
        Some("StopHistory"),
        "HistoryEntry",
    ),
    ("get", "/agents", "The agents of this host.", None, "AgentInfo[]"),
    ("get", "/agents/ollama/models", "The models that Ollama has on this host.", None, "LocalModels"),
    ("get", "/agents/own", "Agents of the person's own.", None, "OwnAgent[]"),
    ("post", "/agents/own", "Add one, or change it.", Some("PutOwnAgent"), "OwnAgent"),
    ("post", "/agents/own/remove", "Remove one; its runs stay.", Some("RemoveOwnAgent"), "OwnAgent[]"),
    ("post", "/agents/test", "Try one; keeps nothing.", Some("OwnAgent"), "OwnAgentTest"),
    ("post", "/agents/program", "Choose an agent's program.", Some("ChooseProgram"), "AgentInfo[]"),
    ("post", "/agents/look", "Look for the agents anew.", None, "AgentInfo[]"),
    ("get", "/presets", "Ways to start runs, kept for all devices.", None, "Preset[]"),
    ("post", "/presets", "Keep one, or change the one with its id.", Some("Preset"), "Preset"),
    ("post", "/presets/remove", "Remove one; its runs stay.", Some("RemovePreset"), "Preset[]"),
    ("get", "/files/list", "A folder. Query: run or root, path, hidden, offset, limit.", None, "FileList"),
    ("get", "/files/info", "What a file is. Query: run or root, path.", None, "FileInfo"),
    (
        "get",
        "/files/content",
        "Its bytes, by ranges. Query: run or root, path, etag, secrets.",
        None,
        "bytes",
    ),
    ("get", "/files/piece", "A piece as JSON. Query: those of content, offset, limit.", None, "FilePiece"),
    ("get", "/files/thumbnail", "A small picture of a picture. Query: run or root, path.", None, "Thumbnail"),
    (
        "get",
        "/files/find",
        "Files by letters of their paths. Query: run or root, q, hidden, ignored, limit.",
        None,
        "FoundFiles",
    ),
    ("post", "/files/put", "Put a whole upload into a folder.", Some("PutFile"), "FilePut"),
    ("get", "/runs/{id}/artifacts", "What is kept of a run.", None, "Artifact[]"),
    ("post", "/runs/{id}/artifacts", "Keep a file with it.", Some("AddArtifact"), "Artifact"),
    ("get", "/runs/{id}/artifacts/content", "Its bytes, by ranges. Query: artifact.", None, "bytes"),
    (
        "get",
        "/runs/{id}/artifacts/piece",
        "A piece as JSON. Query: artifact, offset, limit.",
        None,
        "FilePiece",
    ),
    ("post", "/runs/{id}/artifacts/remove", "Remove one for good.", Some("RemoveArtifact"), "null"),
    ("get", "/folders", "Where runs may work. Query: dir.", None, "Folders"),
    ("get", "/search", "Messages with these words. Query: q, run, limit.", None, "SearchHit[]"),
    ("get", "/health", "How all is, hop by hop.", None, "Health"),
];

/// The document.
pub(super) async fn document() -> Json<Value> {
    let mut paths = Map::new();
    for (method, path, summary, body, answer) in ROUTES {
        let mut operation = json!({
            "summary": summary,
            "responses": {
                "200": { "description": answer },
                "default": { "description": "Problem", "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Problem" } } } },
            },
        });
        if let Some(body) = body {
            let schema = json!({ "title": body, "type": "object" });
            operation["requestBody"] = json!({ "required": true, "description": body,
                "content": { "application/json": { "schema": schema } } });
        }
        let ids = path.contains("{id}").then(|| {
            json!([{ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } }])
        });
        let item = paths.entry(format!("/api/v1{path}")).or_insert_with(|| json!({}));
        if let Some(ids) = ids {
            item["parameters"] = ids;
        }
        item[*method] = operation;
    }
    Json(json!({
        "openapi": "3.1.0",
        "info": { "title": "Offdesk", "version": env!("CARGO_PKG_VERSION"),
            "description": "Types are described in docs/api.md and generated into packages/client/src/types.gen.ts." },
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Problem": { "type": "object", "required": ["code", "message"], "properties": {
                "code": { "type": "string" }, "message": { "type": "string" }, "hint": { "type": "string" } } } },
        },
    }))
}
