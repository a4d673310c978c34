use std::collections::VecDeque;

use aigateway_config::duration::Span;
use proptest::prelude::*;

use super::*;

const WINDOW: Duration = Duration::from_mins(1);

fn limit(name: &str, requests: u64, by: &[(ByType, Option<&str>)]) -> Limit {
    let by = by.iter().map(|(kind, name)| By { kind: *kind, name: name.map(Into::into) }).collect();
    Limit { name: name.into(), requests, window: Span(WINDOW), by }
}

fn per_user(requests: u64) -> Limit {
    limit("per-user", requests, &[(ByType::User, None)])
}

/// A gateway's limits, the number of its proxies, and what outlives a configuration.
struct Fixture {
    counters: Counters,
    cells: GatewayCells,
    proxies: Arc<AtomicU32>,
    rules: Rules,
}

impl Fixture {
    fn new(limits: &[Limit]) -> Self {
        let (counters, cells) = (Counters::default(), GatewayCells::new("ai", "production"));
        let proxies = Arc::new(AtomicU32::new(1));
        let rules = Rules::new(&counters, "uid", limits, &proxies, &cells);
        Self { counters, cells, proxies, rules }
    }

    fn reload(&mut self, limits: &[Limit]) {
        self.rules = Rules::new(&self.counters, "uid", limits, &self.proxies, &self.cells);
    }

    fn ask(&self, user: &str, now: Moment) -> Result<Option<Standing<'_>>, Refused> {
        self.rules.admit(Subject { user: Some(user), metadata: &Metadata::default() }, now)
    }

    fn passes(&self, user: &str, now: Moment) -> bool {
        self.ask(user, now).is_ok()
    }

    /// How many requests of one user pass at once.
    fn passing(&self, user: &str, now: Moment) -> usize {
        (0..1_000).take_while(|_| self.passes(user, now)).count()
    }
}

fn at(millis: u64) -> Moment {
    Moment::at(Duration::from_millis(millis))
}

#[test]
fn the_101st_request_of_a_minute_is_refused_and_one_that_waits_as_told_passes() {
    for start in [0, 1, 3_749, 3_750, 59_999, 86_400_001] {
        let gateway = Fixture::new(&[per_user(100)]);
        for number in 0..100_u64 {
            let standing = gateway.ask("ada", at(start + number)).unwrap().unwrap();
            assert_eq!(u64::from(standing.remaining), 99 - number);
        }
        let refused = gateway.ask("ada", at(start + 100)).unwrap_err();
        assert!(gateway.passes("bob", at(start + 100)), "another user is not affected");
        let wait = refused.retry_after();
        assert!((60..=65).contains(&wait), "{wait}");
        assert!(!gateway.passes("ada", at(start + 99) + refused.wait), "the wait is not too long");
        assert!(gateway.passes("ada", at(start + 100) + Duration::from_secs(wait)));
    }
}

#[test]
fn what_is_told_falls_by_what_was_charged() {
    let gateway = Fixture::new(&[per_user(2), limit("all", 10, &[])]);
    assert_eq!(gateway.rules.policy().unwrap(), r#""per-user";q=2;w=60, "all";q=10;w=60"#);
    assert_eq!(gateway.ask("ada", at(0)).unwrap().unwrap().header().unwrap(), r#""per-user";r=1;t=64"#);
    assert_eq!(gateway.ask("ada", at(0)).unwrap().unwrap().header().unwrap(), r#""per-user";r=0;t=64"#);
    let refused = gateway.ask("ada", at(1_000)).unwrap_err();
    assert_eq!(refused.header().unwrap(), r#""per-user";r=0;t=63"#);
    let error = GatewayError::from(&refused);
    assert_eq!(error.to_string(), "the limit per-user of 2 requests in 1m is spent; try again in 63 s");
}

#[test]
fn a_refusal_counts_in_no_limit() {
    let gateway = Fixture::new(&[limit("all", 3, &[]), per_user(2)]);
    assert_eq!(gateway.passing("ada", at(0)), 2);
    assert_eq!(gateway.passing("ada", at(0)), 0);
    assert_eq!(gateway.passing("bob", at(0)), 1, "two refusals of ada's took none of the three");
    let [all, user] = ["all", "per-user"].map(|name| gateway.cells.limit(name));
    let counts = |cells: &LimitCells| (cells.admitted.load(Ordering::Relaxed), cells.refused.load(Ordering::Relaxed));
    assert_eq!((counts(&all), counts(&user)), ((3, 1), (3, 2)));
}

#[test]
fn of_several_spent_limits_the_longest_wait_is_told() {
    let mut short = limit("short", 1, &[]);
    short.window = Span(Duration::from_secs(10));
    let gateway = Fixture::new(&[short, per_user(1)]);
    assert!(gateway.passes("ada", at(0)));
    let refused = gateway.ask("ada", at(500)).unwrap_err();
    assert_eq!((&*refused.name, refused.retry_after()), ("per-user", 64));
    assert!(gateway.passes("ada", at(500) + Duration::from_secs(64)));
}

#[test]
fn clients_that_share_a_key_are_not_told_to_come_back_at_once() {
    let gateway = Fixture::new(&[limit("all", 1, &[])]);
    assert!(gateway.passes("ada", at(0)));
    let mut waits: Vec<Duration> = (0..50).map(|_| gateway.ask("ada", at(0)).unwrap_err().wait).collect();
    waits.sort_unstable();
    waits.dedup();
    assert_eq!((waits.len(), waits[0]), (50, Duration::from_millis(63_750)));
    assert!(waits[49] < Duration::from_millis(67_500));
}

#[test]
fn a_share_is_the_limit_over_the_proxies_rounded_up() {
    let gateway = Fixture::new(&[per_user(100)]);
    for (proxies, share) in [(0, 100), (1, 100), (3, 34), (100, 1), (1_000, 1)] {
        gateway.proxies.store(proxies, Ordering::Relaxed);
        assert_eq!(gateway.passing(&format!("user of {proxies}"), at(0)), share);
    }
}

#[test]
fn counts_outlive_a_reload_unless_the_limit_is_another() {
    let mut gateway = Fixture::new(&[per_user(2)]);
    assert_eq!(gateway.passing("ada", at(0)), 2);
    gateway.reload(&[limit("all", 100, &[]), per_user(5)]);
    assert_eq!(gateway.passing("ada", at(0)), 3);
    let longer = Limit { window: Span(2 * WINDOW), ..per_user(5) };
    gateway.reload(&[longer]);
    assert_eq!(gateway.passing("ada", at(0)), 5);
}

#[test]
fn gateways_do_not_share_counts() {
    let gateway = Fixture::new(&[per_user(1)]);
    assert!(gateway.passes("ada", at(0)));
    let other = Rules::new(&gateway.counters, "uid2", &[per_user(1)], &gateway.proxies, &gateway.cells);
    assert!(other.admit(Subject { user: Some("ada"), metadata: &Metadata::default() }, at(0)).is_ok());
}

#[test]
fn metadata_tells_callers_apart_and_its_absence_is_a_value() {
    let gateway = Fixture::new(&[limit("team", 1, &[(ByType::Metadata, Some("team")), (ByType::User, None)])]);
    assert!(gateway.rules.need_metadata());
    let passes = |metadata: &str, user| {
        let metadata: Metadata = serde_json::from_str(metadata).unwrap();
        gateway.rules.admit(Subject { user: Some(user), metadata: &metadata }, at(0)).is_ok()
    };
    assert!(passes(r#"{"team":"a"}"#, "ada"));
    assert!(!passes(r#"{"team":"a","other":1}"#, "ada"));
    assert!(passes(r#"{"team":"b"}"#, "ada"));
    assert!(passes(r#"{"team":"a"}"#, "bob"));
    assert!(passes("{}", "ada"));
    assert!(!passes("{}", "ada"));
}

#[test]
fn keys_beyond_the_bound_are_limited_together_until_others_are_idle() {
    let gateway = Fixture::new(&[per_user(1)]);
    let users = 3 * MAX_KEYS;
    let passed = (0..users).filter(|user| gateway.passes(&user.to_string(), at(0))).count();
    assert!((MAX_KEYS..=MAX_KEYS + 16).contains(&passed), "{passed}");
    assert!(gateway.passes("late", at(120_000)), "idle keys make room");
    assert!(!gateway.passes("late", at(120_000)));
}

#[test]
fn counters_that_nobody_needs_are_swept() {
    let mut gateway = Fixture::new(&[per_user(1)]);
    assert!(gateway.passes("ada", at(0)));
    gateway.reload(&[]);
    gateway.counters.sweep(at(1_000));
    gateway.reload(&[per_user(1)]);
    assert!(!gateway.passes("ada", at(1_000)), "what still counts is kept");
}

#[test]
fn concurrent_requests_never_pass_a_limit() {
    let gateway = Fixture::new(&[limit("all", 500, &[]), per_user(300)]);
    let other_order = Rules::new(
        &gateway.counters,
        "uid",
        &[per_user(300), limit("all", 500, &[])],
        &gateway.proxies,
        &gateway.cells,
    );
    let nobody = &Metadata::default();
    let passed: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|number| {
                let rules = if number % 2 == 0 { &gateway.rules } else { &other_order };
                let subject = Subject { user: Some(if number < 2 { "ada" } else { "bob" }), metadata: nobody };
                scope.spawn(move || (0..400).filter(|_| rules.admit(subject, at(0)).is_ok()).count())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(passed, 500);
}

proptest! {
    /// Requests at random times: in no stretch of a window more pass than may, and whoever is refused would be also
    /// if the window were a sixteenth longer and nothing were withheld.
    #[test]
    fn no_window_holds_more_than_the_limit_and_at_most_a_sixteenth_is_withheld(
        requests in 1_u64..20,
        window_millis in 1_000_u64..100_000,
        steps in prop::collection::vec(0_u64..8_000, 1..300),
    ) {
        let window = Duration::from_millis(window_millis);
        let gateway = Fixture::new(&[Limit { window: Span(window), ..per_user(requests) }]);
        let held_at_most = window + window.div_f64(16.0) + Duration::from_nanos(17);
        let mut passed: VecDeque<Moment> = VecDeque::new();
        let mut now = Moment::default();
        for step in steps {
            now = now + Duration::from_millis(step);
            let within = |span: Duration| passed.iter().filter(|moment| now.since(**moment) < span).count() as u64;
            match gateway.ask("ada", now) {
                Ok(_) => {
                    prop_assert!(within(window) < requests);
                    passed.push_back(now);
                }
                Err(refused) => {
                    prop_assert!(within(held_at_most) >= requests);
                    prop_assert!(refused.wait <= held_at_most);
                    prop_assert!(refused.retry_after() >= 1);
                }
            }
        }
    }

    /// A client that is refused, waits as long as it is told and is alone gets in; a moment earlier it does not.
    #[test]
    fn the_wait_is_exact(
        requests in 1_u64..20,
        steps in prop::collection::vec(0_u64..8_000, 1..100),
    ) {
        let gateway = Fixture::new(&[per_user(requests)]);
        let mut now = Moment::default();
        for step in steps {
            now = now + Duration::from_millis(step);
            if let Err(refused) = gateway.ask("ada", now) {
                let almost = refused.wait.saturating_sub(Duration::from_nanos(1));
                prop_assert!(!gateway.passes("ada", now + almost));
                now = now + refused.wait;
                prop_assert!(gateway.passes("ada", now));
            }
        }
    }

    /// Whatever is asked in whatever order, the limits agree on what passed.
    #[test]
    fn a_request_counts_in_all_limits_or_in_none(
        asked in prop::collection::vec((0_u8..3, 0_u64..2_000), 1..200),
        user_requests in 1_u64..10,
        all_requests in 1_u64..20,
    ) {
        let gateway = Fixture::new(&[limit("all", all_requests, &[]), per_user(user_requests)]);
        let mut now = Moment::default();
        for (user, step) in asked {
            now = now + Duration::from_millis(step);
            let _ = gateway.passes(&user.to_string(), now);
        }
        let [all, user] = ["all", "per-user"].map(|name| gateway.cells.limit(name).admitted.load(Ordering::Relaxed));
        prop_assert_eq!(all, user);
    }
}
