//! What a server of the person's asks them through the agent (MCP's `elicitation/create`): a form to fill in, or a page
//! to open. Agents pass it on in words of their own; what is asked and what is answered is the same.

use crate::json::text;
use crate::request::some;
use offdesk_protocol::{
    Answer, ApprovalKind, ApprovalRequest, Field, FieldKind, Question, QuestionOption, Verdict, WebPage,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::Url;

/// One that waits for its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Elicitation {
    /// The server that asks, by the person's name for it.
    pub server: String,
    message: String,
    wants: Wants,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Wants {
    /// To have a form of this schema filled in. Without fields it wants a yes.
    Form(Value),
    /// To have the page at this address opened.
    Page(String),
}

impl Elicitation {
    /// Nothing: it is of a kind that is not known here.
    pub(crate) fn of(server: &str, mode: &str, url: &str, message: &str, schema: &Value) -> Option<Self> {
        let wants = match mode {
            "form" | "" => Wants::Form(schema.clone()),
            "url" => Wants::Page(url.into()),
            _ => return None,
        };
        Some(Self { server: server.into(), message: message.into(), wants })
    }

    /// Makes the request one of this.
    pub(crate) fn show(&self, request: &mut ApprovalRequest) {
        request.kind = ApprovalKind::Question;
        request.tool = self.server.clone();
        request.text = self.message.clone();
        match &self.wants {
            Wants::Form(schema) => {
                request.questions = questions(schema);
                let what = if request.questions.is_empty() { "asks for your yes" } else { "asks you" };
                request.title = format!("{} {what}", self.server);
                request.input = json!({ "message": self.message, "schema": schema });
            }
            Wants::Page(url) => {
                request.web_page = web_page(url);
                request.title = match &request.web_page {
                    Some(page) => format!("{} wants you to open a page at {}", self.server, page.host),
                    None => format!("{} wants you to open what is no page on the web", self.server),
                };
                request.text = [self.message.trim(), url].join("\n").trim().into();
                request.input = json!({ "message": self.message, "url": url });
            }
        }
    }

    /// The answer, as the server reads it: accepted, declined or cancelled.
    pub(crate) fn answer(&self, verdict: &Verdict) -> Value {
        let Verdict::Answer { answers } = verdict else {
            let stops = matches!(verdict, Verdict::Deny { stop: true, .. });
            return json!({ "action": if stops { "cancel" } else { "decline" } });
        };
        match &self.wants {
            Wants::Form(schema) => json!({ "action": "accept", "content": filled(schema, answers) }),
            Wants::Page(_) => json!({ "action": "accept" }),
        }
    }
}

/// The page at this address. Letters that look like others are written out, and a name before an `@` is not a host.
fn web_page(url: &str) -> Option<WebPage> {
    let url = Url::parse(url.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    Some(WebPage { host: format!("{}{port}", url.host_str()?), url: url.to_string() })
}

/// Each field with the question that is asked for it: answers are found by it, so no two are alike.
fn fields(schema: &Value) -> Vec<(&String, &Value, String)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut fields: Vec<(&String, &Value, String)> = Vec::new();
    for (name, field) in properties.into_iter().flatten() {
        let mut asked = match (text(field, "title"), text(field, "description")) {
            ("", "") => name.clone(),
            ("", words) | (words, "") => format!("{words} ({name})"),
            (title, words) => format!("{title}: {words} ({name})"),
        };
        while fields.iter().any(|(.., other)| *other == asked) {
            asked.push_str(" (another)");
        }
        fields.push((name, field, asked));
    }
    fields
}

/// What can be chosen: what is sent, and what it is called.
fn choices(field: &Value) -> Vec<(Value, Option<String>)> {
    let list =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let plain = |value: &Value| {
        let names = list(value, "enumNames");
        let name = move |place: usize| names.get(place).and_then(Value::as_str).and_then(some);
        list(value, "enum").into_iter().enumerate().map(move |(place, choice)| (choice, name(place)))
    };
    let titled = |value: &Value, key: &str| {
        let called = |choice: Value| Some((choice.get("const")?.clone(), some(text(&choice, "title"))));
        list(value, key).into_iter().filter_map(called)
    };
    if text(field, "type") == "boolean" {
        return vec![(json!(true), None), (json!(false), None)];
    }
    let several = field.get("items").unwrap_or(&Value::Null);
    let all =
        plain(field).chain(titled(field, "oneOf")).chain(plain(several)).chain(titled(several, "anyOf"));
    all.filter(|(choice, _)| !label(choice).is_empty()).collect()
}

/// A value as it is chosen and typed.
fn label(value: &Value) -> String {
    match value {
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn questions(schema: &Value) -> Vec<Question> {
    let required = |name: &str| {
        let listed = schema.get("required").and_then(Value::as_array);
        listed.is_some_and(|required| required.iter().any(|field| field == name))
    };
    let question = |(name, field, text): (&String, &Value, String)| {
        let options: Vec<QuestionOption> = choices(field)
            .into_iter()
            .map(|(choice, description)| QuestionOption { label: label(&choice), description })
            .collect();
        Question {
            text,
            header: None,
            multi: kind_of(field) == "array",
            optional: !required(name),
            field: Some(asks_for(field, !options.is_empty())),
            options,
        }
    };
    fields(schema).into_iter().map(question).collect()
}

fn kind_of(field: &Value) -> &str {
    text(field, "type")
}

fn asks_for(field: &Value, closed: bool) -> Field {
    let (kind, bounds) = match (kind_of(field), text(field, "format")) {
        ("number", _) => (FieldKind::Number, ["minimum", "maximum"]),
        ("integer", _) => (FieldKind::Integer, ["minimum", "maximum"]),
        ("boolean", _) => (FieldKind::Boolean, ["", ""]),
        ("array", _) => (FieldKind::Text, ["minItems", "maxItems"]),
        (_, "email") => (FieldKind::Email, ["minLength", "maxLength"]),
        (_, "uri") => (FieldKind::Url, ["minLength", "maxLength"]),
        (_, "date") => (FieldKind::Date, ["", ""]),
        (_, "date-time") => (FieldKind::DateTime, ["", ""]),
        _ => (FieldKind::Text, ["minLength", "maxLength"]),
    };
    let [least, most] = bounds.map(|bound| field.get(bound).and_then(Value::as_f64));
    let begins =
        field.get("default").filter(|value| !value.is_null() && !value.is_array() && !value.is_object());
    Field { kind, closed, least, most, begins: begins.map(label) }
}

/// The form as it was answered. The gateway has seen to it that each answer fits.
fn filled(schema: &Value, answers: &[Answer]) -> Value {
    let mut form = Map::new();
    for (name, field, asked) in fields(schema) {
        let given = answers.iter().find(|answer| answer.question == asked).map(|answer| &answer.answers);
        let Some(given) = given.filter(|given| !given.is_empty()) else { continue };
        let choices = choices(field);
        let chosen = |said: &String| {
            choices.iter().find(|(choice, _)| label(choice) == *said).map(|(choice, _)| choice.clone())
        };
        let value = match kind_of(field) {
            "array" => given.iter().map(|said| chosen(said).unwrap_or(json!(said))).collect(),
            kind => one(kind, &given.join(", "), chosen),
        };
        form.insert(name.clone(), value);
    }
    form.into()
}

fn one(kind: &str, said: &str, chosen: impl Fn(&String) -> Option<Value>) -> Value {
    let typed = said.trim();
    match kind {
        "integer" => match typed.parse::<i64>() {
            Ok(number) => json!(number),
            // `2.0` and `1e3` are whole, too.
            Err(_) => typed.parse::<f64>().map_or(json!(said), |number| json!(number as i64)),
        },
        "number" => typed.parse::<f64>().map_or(json!(said), |number| json!(number)),
        "boolean" => json!(matches!(typed.to_lowercase().as_str(), "yes" | "true")),
        _ => chosen(&said.to_string()).unwrap_or(json!(said)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_page_is_where_it_leads() {
        let table = [
            ("https://signin.example.com@evil.example:8443/a", Some("evil.example:8443")),
            ("https://аpple.example/", Some("xn--pple-43d.example")),
            ("HTTP://A.example", Some("a.example")),
            ("https://a.example\\@b.example/", Some("a.example")),
            ("javascript:alert(1)", None),
            ("file:///etc/passwd", None),
            ("not an address", None),
        ];
        for (url, host) in table {
            assert_eq!(web_page(url).map(|page| page.host).as_deref(), host, "{url}");
        }
        assert!(web_page("https://a.example/\u{202e}").is_some_and(|page| page.url.is_ascii()));
    }

    #[test]
    fn a_form_is_asked_field_by_field_and_comes_back_as_its_values() {
        let schema = json!({"properties": {
            "name": {"type": "string", "title": "Name", "maxLength": 5}, "same": {"title": "Name (name)"},
            "n": {"type": "integer", "minimum": 1, "default": 2}, "x": {"type": "number"}, "ok": {"type": "boolean"},
            "size": {"enum": ["s", 7], "enumNames": ["Small", "Seven"]}, "one": {"oneOf": [{"const": "a", "title": "A"}]},
            "many": {"type": "array", "items": {"anyOf": [{"const": "p", "title": "P"}, {"const": "q"}]}, "maxItems": 1},
        }, "required": ["n", "size"]});
        let asked = questions(&schema);
        let texts: Vec<&str> = asked.iter().map(|question| question.text.as_str()).collect();
        assert_eq!(texts, ["Name (name)", "Name (name) (same)", "n", "x", "ok", "size", "one", "many"]);
        let must: Vec<&str> = asked.iter().filter(|q| !q.optional).map(|q| q.text.as_str()).collect();
        assert_eq!(must, ["n", "size"]);
        assert_eq!(asked[2].field.as_ref().unwrap().begins.as_deref(), Some("2"));
        assert_eq!(asked[5].options[1].description.as_deref(), Some("Seven"));
        let said = ["Ann", "", "2.0", "1.5", "no", "7", "a", "q"];
        let answers: Vec<Answer> = asked
            .iter()
            .zip(said)
            .filter(|(_, said)| !said.is_empty())
            .map(|(question, said)| Answer { question: question.text.clone(), answers: vec![said.into()] })
            .collect();
        assert!(asked.iter().all(|question| question.misfit(&answers).is_none()));
        let form =
            json!({"name": "Ann", "n": 2, "x": 1.5, "ok": false, "size": 7, "one": "a", "many": ["q"]});
        assert_eq!(filled(&schema, &answers), form);
    }
}
