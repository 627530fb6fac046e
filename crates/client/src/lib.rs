//! The API, typed, from Rust: what the command line and the tray are made of.

mod artifacts;
mod carry;
mod controls;
mod files;
mod history;
mod live;
mod notifications;
mod place;
mod presets;
mod storage;
mod workspaces;

pub use carry::{Carried, Wire, WireMessage};
pub use files::{Download, FilesOf, Wanted};
pub use history::HistoryWish;
pub use live::{Live, LiveMessage};
pub use place::Place;

use offdesk_protocol::*;
use reqwest::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a call did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers there.
    #[error("No gateway answers at {place}.")]
    NoGateway {
        /// Where was asked.
        place: String,
    },
    /// The gateway refused or failed, and says why.
    #[error("{0}")]
    Problem(Problem),
    /// The answer was not understood.
    #[error("The gateway's answer was not understood: {0}.")]
    Garbled(String),
}

/// What calls give.
pub type Answer<T> = Result<T, ClientError>;

/// A gateway, seen from outside.
#[derive(Clone)]
pub struct Client {
    place: Place,
    http: reqwest::Client,
}

/// A piece of an attempt's output.
#[derive(Clone, Debug)]
pub struct Output {
    /// Where it begins.
    pub offset: u64,
    /// Bytes there are by now.
    pub length: u64,
    /// There will be no more.
    pub ended: bool,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Client {
    /// A client for the gateway at this place. Does not call yet.
    ///
    /// # Errors
    /// When the HTTP client can't be made.
    pub fn new(place: Place) -> Answer<Self> {
        Self::of(place, concat!("offdesk/", env!("CARGO_PKG_VERSION")))
    }

    /// The same for a program that calls itself so, as `name/version`: people read it beside what was decided.
    ///
    /// # Errors
    /// When the HTTP client can't be made.
    pub fn of(place: Place, program: &str) -> Answer<Self> {
        let http = place.http(program).map_err(|error| ClientError::Garbled(error.to_string()))?;
        Ok(Self { place, http })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.place.base()));
        match self.place.token() {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn ask(&self, request: RequestBuilder) -> Answer<Response> {
        request.send().await.map_err(|error| {
            if error.is_connect() || error.is_request() {
                ClientError::NoGateway { place: self.place.to_string() }
            } else {
                ClientError::Garbled(error.to_string())
            }
        })
    }

    async fn send(&self, request: RequestBuilder) -> Answer<Response> {
        let response = self.ask(request).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        Err(match serde_json::from_str::<Problem>(&text) {
            Ok(problem) => ClientError::Problem(problem),
            Err(_) => ClientError::Garbled(format!("status {status}")),
        })
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Answer<T> {
        let response = self.send(request).await?;
        response.json().await.map_err(|error| ClientError::Garbled(error.to_string()))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Answer<T> {
        self.json(self.request(Method::GET, &format!("/api/v1{path}"))).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Answer<T> {
        self.json(self.request(Method::POST, &format!("/api/v1{path}")).json(body)).await
    }

    /// All runs that are not put away, those that need somebody first.
    pub async fn runs(&self, archived: bool) -> Answer<Vec<RunView>> {
        self.get(&format!("/runs?archived={archived}")).await
    }

    /// One run.
    pub async fn run(&self, id: RunId) -> Answer<RunView> {
        self.get(&format!("/runs/{id}")).await
    }

    /// Starts a run.
    pub async fn start(&self, start: &StartRun) -> Answer<RunView> {
        self.post("/runs", start).await
    }

    /// Says something to the agent.
    pub async fn prompt(&self, id: RunId, prompt: &SendPrompt) -> Answer<RunView> {
        self.post(&format!("/runs/{id}/prompts"), prompt).await
    }

    /// Cuts the turn short.
    pub async fn interrupt(&self, id: RunId) -> Answer<RunView> {
        self.post(&format!("/runs/{id}/interrupt"), &()).await
    }

    /// Ends the attempt.
    pub async fn stop(&self, id: RunId) -> Answer<RunView> {
        self.post(&format!("/runs/{id}/stop"), &()).await
    }

    /// Starts the next attempt.
    pub async fn resume(&self, id: RunId, resume: &ResumeRun) -> Answer<RunView> {
        self.post(&format!("/runs/{id}/resume"), resume).await
    }

    /// Begins a run's work anew, in a new conversation.
    pub async fn restart(&self, id: RunId, restart: RestartRun) -> Answer<RunView> {
        self.post(&format!("/runs/{id}/restart"), &restart).await
    }

    /// Starts another run like this one.
    pub async fn clone_run(&self, id: RunId, clone: &CloneRun) -> Answer<RunView> {
        self.post(&format!("/runs/{id}/clone"), clone).await
    }

    /// Puts a run away.
    pub async fn archive(&self, id: RunId) -> Answer<RunView> {
        self.post(&format!("/runs/{id}/archive"), &()).await
    }

    /// Up to `limit` events after `after`, as JSON, so that kinds unknown here stay whole.
    pub async fn events(
        &self,
        run: Option<RunId>,
        after: u64,
        limit: usize,
    ) -> Answer<Vec<serde_json::Value>> {
        let path = run.map_or(String::new(), |run| format!("/runs/{run}"));
        self.get(&format!("{path}/events?after={after}&limit={limit}")).await
    }

    /// Output of a run's latest attempt, or of the one named.
    pub async fn output(&self, run: RunId, attempt: Option<AttemptId>, from: u64) -> Answer<Output> {
        let attempt = attempt.map_or(String::new(), |attempt| format!("&attempt={attempt}"));
        let path = format!("/api/v1/runs/{run}/output?from={from}{attempt}");
        let response = self.send(self.request(Method::GET, &path)).await?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let number = |name: &str| header(name).and_then(|value| value.parse().ok()).unwrap_or(0);
        let (offset, length) = (number("offdesk-offset"), number("offdesk-length"));
        let ended = header("offdesk-ended") == Some("true");
        let bytes = response.bytes().await.map_err(|error| ClientError::Garbled(error.to_string()))?.to_vec();
        Ok(Output { offset, length, ended, bytes })
    }

    /// Approvals, oldest first; all, or only those that wait.
    pub async fn approvals(&self, run: Option<RunId>, all: bool) -> Answer<Vec<Approval>> {
        let run = run.map_or(String::new(), |run| format!("&run={run}"));
        self.get(&format!("/approvals?state={}{run}", if all { "all" } else { "open" })).await
    }

    /// One approval.
    pub async fn approval(&self, id: ApprovalId) -> Answer<Approval> {
        self.get(&format!("/approvals/{id}")).await
    }

    /// Decides.
    pub async fn decide(&self, id: ApprovalId, decision: &Decision) -> Answer<Approval> {
        self.post(&format!("/approvals/{id}/decision"), decision).await
    }

    /// Decides several approvals, each for itself.
    pub async fn decide_many(&self, decisions: Vec<DecideOne>) -> Answer<Vec<Decided>> {
        self.post("/approvals/decisions", &DecideMany { decisions }).await
    }

    /// All rules, revoked ones too, oldest first.
    pub async fn rules(&self) -> Answer<Vec<Rule>> {
        self.get("/rules").await
    }

    /// Rules that could be made on an approval.
    pub async fn preview_rules(&self, id: ApprovalId, wish: &PreviewRules) -> Answer<Vec<RulePreview>> {
        self.post(&format!("/approvals/{id}/rules"), wish).await
    }

    /// Puts another rule in a rule's place.
    pub async fn change_rule(&self, id: RuleId, change: &ChangeRule) -> Answer<Rule> {
        self.post(&format!("/rules/{id}"), change).await
    }

    /// Makes a rule decide nothing any more.
    pub async fn revoke_rule(&self, id: RuleId) -> Answer<Rule> {
        self.post(&format!("/rules/{id}/revoke"), &()).await
    }

    /// Gives a run another name.
    pub async fn label(&self, id: RunId, label: &str) -> Answer<RunView> {
        self.post(&format!("/runs/{id}/label"), &LabelRun { label: label.into() }).await
    }

    /// Where runs may work, and what is in a folder there.
    pub async fn folders(&self, dir: Option<&str>) -> Answer<Folders> {
        let request = self.request(Method::GET, "/api/v1/folders");
        self.json(match dir {
            Some(dir) => request.query(&[("dir", dir)]),
            None => request,
        })
        .await
    }

    /// The agents of this host.
    pub async fn agents(&self) -> Answer<Vec<AgentInfo>> {
        self.get("/agents").await
    }

    /// The models that Ollama has on the host.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn local_models(&self) -> Answer<LocalModels> {
        self.get("/agents/ollama/models").await
    }

    /// Agents of the person's own. Values that look like secrets are left out.
    pub async fn own_agents(&self) -> Answer<Vec<OwnAgent>> {
        self.get("/agents/own").await
    }

    /// Adds an agent of the person's own, or changes one.
    pub async fn put_agent(&self, put: &PutOwnAgent) -> Answer<OwnAgent> {
        self.post("/agents/own", put).await
    }

    /// Removes an agent of the person's own; gives those that are left.
    pub async fn remove_agent(&self, kind: &str) -> Answer<Vec<OwnAgent>> {
        self.post("/agents/own/remove", &RemoveOwnAgent { kind: kind.into() }).await
    }

    /// Tries an agent of the person's own.
    pub async fn test_agent(&self, agent: &OwnAgent) -> Answer<OwnAgentTest> {
        self.post("/agents/test", agent).await
    }

    /// Chooses an agent's program.
    pub async fn choose_program(&self, choice: &ChooseProgram) -> Answer<Vec<AgentInfo>> {
        self.post("/agents/program", choice).await
    }

    /// Looks for the agents anew.
    pub async fn look_for_agents(&self) -> Answer<Vec<AgentInfo>> {
        self.post("/agents/look", &serde_json::json!({})).await
    }

    /// Types keys into a run's terminal.
    pub async fn type_keys(&self, id: RunId, typed: &TypeKeys) -> Answer<RunView> {
        self.post(&format!("/runs/{id}/keys"), typed).await
    }

    /// Messages with these words.
    pub async fn search(&self, words: &str, run: Option<RunId>) -> Answer<Vec<SearchHit>> {
        let request = self.request(Method::GET, "/api/v1/search").query(&[("q", words)]);
        let request = match run {
            Some(run) => request.query(&[("run", run.to_string())]),
            None => request,
        };
        self.json(request).await
    }

    /// How all is.
    pub async fn health(&self) -> Answer<Health> {
        self.get("/health").await
    }

    /// The gateway, about itself.
    pub async fn about(&self) -> Answer<About> {
        self.get("/about").await
    }

    /// What holds for this gateway.
    pub async fn settings(&self) -> Answer<Settings> {
        self.get("/settings").await
    }

    /// Changes settings, at once and for later starts; gives what holds then.
    pub async fn change_settings(&self, change: &ChangeSettings) -> Answer<Settings> {
        self.post("/settings", change).await
    }

    /// Fetches the tunnel's program, a pinned release. Only when the person has agreed.
    pub async fn fetch_tunnel_program(&self) -> Answer<TunnelProgram> {
        self.post("/tunnel/program", &serde_json::json!({})).await
    }

    /// Ends the gateway in order, soon after it has answered; runs go on unless they are to end too.
    pub async fn stop_gateway(&self, stop_runs: bool) -> Answer<()> {
        self.post("/stop", &StopGateway { stop_runs }).await
    }

    /// A new address for a page or a phone.
    pub async fn pair(&self, wish: &MakeOffer) -> Answer<PairingOffer> {
        self.post("/pairings", wish).await
    }

    /// Devices that wait to be let in.
    pub async fn pairings(&self) -> Answer<Vec<PairingRequest>> {
        self.get("/pairings").await
    }

    /// Lets a device in, or does not.
    pub async fn let_in(&self, device: DeviceId, approved: bool) -> Answer<PairingEnd> {
        self.post(&format!("/pairings/{device}/decision"), &PairingDecision { approved }).await
    }

    /// Where this host can be reached.
    pub async fn paths(&self) -> Answer<Reachable> {
        self.get("/paths").await
    }

    /// All devices.
    pub async fn devices(&self) -> Answer<Vec<Device>> {
        self.get("/devices").await
    }

    /// Bearer keys.
    pub async fn keys(&self) -> Answer<Vec<KeyInfo>> {
        self.get("/keys").await
    }

    /// Makes a bearer key open nothing any more.
    pub async fn revoke_key(&self, id: &str) -> Answer<()> {
        self.post(&format!("/keys/{id}/revoke"), &()).await
    }

    /// Gives a device another name.
    pub async fn rename_device(&self, device: DeviceId, name: &str) -> Answer<Device> {
        self.post(&format!("/devices/{device}/name"), &RenameDevice { name: name.into() }).await
    }

    /// Takes a device's access away.
    pub async fn revoke_device(&self, device: DeviceId) -> Answer<Device> {
        self.post(&format!("/devices/{device}/revoke"), &()).await
    }

    /// What a device has decided, latest first.
    pub async fn decisions_of(&self, device: DeviceId) -> Answer<Vec<Approval>> {
        self.get(&format!("/devices/{device}/decisions")).await
    }

    /// Exchanges a one-time code for a key.
    pub async fn login(&self, login: &Login) -> Answer<LoginGranted> {
        self.post("/login", login).await
    }

    /// Opens the live connection and says hello.
    pub async fn live(&self, cursor: Option<Cursor>) -> Answer<Live> {
        Live::open(&self.place, cursor).await
    }
}
