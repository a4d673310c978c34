//! How many gateways roll to a new default image at a time.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use k8s_openapi::api::apps::v1::Deployment;

use crate::build::DEFAULT_IMAGE_ANNOTATION;
use crate::key::Key;
use crate::world::World;

/// The slots, in memory of the one that leads.
#[derive(Debug)]
pub struct Rolls {
    slots: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rolling: HashSet<Key>,
    waiting: HashSet<Key>,
}

impl Rolls {
    /// That many slots, of which those gateways that roll already have one each, even where that is too many.
    pub fn new(slots: usize, rolling: impl IntoIterator<Item = Key>) -> Self {
        let state = State { rolling: rolling.into_iter().collect(), waiting: HashSet::new() };
        Self { slots, state: Mutex::new(state) }
    }

    /// Takes a slot for a gateway that is about to roll, or rolls; false where none is free, and then it is told by
    /// [`Rolls::leave`] when it may ask again.
    pub fn enter(&self, key: &Key) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let room = state.rolling.len() < self.slots;
        if state.rolling.contains(key) {
            return true;
        }
        if room {
            state.waiting.remove(key);
            state.rolling.insert(key.clone());
        } else {
            state.waiting.insert(key.clone());
        }
        room
    }

    /// A gateway does not roll (any more). The gateways that may ask now, where that made room.
    pub fn leave(&self, key: &Key) -> Vec<Key> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting.remove(key);
        if !state.rolling.remove(key) {
            return Vec::new();
        }
        let room = self.slots.saturating_sub(state.rolling.len());
        state.waiting.iter().take(room).cloned().collect()
    }
}

/// The gateways that were given this default image and have not all of it yet.
pub fn under_way(world: &World, image: &str) -> Vec<Key> {
    world.deployments.select(|key, deployment| is_under_way(deployment, image).then(|| key.clone()))
}

fn is_under_way(deployment: &Deployment, image: &str) -> bool {
    let annotations = deployment.metadata.annotations.as_ref();
    if annotations.and_then(|all| all.get(DEFAULT_IMAGE_ANNOTATION)).is_none_or(|given| given != image) {
        return false;
    }
    let wanted = deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
    let Some(status) = &deployment.status else { return wanted > 0 };
    let (all, updated) = (status.replicas.unwrap_or(0), status.updated_replicas.unwrap_or(0));
    status.observed_generation < deployment.metadata.generation || updated < wanted || all > updated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_roll_than_there_are_slots() {
        let [a, b, c] = ["a", "b", "c"].map(|name| Key::new("ai", name));
        let rolls = Rolls::new(2, [a.clone()]);
        assert!(rolls.enter(&a), "who rolls keeps its slot");
        assert!(rolls.enter(&b));
        assert!(!rolls.enter(&c));
        assert_eq!(rolls.leave(&a), std::slice::from_ref(&c), "who waits is told");
        assert!(rolls.enter(&c));
        assert_eq!(rolls.leave(&a), [], "leaving twice frees nothing");
    }

    #[test]
    fn a_fleet_rolls_until_all_of_it_has_the_new_image() {
        let check = |given: &str, seen: i64, updated: i32, all: i32, expected: bool| {
            let deployment = serde_json::json!({
                "metadata": {"name": "a", "generation": 2, "annotations": {DEFAULT_IMAGE_ANNOTATION: given}},
                "spec": {"replicas": 2, "selector": {}, "template": {}},
                "status": {"observedGeneration": seen, "updatedReplicas": updated, "replicas": all},
            });
            let deployment = serde_json::from_value(deployment).unwrap();
            assert_eq!(is_under_way(&deployment, "proxy:2"), expected, "{given} {seen} {updated} {all}");
        };
        check("proxy:2", 2, 2, 2, false);
        check("proxy:2", 1, 2, 2, true);
        check("proxy:2", 2, 1, 2, true);
        check("proxy:2", 2, 2, 3, true);
        check("proxy:1", 2, 1, 2, false);
    }

    #[test]
    fn those_that_roll_at_the_start_count_even_beyond_the_slots() {
        let [a, b, c] = ["a", "b", "c"].map(|name| Key::new("ai", name));
        let rolls = Rolls::new(1, [a.clone(), b.clone()]);
        assert!(!rolls.enter(&c));
        assert_eq!(rolls.leave(&a), []);
        assert_eq!(rolls.leave(&b), [c]);
    }
}
