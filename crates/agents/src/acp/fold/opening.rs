//! What the agent answers: until a conversation is open, and to what a person chose.

use super::AcpFold;
use crate::acp::greeting::{self, Step};
use crate::acp::offers;
use crate::control;
use crate::json::text;
use crate::out::Out;
use offdesk_protocol::*;
use serde_json::Value;

impl AcpFold {
    pub(super) fn answered(&mut self, id: &str, message: &Value, out: &mut Out) {
        let result = message.get("result");
        let error = message.get("error").map(greeting::failure);
        let name = self.name.clone();
        match (id, self.state.step) {
            ("initialize", Step::Greeted) => match (result, error) {
                (Some(result), None) => self.introduced(result, out),
                (_, error) => {
                    let error = error.unwrap_or_default();
                    self.stuck(out, format!("{name} could not begin: {error}"));
                }
            },
            ("open" | "open-new", Step::Opening) => match (result, error) {
                (Some(result), None) => self.opened(result, out),
                (_, error) => self.not_opened(error.unwrap_or_default(), out),
            },
            ("mode", Step::Setting) => match error {
                None => {
                    let mode = self.state.mode.clone();
                    out.fact(Event::AgentModeChanged { mode, control: None });
                    self.arrange(0);
                }
                Some(error) => self.does_not_ask(&error, out),
            },
            (id, Step::Arranging) if id.starts_with("option:") => match error {
                None => self.arrange(id.split_once(':').map_or(0, |(_, n)| n.parse().unwrap_or(0)) + 1),
                Some(error) => self.does_not_ask(&error, out),
            },
            ("model", Step::Choosing) => {
                self.state.step = Step::Ready;
                let wanted = self.context.model.clone().unwrap_or_default();
                match error {
                    None => {
                        self.state.model = wanted.clone();
                        out.fact(Event::AgentModelChanged { model: wanted, control: None });
                    }
                    Some(error) => out.notice(
                        NoticeLevel::Warning,
                        "agentRefused",
                        format!("{name} did not take the model “{wanted}” and uses its own: {error}"),
                    ),
                }
            }
            (id, _) if id.starts_with("control:") => self.chosen(id, error, out),
            (id, _) if id.starts_with("prompt:") => self.turn_over(result, error, out),
            (id, _) if id.starts_with("mode:") => {
                if let Some(error) = error {
                    return self.stuck(
                        out,
                        format!("{name} changed how it asks and cannot be changed back: {error}"),
                    );
                }
                let mode = self.state.mode.clone();
                out.fact(Event::AgentModeChanged { mode, control: None });
            }
            _ => {}
        }
    }

    fn introduced(&mut self, result: &Value, out: &mut Out) {
        let name = self.name.clone();
        if result.get("protocolVersion").and_then(Value::as_u64) != Some(1) {
            return self.stuck(
                out,
                format!("{name} speaks another version of its protocol (ACP) than Offdesk, which is 1."),
            );
        }
        self.state.version =
            result.get("agentInfo").map(|info| text(info, "version")).unwrap_or_default().into();
        if let Some(why) = self.known.barred {
            return self.stuck(out, why);
        }
        if let Some(path) = self.of_the_repository(self.known.runs) {
            let why = format!(
                "{name} would run what is in {path} without asking, and cannot be kept from it. So it is not used in \
                 this workspace: take {path} away, or use another agent."
            );
            return self.stuck(out, why);
        }
        if let Some(path) = self.of_the_repository(self.known.runs_if_trusted) {
            let text = format!(
                "If you told {name} in its own terminal to trust this folder, it starts what {path} names without asking."
            );
            out.notice(NoticeLevel::Warning, "repositoryMayRun", text);
        }
        if let Some(warning) = self.known.warning {
            out.notice(NoticeLevel::Warning, "unproven", warning);
        }
        let loads =
            result.pointer("/agentCapabilities/loadSession").and_then(Value::as_bool).unwrap_or(false);
        let images = result.pointer("/agentCapabilities/promptCapabilities/image");
        self.state.images = images.and_then(Value::as_bool).unwrap_or(false);
        let dir = self.dir();
        if !loads && self.state.taking_up.take().is_some() {
            begins_anew(&name, "it keeps none", out);
        }
        self.state.step = Step::Opening;
        let open = match &self.state.taking_up {
            Some(session) => greeting::load_session(self.known, "open", &dir, session),
            None => greeting::new_session(self.known, "open", &dir),
        };
        self.owe(open);
    }

    /// The first of these that is in the workspace, or above it up to the repository's root.
    fn of_the_repository(&self, names: &[&str]) -> Option<String> {
        let (dir, files) = (&self.context.dir, &self.context.workspace);
        let root = dir.ancestors().find(|folder| files.exists(&folder.join(".git"))).unwrap_or(dir);
        let folders = dir.ancestors().take_while(|folder| folder.starts_with(root));
        let all = folders.flat_map(|folder| names.iter().map(move |name| folder.join(name)));
        all.into_iter().find(|path| files.exists(path)).map(|path| path.display().to_string())
    }

    fn opened(&mut self, result: &Value, out: &mut Out) {
        let taken_up = self.state.taking_up.take().unwrap_or_default();
        self.state.session = match text(result, "sessionId") {
            "" => taken_up.clone(),
            session => session.into(),
        };
        self.state.informed = self.state.session == taken_up;
        self.state.model = offers::current_model(result).into();
        self.state.model_option = offers::model_option_id(result);
        let some = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
        out.fact(Event::AgentIdentified {
            agent_session: some(&self.state.session),
            model: some(&self.state.model),
            version: some(&self.state.version),
        });
        let slash = std::mem::take(&mut self.state.offers.slash);
        self.offers(Offers { slash, ..offers::of_opened(self.known, result) }, out);
        let offered = |mode: &&String| self.state.offers.modes.iter().any(|offer| offer.id == **mode);
        // Offered are only modes in which it asks.
        let wanted = self.context.mode.as_ref().filter(offered).map(String::as_str);
        let asking = greeting::asking_mode(self.known, result);
        match (wanted.filter(|_| asking.is_some()).or(asking), self.known.asking_mode) {
            (Some(mode), _) => {
                self.state.step = Step::Setting;
                self.state.mode = mode.into();
                let set = greeting::set_mode("mode", &self.state.session, mode);
                self.owe(set);
            }
            (None, None) => self.arrange(0),
            (None, Some(_)) if self.known.asks_anyway => {
                self.state.modeless = true;
                self.choose_model();
            }
            (None, Some(meant)) => {
                let why = format!(
                    "{} does not offer the mode “{meant}”, in which it asks before it acts, so it gets no prompt. It \
                     is of another version than Offdesk knows.",
                    self.name
                );
                self.stuck(out, why);
            }
        }
    }

    pub(super) fn offers(&mut self, offers: Offers, out: &mut Out) {
        if self.state.offers != offers {
            out.fact(Event::AgentOffered { offers: offers.clone() });
            self.state.offers = offers;
        }
    }

    fn does_not_ask(&mut self, error: &str, out: &mut Out) {
        let why =
            format!("{} cannot be made to ask before it acts, so it gets no prompt: {error}", self.name);
        self.stuck(out, why);
    }

    /// Sets what else makes it ask, one option after the other.
    fn arrange(&mut self, next: usize) {
        let Some((option, value)) = self.known.options.get(next) else { return self.choose_model() };
        self.state.step = Step::Arranging;
        let set = greeting::set_option(&format!("option:{next}"), &self.state.session, option, value);
        self.owe(set);
    }

    /// The last step before the first prompt.
    fn choose_model(&mut self) {
        let offered = |model: &&String| self.state.offers.models.iter().any(|offer| offer.id == **model);
        let wanted = self.context.model.clone().filter(|model| offered(&model) && *model != self.state.model);
        let Some(model) = wanted else { return self.state.step = Step::Ready };
        self.state.step = Step::Choosing;
        let option = self.state.model_option.as_deref();
        let set = offers::set_model("model", &self.state.session, option, &model);
        self.owe(set);
    }

    /// The answer to a choice of a person's.
    fn chosen(&mut self, request: &str, error: Option<String>, out: &mut Out) {
        let Some((id, chosen)) = control::of_request(request) else { return };
        if let Some(error) = error {
            return control::refused(self.known.name, id, &chosen, &error, out);
        }
        match &chosen {
            Control::Model { id } => self.state.model = id.clone(),
            Control::Mode { id } => self.state.mode = id.clone(),
        }
        control::done(id, chosen, "", out);
    }

    fn not_opened(&mut self, error: String, out: &mut Out) {
        if self.state.taking_up.take().is_some() {
            begins_anew(&self.name, &error, out);
            let open = greeting::new_session(self.known, "open-new", &self.dir());
            return self.owe(open);
        }
        let (name, program) = (&self.name, &self.program);
        let why = format!(
            "{name} could not begin a conversation: {error}. If it is not logged in, run “{program}” once in a terminal."
        );
        self.stuck(out, why);
    }
}

fn begins_anew(name: &str, why: &str, out: &mut Out) {
    let text = format!(
        "The earlier conversation could not be taken up: {why}. {name} begins a new one in the same folder and knows \
         nothing of what was said before."
    );
    out.notice(NoticeLevel::Warning, "beganAnew", text);
}
