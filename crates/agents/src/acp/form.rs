//! What an agent asks by a form (`elicitation/create`): a question of its own, or what a server of the person's asks.

use crate::elicitation::Elicitation;
use crate::json::{items, text};
use crate::request;
use offdesk_protocol::{Answer, ApprovalRequest, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One that waits for its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Form {
    asked: Elicitation,
    schema: Value,
}

impl Form {
    /// Nothing: it is of a kind that was not asked for.
    pub fn of(params: &Value, server: Option<&str>) -> Option<Self> {
        if text(params, "mode") != "form" {
            return None;
        }
        let schema = params.get("requestedSchema").cloned().unwrap_or_default();
        let asked = Elicitation::of(
            server.unwrap_or("A server of yours"),
            "form",
            "",
            text(params, "message"),
            &schema,
        )?;
        Some(Self { asked, schema })
    }

    /// Makes the request one of this. The agent's own questions are in the tool's input, in better words than the form's.
    pub fn show(&self, input: &Value, request: &mut ApprovalRequest) {
        let questions: Vec<_> =
            items(input, "questions").map(|asked| request::question(asked, "multiSelect")).collect();
        if questions.is_empty() {
            return self.asked.show(request);
        }
        request::asks(request, questions);
    }

    /// The answer, in the form's fields.
    pub fn answer(&self, input: &Value, verdict: &Verdict) -> Value {
        match verdict {
            Verdict::Answer { answers } if items(input, "questions").next().is_some() => {
                json!({ "action": "accept", "content": self.filled(input, answers) })
            }
            verdict => self.asked.answer(verdict),
        }
    }

    /// A field a question by its place, for what was chosen, and one more for words of the person's own.
    fn filled(&self, input: &Value, answers: &[Answer]) -> Map<String, Value> {
        let mut form = Map::new();
        for (place, question) in items(input, "questions").enumerate() {
            let asked = text(question, "question");
            let Some(answer) = answers.iter().find(|answer| answer.question == asked) else { continue };
            let offered =
                |said: &&String| items(question, "options").any(|option| text(option, "label") == **said);
            let (chosen, own): (Vec<&String>, Vec<&String>) = answer.answers.iter().partition(offered);
            let field = format!("question_{place}");
            let several =
                self.schema.pointer(&format!("/properties/{field}/type")).is_some_and(|of| of == "array");
            match chosen.first() {
                Some(_) if several => form.insert(field.clone(), json!(chosen)),
                Some(one) => form.insert(field.clone(), json!(one)),
                None => None,
            };
            if !own.is_empty() {
                let words: Vec<&str> = own.iter().map(|said| said.as_str()).collect();
                form.insert(format!("{field}_custom"), json!(words.join(", ")));
            }
        }
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_answered_in_the_fields_of_its_form() {
        let schema = json!({ "properties": {
            "question_0": { "type": "string" }, "question_1": { "type": "array" }, "question_2": { "type": "string" } } });
        let params = json!({ "mode": "form", "message": "m", "requestedSchema": schema });
        let form = Form::of(&params, None).unwrap();
        let option = |label: &str| json!({ "label": label });
        let input = json!({ "questions": [
            { "question": "a?", "options": [option("x"), option("y")] },
            { "question": "b?", "options": [option("p"), option("q")] },
            { "question": "c?", "options": [option("z")] } ] });
        let answer = |question: &str, answers: &[&str]| Answer {
            question: question.into(),
            answers: answers.iter().map(ToString::to_string).collect(),
        };
        let answers = vec![answer("a?", &["y"]), answer("b?", &["p", "mine"]), answer("c?", &["other"])];
        let content = json!({ "question_0": "y", "question_1": ["p"], "question_1_custom": "mine",
            "question_2_custom": "other" });
        let given = form.answer(&input, &Verdict::Answer { answers });
        assert_eq!(given, json!({ "action": "accept", "content": content }));
        let denied = form.answer(&input, &Verdict::Deny { say: None, stop: false });
        assert_eq!(denied, json!({ "action": "decline" }));
        assert!(Form::of(&json!({ "mode": "url", "url": "https://a.example" }), None).is_none());
    }
}
