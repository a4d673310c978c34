//! Whole reports, as they are printed.

use super::*;

fn check(files: &[(&str, &str)], is_good: bool, expected: &str) {
    let source = |&(name, text): &(&str, &str)| Source { name: name.into(), text: text.into() };
    let sources: Vec<Source> = files.iter().map(source).collect();
    let mut out = Vec::new();
    assert_eq!(validate(&sources, &mut out).unwrap(), is_good);
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

const GOOD: &str = "\
# Everybody brings a key.
apiVersion: aigateway.dev/v1alpha1
kind: AIGateway
metadata: {name: open}
spec:
  providers: [{name: openai}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
";

const BAD: &str = "\
apiVersion: aigateway.dev/v1alpha1
kind: AIGateway
metadata: {name: production, namespace: ai}
spec:
  auth: {anonymous: Allow}
  providers:
    - name: openai
      baseUrl: ftp://x
      timeout: 3s
  cache: {ttl: 1 hour}
  limits:
    - {name: per-user, requests: 100, window: 1m, by: [{type: User}]}
---
apiVersion: v1
kind: Secret
metadata: {name: provider-keys, namespace: ai}
stringData:
  openai: 123456
";

#[test]
fn a_good_file_is_a_line_for_each_object() {
    check(&[("a.yaml", GOOD)], true, "ok: AIGateway default/open (a.yaml:2)\nskipped: ConfigMap of v1 (a.yaml:8)\n");
}

#[test]
fn every_problem_is_said_with_its_line_and_its_fix_and_no_key() {
    let expected = "
error: spec.providers[0].baseUrl: ftp://x is not allowed
 --> b.yaml:8:16
  |
8 |       baseUrl: ftp://x
  |                ^^^^^^^ an absolute URL that begins with https:// or http://
  |
  = help: write it as the provider's SDK takes it: https://api.openai.com/v1

error: spec.providers[0].timeout: field timeout is not allowed
 --> b.yaml:9:7
  |
9 |       timeout: 3s
  |       ^^^^^^^ one of azure, baseUrl, bedrock, callerKeys, credentials, headers, models, name, service, timeouts, tls, type, unsupportedFields, vertex, workersAi
  |
  = help: did you mean timeouts?

error: spec.cache.ttl: 1 hour is not allowed
  --> b.yaml:10:16
   |
10 |   cache: {ttl: 1 hour}
   |                ^^^^^^ up to four whole numbers of at most five digits, each with a unit (h, m, s, ms), like 90s or 1h30m
   |
   = help: write it like 90s or 1h30m

error: spec.limits[0].by[0].type: User is not allowed
  --> b.yaml:12:63
   |
12 |     - {name: per-user, requests: 100, window: 1m, by: [{type: User}]}
   |                                                               ^^^^ Metadata where there is no identity
   |
   = help: add identity: {type: Header, name: x-user-id}

error: stringData.openai: (not shown) is not allowed
  --> b.yaml:18:11
   = allowed: a string
   = help: correct it

5 problems in 2 objects
";
    check(&[("b.yaml", BAD)], false, expected);
}

#[test]
fn a_good_object_beside_a_bad_one_is_still_good() {
    let bad = "apiVersion: aigateway.dev/v1alpha1\nkind: AIGateway\nmetadata: {name: open}\nspec: {providers: 1}\n";
    let expected = "\
ok: AIGateway default/open (a.yaml:2)
skipped: ConfigMap of v1 (a.yaml:8)

error: spec.providers: 1 is not allowed
 --> b.yaml:4:19
  |
4 | spec: {providers: 1}
  |                   ^ a list
  |
  = help: write it like [{name: openai}]

1 problem in 3 objects
";
    check(&[("a.yaml", GOOD), ("b.yaml", bad)], false, expected);
}

#[test]
fn what_is_no_yaml_is_placed_and_shows_no_line_of_a_secret() {
    let expected = "
error: not YAML: unclosed bracket '['
 --> a.yaml:1:4
  |
1 | a: [1
  |    ^
  |

1 problem in 0 objects
";
    check(&[("a.yaml", "a: [1\n")], false, expected);
    let expected = "
error: not YAML: unclosed bracket '{'
 --> a.yaml:2:13

1 problem in 0 objects
";
    check(&[("a.yaml", "kind: Secret\nstringData: {a: sk-1234\n")], false, expected);
}

#[test]
fn an_object_that_stands_twice_is_told_with_both_places() {
    let expected = "\
ok: AIGateway default/open (a.yaml:2)
skipped: ConfigMap of v1 (a.yaml:8)
ok: AIGateway default/open (b.yaml:2)
skipped: ConfigMap of v1 (b.yaml:8)

error: AIGateway default/open stands here a second time
 --> b.yaml:4:18
  |
4 | metadata: {name: open}
  |                  ^^^^
  |
  = help: the first is at a.yaml:2; leave one out, or rename it

1 problem in 4 objects
";
    check(&[("a.yaml", GOOD), ("b.yaml", GOOD)], false, expected);
}

#[test]
fn files_without_a_gateway_are_not_good() {
    let expected = "skipped: ConfigMap of v1 (a.yaml:1)\n\nerror: no AIGateway stands in these files\n";
    check(&[("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n")], false, expected);
}
