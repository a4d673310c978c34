//! Whole comparisons, as they are printed.

use super::*;
use crate::source::Source;
use crate::wanted::wanted;

const OLD: &str = "\
apiVersion: aigateway.dev/v1alpha1
kind: AIGateway
metadata: {name: production, namespace: ai}
spec:
  auth: {anonymous: Allow}
  providers:
    - name: openai
      credentials: [{secretKeyRef: {name: keys, key: openai}}]
    - name: anthropic
  cache: {ttl: 1h}
";

fn read(text: &str) -> Wanted {
    wanted(&[Source { name: "a.yaml".into(), text: text.into() }], "ai").unwrap().swap_remove(0)
}

/// The gateway as the API server has it.
fn live(text: &str) -> AIGateway {
    let mut gateway = read(text).gateway;
    gateway.metadata.uid = Some("0a1b".into());
    gateway.metadata.generation = Some(7);
    gateway
}

/// What takes the place of what in the file, and what is printed.
fn check(replaced: &[(&str, &str)], expected: &str) -> Comparison {
    let new = replaced.iter().fold(OLD.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    });
    let comparison = compare(Some(&live(OLD)), &read(&new), &BTreeMap::new()).unwrap();
    assert_eq!(comparison.to_string(), expected);
    comparison
}

#[test]
fn the_same_file_changes_nothing() {
    let comparison = check(&[], "AIGateway ai/production: no change\n");
    assert!(!comparison.differs());
    // What is a default anyhow, said.
    check(&[("cache: {ttl: 1h}", "cache: {ttl: 60m, maxEntryBytes: 1Mi}")], "AIGateway ai/production: no change\n");
}

#[test]
fn a_changed_policy_reloads_in_place() {
    let expected = "\
AIGateway ai/production would change:
  spec.cache.ttl: 1h -> 30m
what follows:
  reload   proxies take the new configuration in place, without a restart
";
    assert!(check(&[("ttl: 1h", "ttl: 30m")], expected).differs());
}

#[test]
fn another_key_of_the_same_secret_reloads_and_another_secret_rolls() {
    let expected = "\
AIGateway ai/production would change:
  spec.providers[openai].credentials[default].file: /etc/aigateway/secrets/keys/openai -> /etc/aigateway/secrets/keys/new
what follows:
  reload   proxies take the new configuration in place, without a restart
";
    check(&[("key: openai", "key: new")], expected);
    let comparison = compare(Some(&live(OLD)), &read(&OLD.replace("name: keys", "name: others")), &BTreeMap::new());
    let Outcome::Changed { effects, .. } = comparison.unwrap().outcome else { panic!("both are known") };
    let [Effect::Reload, Effect::Roll(changes)] = &effects[..] else { panic!("{effects:?}") };
    assert!(changes.iter().all(|change| change.path.contains("olume")), "{changes:?}");
}

#[test]
fn the_fleet_and_what_is_around_it_are_told_apart() {
    let proxy = "cache: {ttl: 1h}\n  proxy: {replicas: 1, image: 'proxy:2', service: {type: LoadBalancer}}";
    let new = read(&OLD.replace("cache: {ttl: 1h}", proxy));
    let Outcome::Changed { fields, effects } = compare(Some(&live(OLD)), &new, &BTreeMap::new()).unwrap().outcome
    else {
        panic!("both are known")
    };
    assert_eq!(fields, []);
    let told: Vec<String> = effects.iter().map(ToString::to_string).collect();
    let expected = [
        "share    each proxy takes another share of the limits, in place",
        "scale    2 -> 1 proxies",
        "roll     every pod is replaced, one after the other:
             spec.template.spec.containers[proxy].image: (the operator's default) -> proxy:2",
        "change   Deployment:
             metadata.annotations[aigateway.dev/default-image]: (the operator's default) -> (absent)",
        "change   Service:
             spec.type: ClusterIP -> LoadBalancer",
        "delete   PodDisruptionBudget",
    ];
    assert_eq!(told, expected);
}

#[test]
fn replicas_that_the_file_does_not_say_stay_as_they_were_scaled() {
    let mut old = live(OLD);
    old.spec.proxy.replicas = 5;
    assert!(!compare(Some(&old), &read(OLD), &BTreeMap::new()).unwrap().differs());
    let said = read(&OLD.replace("cache: {ttl: 1h}", "cache: {ttl: 1h}\n  proxy: {replicas: 2}"));
    let comparison = compare(Some(&old), &said, &BTreeMap::new()).unwrap();
    assert!(comparison.to_string().contains("scale    5 -> 2 proxies"), "{comparison}");
}

#[test]
fn a_new_gateway_is_told_with_what_it_lacks() {
    let expected = "\
AIGateway ai/production is new: all its objects are created
note: nothing of this is written until spec.paused is false
note: Secret keys has no key openai
";
    let keys = Secret::Found { keys: ["other".into()].into(), empty: [].into() };
    let new = read(&OLD.replace("spec:\n", "spec:\n  paused: true\n"));
    let comparison = compare(None, &new, &[("keys".to_owned(), keys)].into()).unwrap();
    assert_eq!(comparison.to_string(), expected);
    assert!(comparison.differs());
}

#[test]
fn what_is_refused_now_is_said_to_be() {
    let mut old = live(OLD);
    old.spec.cache.as_mut().unwrap().ttl = Some("1 hour".into());
    let comparison = compare(Some(&old), &read(OLD), &BTreeMap::new()).unwrap();
    assert!(comparison.differs());
    let expected = "\
AIGateway ai/production would be served anew; what is there now is refused:
  spec.cache.ttl: 1 hour is not allowed: ";
    assert!(comparison.to_string().starts_with(expected), "{comparison}");
}

#[test]
fn what_this_user_may_not_see_is_no_lack() {
    let found = [("keys".to_owned(), Secret::Unseen("secrets is forbidden".into()))].into();
    let comparison = compare(Some(&live(OLD)), &read(OLD), &found).unwrap();
    assert_eq!(comparison.notes, ["you may not see Secret keys: secrets is forbidden"]);
    assert!(!comparison.differs());
}
