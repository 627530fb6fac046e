//! Forms that a server of the person's wants filled in, as questions and back.

use crate::json::text;
use offdesk_protocol::{Answer, Question, QuestionOption};
use serde_json::{Map, Value, json};

fn fields(params: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let properties = params.get("requestedSchema").and_then(|schema| schema.get("properties"));
    properties.and_then(Value::as_object).into_iter().flatten()
}

/// The question for a field; unlike those of the other fields, since answers are found by it.
fn question(name: &str, field: &Value) -> String {
    match (text(field, "title"), text(field, "description")) {
        ("", "") => name.into(),
        ("", words) | (words, "") => format!("{words} ({name})"),
        (title, words) => format!("{title}: {words} ({name})"),
    }
}

fn choices(field: &Value) -> Vec<String> {
    let of = |value: &Value| {
        let listed = value.get("enum").and_then(Value::as_array).into_iter().flatten();
        listed.filter_map(|choice| choice.as_str().map(String::from)).collect::<Vec<_>>()
    };
    let titled = |value: &Value, key: &str| {
        let listed = value.get(key).and_then(Value::as_array).into_iter().flatten();
        listed.map(|choice| text(choice, "const").to_string()).collect::<Vec<_>>()
    };
    if text(field, "type") == "boolean" {
        return vec!["yes".into(), "no".into()];
    }
    let items = field.get("items").unwrap_or(&Value::Null);
    let all = [of(field), titled(field, "oneOf"), of(items), titled(items, "anyOf")].concat();
    all.into_iter().filter(|choice| !choice.is_empty()).collect()
}

/// One question for each field.
pub(super) fn questions(params: &Value) -> Vec<Question> {
    let each = fields(params).map(|(name, field)| Question {
        text: question(name, field),
        header: None,
        multi: text(field, "type") == "array",
        options: choices(field)
            .into_iter()
            .map(|label| QuestionOption { label, description: None })
            .collect(),
        ..Question::default()
    });
    each.collect()
}

/// The form as it was answered.
pub(super) fn filled(params: &Value, answers: &[Answer]) -> Value {
    let mut form = Map::new();
    for (name, field) in fields(params) {
        let asked = question(name, field);
        let Some(answer) = answers.iter().find(|answer| answer.question == asked) else { continue };
        let said = answer.answers.join(", ");
        let value = match text(field, "type") {
            "array" => json!(answer.answers),
            "boolean" => json!(matches!(said.trim().to_lowercase().as_str(), "yes" | "true" | "1")),
            "integer" => said.trim().parse::<i64>().map_or(json!(said), |number| json!(number)),
            "number" => said.trim().parse::<f64>().map_or(json!(said), |number| json!(number)),
            _ => json!(said),
        };
        form.insert(name.clone(), value);
    }
    form.into()
}
