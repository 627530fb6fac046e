//! What a terminal shows, kept on our side, so that a new viewer gets the picture at once.

use offdesk_agents::ScreenText;
use std::io;
use std::num::NonZero;

/// How far back a picture begins to be drawn when nobody looked for long. Full-screen programs redraw themselves well
/// within this; of a plain shell it is more than fits a screen.
const LOOK_BEHIND: u64 = 2 * 1024 * 1024;
/// Bytes read at once.
const STEP: usize = 64 * 1024;
/// Lines kept above the screen.
const SCROLLBACK: usize = 500;

/// Columns and rows until somebody looks.
const FIRST_SIZE: (NonZero<u16>, NonZero<u16>) = (NonZero::new(80).unwrap(), NonZero::new(24).unwrap());

pub(crate) struct Screen {
    parser: vt100::Parser,
    offset: u64,
    /// Columns and rows.
    size: (NonZero<u16>, NonZero<u16>),
}

impl Default for Screen {
    fn default() -> Self {
        let (cols, rows) = FIRST_SIZE;
        Self { parser: vt100::Parser::new(rows, cols, SCROLLBACK), offset: 0, size: FIRST_SIZE }
    }
}

impl Screen {
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the last line that says something says this and no more.
    pub(crate) fn last_says(&self, mark: &str) -> bool {
        self.parser.screen().contents().trim_end().lines().next_back() == Some(mark)
    }

    pub(crate) fn resize(&mut self, cols: u16, rows: u16) {
        if let (Some(cols), Some(rows)) = (NonZero::new(cols), NonZero::new(rows))
            && (cols, rows) != self.size
        {
            self.size = (cols, rows);
            self.parser.screen_mut().set_size(rows, cols);
        }
    }

    /// Reads on up to `length`.
    pub(crate) fn follow(
        &mut self,
        length: u64,
        read: impl Fn(u64, usize) -> io::Result<Vec<u8>>,
    ) -> io::Result<()> {
        if length.saturating_sub(self.offset) > LOOK_BEHIND {
            let (cols, rows) = self.size;
            self.parser = vt100::Parser::new(rows, cols, SCROLLBACK);
            self.offset = length - LOOK_BEHIND;
        }
        while self.offset < length {
            let want = STEP.min((length - self.offset) as usize);
            let bytes = read(self.offset, want)?;
            if bytes.is_empty() {
                break;
            }
            self.parser.process(&bytes);
            self.offset += bytes.len() as u64;
        }
        Ok(())
    }

    /// The screen as text.
    pub(crate) fn text(&self) -> ScreenText {
        let screen = self.parser.screen();
        let (cols, _) = self.size;
        let rows: Vec<String> = screen.rows(0, cols.get()).map(|row| row.trim_end().to_string()).collect();
        let (row, column) = screen.cursor_position();
        let mut line: String = screen.rows(0, column).nth(row.into()).unwrap_or_default();
        let mut above = row;
        while above > 0 && screen.row_wrapped(above - 1) {
            above -= 1;
            line.insert_str(0, &screen.rows(0, cols.get()).nth(above.into()).unwrap_or_default());
        }
        let behind = screen.rows(column, cols.get().saturating_sub(column)).nth(row.into());
        let below = rows.iter().skip(usize::from(row) + 1);
        ScreenText {
            at_end: behind.is_none_or(|text| text.trim().is_empty())
                && below.into_iter().all(String::is_empty),
            rows,
            line,
            full_screen: screen.alternate_screen(),
            application_cursor: screen.application_cursor(),
        }
    }

    /// Bytes that draw the screen on a cleared terminal.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let screen = self.parser.screen();
        let mut bytes = Vec::new();
        if screen.alternate_screen() {
            bytes.extend_from_slice(b"\x1b[?1049h");
        }
        bytes.extend_from_slice(screen.state_formatted().as_bytes());
        bytes
    }
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod asking;

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(picture: &[u8]) -> String {
        let (cols, rows) = FIRST_SIZE;
        let mut other = vt100::Parser::new(rows, cols, 0);
        other.process(picture);
        other.screen().contents()
    }

    #[test]
    fn a_picture_drawn_elsewhere_shows_the_same() {
        let output = b"one\r\n\x1b[31mtwo\x1b[0m\r\n\x1b[2J\x1b[Hthree".to_vec();
        let mut screen = Screen::default();
        screen
            .follow(output.len() as u64, |from, max| {
                let from = from as usize;
                Ok(output[from..(from + max.min(3)).min(output.len())].to_vec())
            })
            .unwrap();
        assert_eq!(screen.offset(), output.len() as u64);
        assert_eq!(text_of(&screen.picture()), "three");
    }

    #[test]
    fn after_a_flood_only_the_end_is_read() {
        let length = 64 * 1024 * 1024_u64;
        let read = std::cell::Cell::new(0_u64);
        let mut screen = Screen::default();
        screen
            .follow(length, |_, max| {
                read.set(read.get() + max as u64);
                Ok(vec![b'x'; max])
            })
            .unwrap();
        assert_eq!(read.get(), LOOK_BEHIND);
        assert_eq!(screen.offset(), length);
    }
}
