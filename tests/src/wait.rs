//! Waits with a deadline, so that a test that would hang fails and says what it waited for.

use std::future::Future;
use std::time::Duration;

/// How long anything may take before a test gives up on it: far above what a loaded machine needs.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How often a condition that nothing announces is looked at.
const GLANCE: Duration = Duration::from_millis(5);

/// The future's value; a panic that names `what` if it takes longer than [`PATIENCE`].
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let value = tokio::time::timeout(PATIENCE, future).await;
    value.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain: {what}"))
}

/// Looks until there is a value; a panic that names `what` if there is none within [`PATIENCE`].
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    within(what, async {
        loop {
            if let Some(value) = look().await {
                return value;
            }
            tokio::time::sleep(GLANCE).await;
        }
    })
    .await
}
