//! How many runs work at once, and who is next.

use offdesk_protocol::RunId;
use std::collections::{HashSet, VecDeque};

/// Places for runs that work, and the queue for them. Runs that are idle take no place.
#[derive(Debug)]
pub(crate) struct Pool {
    limit: usize,
    working: HashSet<RunId>,
    queue: VecDeque<RunId>,
}

impl Pool {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), working: HashSet::new(), queue: VecDeque::new() }
    }

    /// So many may work at once from now on. Those that work already go on.
    pub(crate) fn limit(&mut self, limit: usize) {
        self.limit = limit.max(1);
    }

    pub(crate) fn enqueue(&mut self, run: RunId) {
        if !self.queue.contains(&run) {
            self.queue.push_back(run);
        }
    }

    pub(crate) fn dequeue(&mut self, run: RunId) {
        self.queue.retain(|queued| *queued != run);
    }

    /// The run takes a place now, or no longer.
    pub(crate) fn settle(&mut self, run: RunId, takes_place: bool) {
        if takes_place {
            self.working.insert(run);
        } else {
            self.working.remove(&run);
        }
    }

    /// Runs that may begin; they hold their places from now on.
    pub(crate) fn grant(&mut self) -> Vec<RunId> {
        let mut granted = Vec::new();
        while self.working.len() < self.limit {
            let Some(next) = self.queue.pop_front() else { break };
            self.working.insert(next);
            granted.push(next);
        }
        granted
    }

    /// The queue, next first.
    pub(crate) fn order(&self) -> Vec<RunId> {
        self.queue.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_begin_in_the_order_they_came_as_places_get_free() {
        let [a, b, c, d] = [RunId::new(), RunId::new(), RunId::new(), RunId::new()];
        let mut pool = Pool::new(2);
        for run in [a, b, c, d, c] {
            pool.enqueue(run);
        }
        assert_eq!(pool.grant(), [a, b]);
        assert_eq!(pool.grant(), []);
        assert_eq!(pool.order(), [c, d]);

        pool.settle(a, false);
        assert_eq!(pool.grant(), [c]);

        pool.dequeue(d);
        pool.settle(b, false);
        assert_eq!(pool.grant(), []);
    }

    #[test]
    fn an_idle_run_that_works_again_takes_a_place_and_others_wait() {
        let [a, b] = [RunId::new(), RunId::new()];
        let mut pool = Pool::new(1);
        pool.settle(a, true);
        pool.enqueue(b);
        assert_eq!(pool.grant(), []);
        pool.settle(a, false);
        assert_eq!(pool.grant(), [b]);
    }

    #[test]
    fn more_places_let_those_who_wait_begin_and_fewer_end_nobody() {
        let [a, b, c] = [RunId::new(), RunId::new(), RunId::new()];
        let mut pool = Pool::new(1);
        [a, b, c].into_iter().for_each(|run| pool.enqueue(run));
        assert_eq!(pool.grant(), [a]);
        pool.limit(2);
        assert_eq!(pool.grant(), [b]);
        pool.limit(1);
        pool.settle(a, false);
        assert_eq!(pool.grant(), []);
        pool.settle(b, false);
        assert_eq!(pool.grant(), [c]);
    }
}
