use std::sync::Mutex;

use futures_util::stream;
use k8s_openapi::api::core::v1::Service;
use kube::core::Status;
use serde_json::json;

use super::*;
use crate::mock;
use crate::world::Gateway;

type Told = watcher::Result<Event<Service>>;

fn service(name: &str, version: &str) -> Service {
    let metadata = json!({"name": name, "namespace": "ai", "resourceVersion": version});
    serde_json::from_value(json!({"metadata": metadata})).unwrap()
}

/// A watch that is told `first`, and what is in `later` each time that it begins anew.
fn watch(first: Vec<Told>, later: Vec<Vec<Told>>) -> Watch<Service, Service> {
    let mut turns = later;
    turns.reverse();
    turns.push(first);
    let turns = Mutex::new(turns);
    Watch {
        kind: "services",
        namespace: None,
        begin: Box::new(move || {
            let told = turns.lock().unwrap().pop().unwrap_or_default();
            stream::iter(told).chain(stream::pending()).boxed()
        }),
        keep: Some,
        cache: |world| &world.services,
        tell: |world, key, _| world.news_of(key.clone()),
    }
}

/// What is known after a while, by name and version.
async fn known(watch: Watch<Service, Service>, resync: Duration, after: Duration) -> (Arc<World>, Vec<String>) {
    let world = Arc::new(World::default());
    let gateway = mock::gateway();
    world.gateways.put(Key::of(&gateway), Entry::new(Some("1"), Gateway::new(gateway)));
    world.unlisted.add(&watch.name());
    let running = tokio::spawn(watch.run(Arc::clone(&world), resync));
    sleep(after).await;
    running.abort();
    let mut known = world.services.select(|key, service| {
        Some(format!("{} {}", key.name, service.metadata.resource_version.as_deref().unwrap_or_default()))
    });
    known.sort();
    (world, known)
}

const LONG: Duration = Duration::from_hours(1000);
const SOON: Duration = Duration::from_mins(1);

#[tokio::test(start_paused = true)]
async fn what_is_told_is_known_and_its_gateway_is_looked_at() {
    let told = vec![
        Ok(Event::Init),
        Ok(Event::InitApply(service("production", "1"))),
        Ok(Event::InitApply(service("goes", "2"))),
        Ok(Event::InitDone),
        Ok(Event::Apply(service("comes", "3"))),
        Ok(Event::Delete(service("goes", "4"))),
    ];
    let (world, known) = known(watch(told, Vec::new()), LONG, SOON).await;
    assert_eq!(known, ["comes 3", "production 1"]);
    assert_eq!(world.unlisted.all(), [""; 0]);
    assert_eq!(world.queue.next().await, Key::new("ai", "production"));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_breaks_off_changes_nothing_and_is_begun_anew() {
    let broken = || watcher::Error::WatchError(Status { code: 410, ..Status::failure("gone", "Expired") }.boxed());
    let told = vec![
        Ok(Event::Init),
        Ok(Event::InitApply(service("a", "1"))),
        Ok(Event::InitDone),
        Err(broken()),
        Ok(Event::Init),
        Ok(Event::InitApply(service("b", "5"))),
        Err(broken()),
        Ok(Event::Init),
        Ok(Event::InitApply(service("c", "6"))),
        Ok(Event::InitDone),
    ];
    let (_, known) = known(watch(told, Vec::new()), LONG, SOON).await;
    assert_eq!(known, ["c 6"]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_was_never_told_is_found_out_about_when_all_is_listed_anew() {
    let first = vec![Ok(Event::Init), Ok(Event::InitApply(service("production", "1"))), Ok(Event::InitDone)];
    let later = vec![vec![Ok(Event::Init), Ok(Event::InitApply(service("production", "9"))), Ok(Event::InitDone)]];
    let resync = Duration::from_mins(5);
    let (_, before) = known(watch(first, later), resync, Duration::from_secs(239)).await;
    assert_eq!(before, ["production 1"]);
    let first = vec![Ok(Event::Init), Ok(Event::InitApply(service("production", "1"))), Ok(Event::InitDone)];
    let later = vec![vec![Ok(Event::Init), Ok(Event::InitApply(service("production", "9"))), Ok(Event::InitDone)]];
    let (_, after) = known(watch(first, later), resync, Duration::from_secs(361)).await;
    assert_eq!(after, ["production 9"]);
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_seen_is_not_waited_for() {
    let forbidden = Status { code: 403, ..Status::failure("no", "Forbidden") }.boxed();
    let told = vec![Err(watcher::Error::InitialListFailed(kube::Error::Api(forbidden)))];
    let (world, known) = known(watch(told, Vec::new()), LONG, SOON).await;
    assert_eq!((known.len(), world.unlisted.all().len()), (0, 0));
    let away = watcher::Error::WatchError(Status { code: 500, ..Status::failure("no", "Internal") }.boxed());
    let (world, _) = self::known(watch(vec![Err(away)], Vec::new()), LONG, SOON).await;
    assert_eq!(world.unlisted.all(), ["services"], "but what is away is");
}

#[tokio::test(start_paused = true)]
async fn only_failures_that_last_are_said_and_their_end() {
    let mut trouble = Trouble::default();
    let fail = async |trouble: &mut Trouble, at_once, ordinary| {
        tokio::time::advance(Duration::from_secs(2)).await;
        trouble.again("services", "no", at_once, ordinary);
        trouble.said
    };
    for _ in 0..9 {
        assert!(!fail(&mut trouble, false, true).await, "a watch that is too far behind is no failure");
    }
    for expected in [false, false, false, true] {
        assert_eq!(fail(&mut trouble, false, false).await, expected);
    }
    trouble.over("services");
    assert!(!trouble.said && !fail(&mut trouble, false, false).await);
    assert!(fail(&mut trouble, true, false).await, "what is forbidden is said at once");
}
