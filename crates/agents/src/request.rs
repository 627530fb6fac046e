//! What all drivers' approvals begin as.

use crate::FoldContext;
use crate::json::{items, text};
use offdesk_protocol::{ApprovalId, ApprovalKind, ApprovalRequest, Question, QuestionOption};
use serde_json::Value;

/// A request to use a tool, of which nothing is known yet.
pub(crate) fn blank(context: &FoldContext, id: ApprovalId) -> ApprovalRequest {
    ApprovalRequest {
        id,
        run: context.run,
        attempt: context.attempt,
        kind: ApprovalKind::Tool,
        tool: String::new(),
        title: String::new(),
        text: String::new(),
        diffs: Vec::new(),
        input: Value::Null,
        reason: None,
        questions: Vec::new(),
        sub_agent: None,
        web_page: None,
        hash: String::new(),
    }
}

/// Words, where there are some.
pub(crate) fn some(words: &str) -> Option<String> {
    Some(words.trim().to_string()).filter(|words| !words.is_empty())
}

/// Makes the request one of these questions.
pub(crate) fn asks(request: &mut ApprovalRequest, questions: Vec<Question>) {
    request.kind = ApprovalKind::Question;
    request.title = "Answer a question".into();
    request.text = questions.iter().map(|question| question.text.as_str()).collect::<Vec<_>>().join("\n");
    request.questions = questions;
}

/// A question in the words most agents use for one; they differ in what they call several choices.
pub(crate) fn question(question: &Value, multi: &str) -> Question {
    Question {
        text: text(question, "question").into(),
        header: some(text(question, "header")),
        multi: question.get(multi).and_then(Value::as_bool).unwrap_or(false),
        options: items(question, "options")
            .map(|option| QuestionOption {
                label: text(option, "label").into(),
                description: some(text(option, "description")),
            })
            .collect(),
        ..Question::default()
    }
}
