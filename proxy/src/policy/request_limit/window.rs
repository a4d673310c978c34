//! One sliding window: a count for each of 17 sub-windows, each a sixteenth of the window long.
//!
//! The newest one is filling; the oldest has left the window in part, and counts in whole until all of it has. So in
//! no stretch of a window's length more than the limit passes, and a charge is held a sixteenth longer at most.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::clock::Moment;

/// Into how many sub-windows a window is cut.
const CUTS: u64 = 16;

const SLOTS: usize = 17;

/// How time is cut into sub-windows, counted from the clock's start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spans {
    nanos: u64,
}

impl Spans {
    /// Sixteenths of `window`, rounded up to whole nanoseconds.
    pub(super) fn of(window: Duration) -> Self {
        Self { nanos: nanos(window).div_ceil(CUTS).max(1) }
    }

    /// The sub-window that `now` is in.
    pub(super) fn index(self, now: Moment) -> u64 {
        nanos(now.since_start()) / self.nanos
    }

    /// From `now` to the start of the sub-window `index`.
    pub(super) fn until(self, index: u64, now: Moment) -> Duration {
        Duration::from_nanos(index.saturating_mul(self.nanos)).saturating_sub(now.since_start())
    }

    /// A part of a sub-window: successive numbers give parts that lie evenly spread, the first none (multiples of the
    /// golden ratio).
    pub(super) fn part(self, number: u64) -> Duration {
        let fraction = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let part = (u128::from(self.nanos) * u128::from(fraction)) >> 32;
        Duration::from_nanos(u64::try_from(part).unwrap_or(self.nanos))
    }
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

/// The charges of one key.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    newest: u64,
    total: u32,
    slots: [u32; SLOTS],
}

impl Window {
    /// Moves on to the sub-window `index`. One that was passed already stays passed: workers read the clock apart.
    pub(super) fn advance(&mut self, index: u64) {
        if index.saturating_sub(self.newest) > CUTS {
            *self = Self { newest: index, ..Self::default() };
        }
        while self.newest < index {
            self.newest += 1;
            self.total -= std::mem::take(&mut self.slots[slot(self.newest)]);
        }
    }

    /// How many more may be charged within `limit`, at least 1.
    ///
    /// # Errors
    /// None may: the sub-window at whose start one may again.
    pub(super) fn room(&self, limit: u32) -> Result<u32, u64> {
        if self.total < limit {
            return Ok(limit - self.total);
        }
        let mut left = self.total;
        for index in self.held() {
            left -= self.slots[slot(index)];
            if left < limit {
                return Err(index + CUTS + 1);
            }
        }
        Err(self.newest + CUTS + 1)
    }

    /// The sub-window at whose start the oldest charge leaves; one that is made now counts.
    pub(super) fn first_release(&self) -> u64 {
        let oldest = self.held().find(|index| self.slots[slot(*index)] > 0);
        oldest.unwrap_or(self.newest) + CUTS + 1
    }

    /// Counts one more. Only after [`Self::room`] said so: the limit then keeps the counts from overflowing.
    pub(super) fn charge(&mut self) {
        self.slots[slot(self.newest)] += 1;
        self.total += 1;
    }

    /// Nothing counts any more at the sub-window `index`.
    pub(super) fn is_idle(&self, index: u64) -> bool {
        self.total == 0 || index.saturating_sub(self.newest) > CUTS
    }

    fn held(&self) -> RangeInclusive<u64> {
        self.newest.saturating_sub(CUTS)..=self.newest
    }
}

fn slot(index: u64) -> usize {
    usize::try_from(index % (CUTS + 1)).expect("the remainder is below 17")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> Moment {
        Moment::at(Duration::from_nanos(nanos))
    }

    #[test]
    fn a_charge_leaves_only_when_its_whole_sub_window_has() {
        let mut window = Window::default();
        window.advance(3);
        window.charge();
        assert_eq!(window.room(1), Err(20));
        window.advance(19);
        assert_eq!(window.room(1), Err(20));
        window.advance(20);
        assert_eq!(window.room(1), Ok(1));
    }

    #[test]
    fn a_long_pause_forgets_all() {
        let mut window = Window::default();
        window.charge();
        window.advance(1_000_000);
        assert_eq!(window.room(5), Ok(5));
        assert!(window.is_idle(1_000_000));
    }

    #[test]
    fn a_smaller_limit_waits_for_as_many_sub_windows_as_it_needs() {
        let mut window = Window::default();
        for index in 0..4 {
            window.advance(index);
            window.charge();
        }
        assert_eq!(window.room(4), Err(17));
        assert_eq!(window.room(2), Err(19));
        assert_eq!(window.first_release(), 17);
    }

    #[test]
    fn a_clock_that_was_read_earlier_does_not_turn_time_back() {
        let mut window = Window::default();
        window.advance(7);
        window.charge();
        window.advance(5);
        assert_eq!(window.room(1), Err(24));
    }

    #[test]
    fn a_window_that_is_no_multiple_of_sixteen_is_never_cut_short() {
        let spans = Spans::of(Duration::from_nanos(17));
        assert_eq!(spans.index(at(31)), 15);
        assert_eq!(spans.until(17, at(3)), Duration::from_nanos(31));
    }

    #[test]
    fn parts_lie_evenly_in_a_sub_window() {
        let spans = Spans::of(Duration::from_micros(16));
        assert_eq!(spans.part(0), Duration::ZERO);
        let mut parts: Vec<Duration> = (0..100).map(|number| spans.part(number)).collect();
        parts.sort_unstable();
        let gap = parts.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).max();
        assert!(gap < Some(Duration::from_nanos(20)) && parts[99] < Duration::from_micros(1), "{parts:?}");
    }
}
