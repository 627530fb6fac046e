//! Which line of a menu shows what. A line keeps what it shows for as long as that is there, so that nothing moves under a
//! pointer that is on its way to a click.

/// A fixed number of lines for things that come and go.
#[derive(Clone, Debug)]
pub(crate) struct Slots<K, const N: usize> {
    lines: [Option<K>; N],
}

impl<K: PartialEq + Copy, const N: usize> Slots<K, N> {
    pub(crate) fn new() -> Self {
        Self { lines: [None; N] }
    }

    /// Shows as many of these as there is room for, the first ones before the others; gives how many have no line.
    pub(crate) fn show(&mut self, wanted: &[K]) -> usize {
        for line in &mut self.lines {
            if line.is_some_and(|shown| !wanted.contains(&shown)) {
                *line = None;
            }
        }
        let mut left = 0;
        for one in wanted {
            if self.lines.contains(&Some(*one)) {
                continue;
            }
            match self.lines.iter_mut().find(|line| line.is_none()) {
                Some(line) => *line = Some(*one),
                None => left += 1,
            }
        }
        left
    }

    pub(crate) fn lines(&self) -> &[Option<K>; N] {
        &self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_moves_while_it_is_there(turns in proptest::collection::vec(proptest::collection::btree_set(0u8..9, 0..7), 1..20)) {
            let mut slots: Slots<u8, 4> = Slots::new();
            let mut before = *slots.lines();
            for wanted in turns {
                let wanted: Vec<u8> = wanted.into_iter().collect();
                let left = slots.show(&wanted);
                for (was, is) in before.iter().zip(slots.lines()) {
                    if let Some(was) = was && wanted.contains(was) {
                        prop_assert_eq!(Some(*was), *is);
                    }
                }
                let shown: Vec<u8> = slots.lines().iter().flatten().copied().collect();
                prop_assert_eq!(shown.len() + left, wanted.len());
                prop_assert!(shown.iter().all(|one| wanted.contains(one)));
                before = *slots.lines();
            }
        }
    }
}
