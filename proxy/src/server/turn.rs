//! Where requests that a worker has at hand wait for each other, so that each part of the way is gone by all of them in a
//! row. One request after another would fetch all code of the way anew for each: it is several times what the first
//! level of a processor's cache holds.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;

/// Who found nobody to wait for does not wait at the next so many places: a request that is alone gains nothing by it.
const ALONE: u32 = 15;

/// A worker's.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// How often somebody has waited.
    waits: Cell<u64>,
    /// At how many places nobody waits.
    skips: Cell<u32>,
}

impl Turn {
    /// Lets the others that can go on come as far. Mostly of no effect where there are none.
    pub(crate) async fn of_others(&self) {
        if let Some(skips) = self.skips.get().checked_sub(1) {
            return self.skips.set(skips);
        }
        let own = self.waits.get() + 1;
        self.waits.set(own);
        let mut has_waited = false;
        poll_fn(|context| {
            if std::mem::replace(&mut has_waited, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        if self.waits.get() == own {
            self.skips.set(ALONE);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use tokio::runtime::{Builder, LocalOptions};
    use tokio::task::{JoinHandle, spawn_local};

    use super::*;

    /// Sends so many at once along a way of three parts; who went which part, in order.
    fn went(turn: &Rc<Turn>, count: usize) -> Vec<(usize, usize)> {
        let runtime = Builder::new_current_thread().build_local(LocalOptions::default()).unwrap();
        let (turn, went) = (Rc::clone(turn), Rc::new(std::cell::RefCell::new(Vec::new())));
        let log = Rc::clone(&went);
        runtime.block_on(async move {
            let all: Vec<JoinHandle<()>> = (0..count)
                .map(|who| {
                    let (turn, log) = (Rc::clone(&turn), Rc::clone(&log));
                    spawn_local(async move {
                        for part in 0..3 {
                            log.borrow_mut().push((part, who));
                            turn.of_others().await;
                        }
                    })
                })
                .collect();
            for one in all {
                one.await.unwrap();
            }
        });
        drop(runtime);
        Rc::into_inner(went).unwrap().into_inner()
    }

    #[test]
    fn all_go_one_part_before_any_goes_the_next() {
        let went = went(&Rc::default(), 4);
        assert_eq!(went.len(), 12);
        assert!(went.is_sorted(), "{went:?}");
    }

    #[test]
    fn who_is_alone_waits_seldom() {
        let turn = Rc::default();
        for _ in 0..32 {
            assert_eq!(went(&turn, 1), [(0, 0), (1, 0), (2, 0)]);
        }
        assert_eq!(turn.waits.get(), 96 / (1 + u64::from(ALONE)));
    }
}
