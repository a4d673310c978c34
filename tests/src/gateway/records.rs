//! The request records of a proxy, as they come out of it.

use std::collections::BTreeSet;
use std::io::{Result, Write};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::wait::until;

/// A place that a proxy writes its records to, and that a test reads them from.
#[derive(Clone, Debug, Default)]
pub struct Records(Arc<Mutex<Vec<u8>>>);

impl Records {
    /// Every record so far.
    pub fn all(&self) -> Vec<Value> {
        let bytes = self.0.lock().unwrap();
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        bytes[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(parse).collect()
    }

    /// Waits for the record with this id.
    pub async fn of(&self, log_id: &str) -> Value {
        until(&format!("the record {log_id}"), async || self.all().into_iter().find(|record| record["id"] == log_id))
            .await
    }

    /// Waits until there are `count` records, and takes it that there are no more and that no two have one id.
    pub async fn first(&self, count: usize) -> Vec<Value> {
        let all = until(&format!("{count} records"), async || Some(self.all()).filter(|all| all.len() >= count)).await;
        let ids: BTreeSet<&str> = all.iter().filter_map(|record| record["id"].as_str()).collect();
        assert_eq!((all.len(), ids.len()), (count, count), "one record a request: {all:#?}");
        all
    }
}

impl Write for Records {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

fn parse(line: &[u8]) -> Value {
    serde_json::from_slice(line)
        .unwrap_or_else(|error| panic!("{error} in the record {}", String::from_utf8_lossy(line)))
}
