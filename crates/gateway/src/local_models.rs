//! Models on this host: which there are, and whether a run may be started with one.

use offdesk_ollama::{Server, Trouble};
use offdesk_protocol::{Capabilities, ErrorCode, LocalModel, LocalModels, Problem};
use offdesk_runner::Environment;

/// Longest name of a model; Ollama's own are far shorter.
const LONGEST_NAME: usize = 200;

fn server(environment: &Environment) -> Result<Server, Problem> {
    let base = offdesk_ollama::base(environment.var("OLLAMA_HOST"));
    Server::new(base).map_err(|error| {
        Problem::new(ErrorCode::Internal, format!("The network cannot be used to ask Ollama: {error}."))
    })
}

/// The models that run here; those that Ollama only passes on to a service are not among them.
pub(crate) async fn list(environment: &Environment) -> Result<LocalModels, Problem> {
    let server = server(environment)?;
    let mut here = LocalModels {
        base: server.base().into(),
        elsewhere: !offdesk_ollama::is_this_machine(server.base()),
        ..LocalModels::default()
    };
    match server.models().await {
        Ok(models) => {
            let own = models.into_iter().filter(|model| !model.remote);
            here.models = own.map(|model| LocalModel { name: model.name, size: model.size }).collect();
            if here.models.is_empty() {
                here.problem =
                    Some("Ollama has no model here. Get one, for example by `ollama pull qwen3`.".into());
            }
        }
        Err(trouble) => here.problem = Some(trouble.to_string()),
    }
    Ok(here)
}

/// The name as Ollama gets it, if a run of this agent may be started with that model.
pub(crate) async fn check(
    environment: &Environment,
    agent: &str,
    capabilities: &Capabilities,
    wanted: String,
) -> Result<String, Problem> {
    let wanted = wanted.trim().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:".contains(c);
    if wanted.is_empty()
        || wanted.len() > LONGEST_NAME
        || wanted.starts_with(['-', '/', '.'])
        || !wanted.chars().all(plain)
    {
        return Err(Problem::new(ErrorCode::BadRequest, "This is no name of a model.")
            .hint("`ollama ls` prints them, as qwen3:8b."));
    }
    if !capabilities.local_model {
        return Err(Problem::new(
            ErrorCode::Unsupported,
            format!("{agent} cannot be brought to a model on this machine."),
        )
        .hint("`offdesk agents --json` says who can: the capability `localModel`."));
    }
    let server = server(environment)?;
    let refused = |trouble: Trouble| Problem::new(ErrorCode::AgentMissing, trouble.to_string());
    let models = server.models().await.map_err(refused)?;
    let latest = format!("{wanted}:latest");
    let found = models.into_iter().find(|model| model.name == wanted || model.name == latest);
    match found {
        None => Err(refused(Trouble::NoModel { model: wanted })),
        Some(model) if model.remote => Err(Problem::new(
            ErrorCode::BadRequest,
            format!("{wanted} does not run on this machine: Ollama passes it on to a service elsewhere."),
        )
        .hint("Choose a model that is here.")),
        Some(model) => {
            if server.uses_tools(&model.name).await.map_err(refused)? {
                return Ok(model.name);
            }
            Err(Problem::new(ErrorCode::BadRequest, format!("The model {wanted} cannot use tools."))
                .hint("Choose one that can, for example `ollama pull qwen3`."))
        }
    }
}
