//! Keeping events small: the whole of a tool's output stays in the attempt's output file.

/// Longest tool output that is kept in an event, in bytes.
const LONGEST_OUTPUT: usize = 64 * 1024;

/// Keeps the head and the tail of a long output; says how many bytes are left out.
pub(crate) fn shorten(output: String) -> (String, u64) {
    if output.len() <= LONGEST_OUTPUT {
        return (output, 0);
    }
    let half = LONGEST_OUTPUT / 2;
    let head = output.floor_char_boundary(half);
    let tail = output.ceil_char_boundary(output.len() - half);
    let left_out = (tail - head) as u64;
    (format!("{}\n… {left_out} bytes left out …\n{}", &output[..head], &output[tail..]), left_out)
}
