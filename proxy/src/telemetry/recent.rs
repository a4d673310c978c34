//! The last records, for people who look: what `/requests` shows.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use memchr::memchr_iter;

/// How many records are shown.
pub const RECORDS: usize = 256;

/// The lines that workers handed on last. They are shared with the log, not copied.
#[derive(Debug, Default)]
pub struct Recent {
    batches: Mutex<VecDeque<(Bytes, usize)>>,
}

impl Recent {
    /// Notes whole lines.
    pub(crate) fn push(&self, lines: Bytes) {
        let count = memchr_iter(b'\n', &lines).count();
        let mut batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        batches.push_back((lines, count));
        let mut held: usize = batches.iter().map(|(_, count)| count).sum();
        while let Some((_, oldest)) = batches.front().filter(|(_, oldest)| held - oldest >= RECORDS) {
            held -= oldest;
            batches.pop_front();
        }
    }

    /// The last records, one JSON object each, the newest first.
    pub fn records(&self) -> Vec<Bytes> {
        let batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut records: Vec<Bytes> = batches.iter().flat_map(|(lines, _)| split(lines)).collect();
        // Each line begins with the record's id, and ids begin with the time.
        records.sort_unstable_by(|one, other| other.cmp(one));
        records.truncate(RECORDS);
        records
    }
}

fn split(lines: &Bytes) -> impl Iterator<Item = Bytes> {
    let mut start = 0;
    memchr_iter(b'\n', lines).map(move |end| {
        let line = lines.slice(start..end);
        start = end + 1;
        line
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_records_are_shown_newest_first() {
        let recent = Recent::default();
        assert!(recent.records().is_empty());
        recent.push(Bytes::from_static(b"3\n1\n"));
        recent.push(Bytes::from_static(b"2\n"));
        assert_eq!(recent.records(), ["3", "2", "1"]);
    }

    #[test]
    fn no_more_is_held_than_is_shown_and_a_batch() {
        let recent = Recent::default();
        for batch in 0..100 {
            let lines: Vec<String> = (0..10).map(|line| format!("{:04}\n", batch * 10 + line)).collect();
            recent.push(lines.concat().into());
        }
        let records = recent.records();
        assert_eq!((records.len(), &*records[0], &*records[255]), (RECORDS, &b"0999"[..], &b"0744"[..]));
        assert_eq!(recent.batches.lock().unwrap().len(), 26);
    }
}
