use bytes::Bytes;

use super::*;

const KEY: CacheKey = CacheKey::of_bytes([1; 32]);
const OTHER: CacheKey = CacheKey::of_bytes([2; 32]);
const MIB: u64 = 1024 * 1024;

fn at(seconds: u64) -> Moment {
    Moment::at(Duration::from_secs(seconds))
}

fn answer(body: &[&str]) -> Arc<Stored> {
    let blocks: Vec<Bytes> = body.iter().map(|block| Bytes::copy_from_slice(block.as_bytes())).collect();
    Arc::new(Stored {
        content: Content::default().with_body(&blocks),
        streamed: body.len() > 1,
        stored_at: at(10),
        expires_at: at(70),
        usage: None,
        cost: None,
    })
}

fn numbered(number: u32) -> CacheKey {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    CacheKey::of_bytes(bytes)
}

/// An answer of 1,000 bytes.
fn kilobyte() -> Arc<Stored> {
    answer(&[&"x".repeat(1_000)])
}

/// Keeps so many answers of a kilobyte, none of which anybody asks for.
fn fill(store: &MemoryStore, count: u32) {
    for number in 0..count {
        assert!(store.put(numbered(number), kilobyte(), MIB));
    }
}

fn blocks(stored: &Stored) -> Vec<Bytes> {
    stored.content.blocks().collect()
}

#[test]
fn an_answer_is_served_until_it_expires() {
    let store = MemoryStore::new(MIB);
    assert!(store.put(KEY, answer(&["a", "b"]), MIB));
    let hit = store.get(&KEY, at(69)).unwrap();
    assert_eq!((blocks(&hit), hit.streamed), (vec![Bytes::from("a"), Bytes::from("b")], true));
    assert_eq!(hit.age(at(69)), Duration::from_secs(59));
    assert!(store.get(&KEY, at(70)).is_none());
    assert!(store.get(&OTHER, at(11)).is_none());
}

#[test]
fn a_longer_entry_than_allowed_is_refused() {
    let store = MemoryStore::new(1_000);
    assert!(!store.put(KEY, answer(&["12345"]), 4));
    assert!(store.put(KEY, answer(&["12345"]), 5));
    let long = "x".repeat(1_000);
    assert!(!store.put(OTHER, answer(&[&long]), MIB));
    assert_eq!(store.held().entries, 1);
}

#[test]
fn the_bytes_that_are_held_stay_within_the_bound() {
    let store = MemoryStore::new(100_000);
    fill(&store, 1_000);
    let Held { entries, bytes } = store.held();
    assert!(bytes <= 100_000 && entries > 50, "{entries} entries, {bytes} bytes");
}

#[test]
fn an_answer_asked_for_again_outlives_those_that_nobody_asks_for() {
    let store = MemoryStore::new(100_000);
    store.put(KEY, answer(&["asked for"]), MIB);
    store.put(OTHER, answer(&["not asked for"]), MIB);
    // Once only, and long before its turn to leave: it is among those that stay.
    assert!(store.get(&KEY, at(11)).is_some());
    fill(&store, 1_000);
    assert!(store.get(&KEY, at(11)).is_some());
    assert!(store.get(&OTHER, at(11)).is_none());
    assert!(store.get(&numbered(999), at(11)).is_some());
    assert!(store.get(&numbered(900), at(11)).is_none());
}

#[test]
fn of_answers_asked_for_again_the_least_recently_used_leaves() {
    let store = MemoryStore::new(100_000);
    for number in 0..1_000 {
        store.put(numbered(number), kilobyte(), MIB);
        assert!(store.get(&numbered(number), at(11)).is_some());
        assert!(store.get(&numbered(0), at(11)).is_some(), "it is used all the time: {number}");
        let held = store.held();
        assert!(held.bytes <= 100_000, "{held:?}");
    }
    assert!(store.get(&numbered(500), at(11)).is_none());
    assert!(store.held().entries > 50);
}

#[test]
fn a_newer_answer_is_the_one_that_is_kept() {
    let store = MemoryStore::new(10_000);
    for round in ["first", "second", "third"] {
        store.put(KEY, answer(&[round]), MIB);
        assert_eq!(blocks(&store.get(&KEY, at(11)).unwrap()), [round], "fresh or not");
        fill(&store, 20);
        assert_eq!(blocks(&store.get(&KEY, at(11)).unwrap()), [round], "by now among the repeated ones");
    }
    assert!(store.held().bytes <= 10_000);
}

#[test]
fn an_answer_with_no_room_among_the_fresh_ones_is_kept_all_the_same() {
    let store = MemoryStore::new(100_000);
    for number in 0..200 {
        store.put(numbered(number), kilobyte(), MIB);
        store.get(&numbered(number), at(11));
    }
    let long = "x".repeat(80_000);
    assert!(store.put(KEY, answer(&[&long]), MIB));
    assert!(store.get(&KEY, at(11)).is_some());
    assert!(store.held().bytes <= 100_000);
}

#[test]
fn two_threads_keep_and_ask_without_losing_count() {
    let store = MemoryStore::new(200_000);
    store.put(KEY, answer(&["asked for by both"]), MIB);
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let store = &store;
            scope.spawn(move || {
                for number in 0..5_000_u32 {
                    store.put(numbered(number * 7 % 500 + thread), answer(&["shared by both"]), MIB);
                    store.get(&numbered(number % 400), at(11));
                    assert!(store.get(&KEY, at(11)).is_some(), "it is there whoever moves it");
                    if number % 1_000 == 0 {
                        store.sweep(at(11));
                    }
                }
            });
        }
    });
    let held = store.held();
    assert!(held.bytes <= 200_000 && held.entries > 0, "{held:?}");
    store.sweep(at(70));
    assert_eq!(store.held(), Held { entries: 0, bytes: 0 });
}

#[test]
fn expired_answers_are_swept() {
    let store = MemoryStore::new(MIB);
    store.put(KEY, answer(&["a"]), MIB);
    let later = Stored { expires_at: at(100), ..Stored::clone(&answer(&["b"])) };
    store.put(OTHER, Arc::new(later), MIB);
    for number in 0..2_000 {
        store.put(numbered(number), answer(&["a"]), MIB);
    }
    assert!(store.held().entries > 1_000, "more than a sweep looks at in one go");
    store.sweep(at(70));
    assert_eq!(store.held().entries, 1);
    assert!(store.get(&OTHER, at(70)).is_some());
}

#[test]
fn a_gateway_keeps_its_store_and_has_it_alone() {
    let stores = Stores::default();
    stores.of("a", MIB).put(KEY, answer(&["a"]), MIB);
    assert!(stores.of("a", MIB).get(&KEY, at(11)).is_some());
    assert!(stores.of("b", MIB).get(&KEY, at(11)).is_none());
    assert!(stores.of("a", 2 * MIB).get(&KEY, at(11)).is_none());
    stores.retain(|uid| uid == "b");
    assert!(stores.of("a", 2 * MIB).get(&KEY, at(11)).is_none());
}
