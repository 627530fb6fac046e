//! What an answer must be, where a question asks for more than words.

use crate::{Answer, Question};
use serde::{Deserialize, Serialize};

/// What is to be typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum FieldKind {
    /// Words.
    #[default]
    Text,
    /// A number.
    Number,
    /// A number without a fraction.
    Integer,
    /// `yes` or `no`.
    Boolean,
    /// An address for mail.
    Email,
    /// The address of a page.
    Url,
    /// A day: `2026-11-21`.
    Date,
    /// A moment: `2026-11-21T15:00:00Z`.
    DateTime,
}

/// How a form's field is to be filled in. Lengths are of characters, for several choices their number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct Field {
    /// What is to be typed.
    pub kind: FieldKind,
    /// Only what is offered may be chosen.
    pub closed: bool,
    /// The smallest number, or the shortest text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub least: Option<f64>,
    /// The largest number, or the longest text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub most: Option<f64>,
    /// What stands there at first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub begins: Option<String>,
}

/// Whether this is a number a person means: no infinities.
fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn is_date(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok() && text.len() == 10
}

impl Field {
    fn is_in_bounds(&self, size: f64) -> bool {
        self.least.is_none_or(|least| size >= least) && self.most.is_none_or(|most| size <= most)
    }

    /// Why this answer does not do.
    fn misfit(&self, question: &Question, given: &[String]) -> Option<&'static str> {
        let offered = |word: &String| question.options.iter().any(|option| option.label == *word);
        if self.closed && !given.iter().all(offered) {
            return Some("Only what is offered can be chosen.");
        }
        if question.multi {
            let fits = self.is_in_bounds(given.len() as f64);
            return (!fits).then_some("Another number of choices is asked for.");
        }
        let [word] = given else { return Some("One answer is asked for, not several.") };
        let typed = word.trim();
        let bounded = |size: f64, why| (!self.is_in_bounds(size)).then_some(why);
        match self.kind {
            FieldKind::Number | FieldKind::Integer => match number(typed) {
                Some(number) if self.kind == FieldKind::Integer && number.fract() != 0.0 => {
                    Some("A whole number is asked for.")
                }
                Some(number) => bounded(number, "The number is smaller or larger than asked for."),
                None => Some("A number is asked for."),
            },
            FieldKind::Boolean => (!matches!(typed, "yes" | "no")).then_some("The answer is yes or no."),
            FieldKind::Email => {
                let parts: Vec<&str> = typed.split('@').collect();
                let fits = matches!(parts.as_slice(), [name, host] if !name.is_empty() && !host.is_empty());
                (!fits).then_some("An address for mail is asked for.")
            }
            FieldKind::Url => (!typed.contains("://")).then_some("The address of a page is asked for."),
            FieldKind::Date => (!is_date(typed)).then_some("A day is asked for, such as 2026-11-21."),
            FieldKind::DateTime => typed
                .parse::<crate::Timestamp>()
                .is_err()
                .then_some("A moment is asked for, such as 2026-11-21T15:00:00Z."),
            FieldKind::Text => {
                bounded(word.chars().count() as f64, "The text is shorter or longer than asked for.")
            }
        }
    }
}

impl Question {
    /// Why these answers do not do for it; nothing: they do.
    pub fn misfit(&self, answers: &[Answer]) -> Option<&'static str> {
        let given = answers.iter().find(|answer| answer.question == self.text);
        match given.filter(|answer| !answer.answers.is_empty()) {
            None if self.optional => None,
            None => Some("Every question needs an answer."),
            Some(given) => self.field.as_ref()?.misfit(self, &given.answers),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::QuestionOption;

    fn question(kind: FieldKind, least: Option<f64>, most: Option<f64>, options: &[&str]) -> Question {
        let option = |label: &&str| QuestionOption { label: label.to_string(), description: None };
        Question {
            text: "How many?".into(),
            options: options.iter().map(option).collect(),
            field: Some(Field { kind, least, most, closed: !options.is_empty(), begins: None }),
            ..Question::default()
        }
    }

    #[test]
    fn a_field_takes_what_it_asks_for_and_nothing_else() {
        use FieldKind::*;
        let table: [(Question, &[&str], &[&str]); 10] = [
            (question(Text, Some(2.0), Some(3.0), &[]), &["äö", "abc"], &["a", "abcd"]),
            (
                question(Number, Some(-1.0), None, &[]),
                &["-1", "2.5", " 3 "],
                &["-2", "two", "NaN", "inf", ""],
            ),
            (question(Integer, None, Some(9.0), &[]), &["9", "-4"], &["10", "1.5", "1e999"]),
            (question(Boolean, None, None, &["yes", "no"]), &["yes", "no"], &["maybe", "true"]),
            (question(Text, None, None, &["red", "blue"]), &["red"], &["green", "Red"]),
            (question(Email, None, None, &[]), &["a@b.example"], &["a", "@b", "a@b@c"]),
            (question(Url, None, None, &[]), &["https://a.example"], &["a.example"]),
            (question(Date, None, None, &[]), &["2026-11-21"], &["21.11.2026", "2026-13-01"]),
            (question(DateTime, None, None, &[]), &["2026-11-21T15:00:00Z"], &["2026-11-21", "noon"]),
            (Question { text: "How many?".into(), ..Question::default() }, &["anything at all"], &[]),
        ];
        for (question, good, bad) in table {
            let misfit = |said: &str| {
                let answers = vec![said.to_string()];
                question.misfit(&[Answer { question: "How many?".into(), answers }])
            };
            good.iter().for_each(|said| assert_eq!(misfit(said), None, "{question:?} {said}"));
            bad.iter().for_each(|said| assert!(misfit(said).is_some(), "{question:?} {said}"));
        }
    }

    #[test]
    fn only_what_is_optional_may_be_left_out() {
        let mut asked = question(FieldKind::Number, None, None, &[]);
        let empty = [Answer { question: asked.text.clone(), answers: Vec::new() }];
        assert!(asked.misfit(&[]).is_some() && asked.misfit(&empty).is_some());
        asked.optional = true;
        assert!(asked.misfit(&[]).is_none() && asked.misfit(&empty).is_none());
        let several = |words: &[&str]| {
            let answers = words.iter().map(ToString::to_string).collect();
            [Answer { question: asked.text.clone(), answers }]
        };
        assert!(asked.misfit(&several(&["1", "2"])).is_some());
        let asked =
            Question { multi: true, ..question(FieldKind::Text, Some(1.0), Some(2.0), &["a", "b", "c"]) };
        assert_eq!(asked.misfit(&several(&["a", "c"])), None);
        assert!(asked.misfit(&several(&["a", "b", "c"])).is_some());
    }
}
