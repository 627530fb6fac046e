//! Lines out of chunks, whatever the chunks; and what is no message at all.

use crate::recorded::context;
use offdesk_agents::{Claude, Codex, Demo, Derived, Driver, LONGEST_LINE, Line, LineReader};
use offdesk_protocol::*;
use proptest::prelude::*;

fn cut(bytes: &[u8], chunk: usize) -> Vec<(u64, Vec<u8>)> {
    let (mut lines, mut found) = (LineReader::default(), Vec::new());
    for piece in bytes.chunks(chunk.max(1)) {
        lines.feed(piece, |line| {
            if let Line::Whole(offset, line) = line {
                found.push((offset, line.to_vec()));
            }
        });
    }
    found
}

proptest! {
    #[test]
    fn chunks_do_not_matter(text in "[a\n]{0,60}", chunk in 1usize..9) {
        let bytes = text.as_bytes();
        prop_assert_eq!(cut(bytes, chunk), cut(bytes, usize::MAX));
        for (offset, line) in cut(bytes, chunk) {
            let offset = offset as usize;
            prop_assert_eq!(&bytes[offset..offset + line.len()], &line[..]);
            prop_assert_eq!(bytes[offset + line.len()], b'\n');
        }
    }

    /// Nothing an agent says breaks the reading.
    #[test]
    fn no_line_is_too_strange(line in prop::collection::vec(any::<u8>(), 0..200), json in "[\\[\\]{}\":,a-z0-9 ]{0,80}") {
        for driver in [&Claude as &dyn Driver, &Codex, &Demo] {
            let mut fold = driver.fold(context(), None).unwrap();
            fold.line(0, &line);
            fold.line(300, json.as_bytes());
            fold.line(600, br#"{"type":"system","subtype":"init"}"#);
        }
    }
}

#[test]
fn a_line_without_end_is_skipped_and_the_next_is_read() {
    let mut lines = LineReader::default();
    let (mut long, mut whole) = (0, Vec::new());
    let megabyte = vec![b'x'; 1 << 20];
    for _ in 0..=(LONGEST_LINE >> 20) {
        lines.feed(&megabyte, |line| long += usize::from(matches!(line, Line::TooLong(0))));
    }
    lines.feed(b"rest\nnext\n", |line| {
        if let Line::Whole(offset, line) = line {
            whole.push((offset, line.to_vec()));
        }
    });
    let start = (LONGEST_LINE as u64 + (1 << 20)) + 5;
    assert_eq!((long, whole), (1, vec![(start, b"next".to_vec())]));
}

#[test]
fn a_run_of_lines_that_are_no_messages_is_one_notice() {
    let mut fold = Claude.fold(context(), None).unwrap();
    let mut notices = 0;
    for (n, line) in ["oops", "oops again", "{", "7"].iter().enumerate() {
        notices += fold.line(n as u64 * 10, line.as_bytes()).len();
    }
    assert_eq!(notices, 1);
    fold.line(100, br#"{"type":"keep_alive"}"#);
    let again = fold.line(200, b"oops");
    assert!(matches!(&again[..], [Derived::Fact(event)] if matches!(**event, Event::NoticeRaised { .. })));
}
