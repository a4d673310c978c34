//! Files as users write them: several documents, slips, and what is no YAML at all.

use proptest::prelude::*;

use super::*;

fn objects(yaml: &str) -> Vec<Document> {
    documents(yaml).unwrap()
}

/// The problems of the first document, as line, column, length and path.
fn check(yaml: &str, expected: &[(usize, usize, usize, &str)]) {
    let all = objects(yaml);
    let found: Vec<_> = all[0]
        .found
        .iter()
        .map(|one| (one.location.line, one.location.column, one.location.length, &*one.problem.path))
        .collect();
    assert_eq!(found, expected, "{:#?}", all[0].found);
}

#[test]
fn documents_are_told_apart_by_kind() {
    let all = objects(
        "\
---
# only a comment
---
apiVersion: aigateway.dev/v1alpha1
kind: AIGateway
metadata: {name: a}
spec: {providers: [{name: openai}]}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {openai: abc}
data: {anthropic: YWJj}
---
apiVersion: v1
kind: Service
metadata: {name: vllm}
spec: {anything: [1, 2]}
",
    );
    let [gateway, secret, service] = &all[..] else { panic!("{all:?}") };
    assert!(matches!(&gateway.object, Object::Gateway(one) if one.metadata.name.as_deref() == Some("a")));
    assert_eq!(gateway.location(), Location { line: 4, column: 1, length: 10 });
    let Object::Secret(keys) = &secret.object else { panic!("{secret:?}") };
    assert_eq!(keys.string_data.as_ref().unwrap()["openai"], "abc");
    assert_eq!(keys.data.as_ref().unwrap()["anthropic"].0, b"abc");
    assert_eq!(service.object, Object::Other { api_version: "v1".into(), kind: "Service".into() });
    for one in &all {
        assert_eq!(one.found, []);
    }
}

#[test]
fn a_list_is_read_as_its_items() {
    let all = objects(
        "\
apiVersion: v1
kind: List
items:
- apiVersion: aigateway.dev/v1alpha1
  kind: AIGateway
  metadata: {name: a}
  spec: {providers: [{name: openai, basUrl: x}]}
- apiVersion: v1
  kind: Secret
  metadata: {name: keys}
metadata: {resourceVersion: ''}
---
apiVersion: v1
kind: List
items: []
---
apiVersion: v1
kind: List
items: none
",
    );
    let [gateway, secret, no_list] = &all[..] else { panic!("{all:?}") };
    assert!(matches!(gateway.object, Object::Gateway(_)), "{gateway:?}");
    assert_eq!(gateway.location(), Location { line: 4, column: 3, length: 10 });
    assert_eq!(gateway.found[0].location, Location { line: 7, column: 37, length: 6 });
    assert!(matches!(secret.object, Object::Secret(_)), "{secret:?}");
    assert_eq!(no_list.object, Object::Other { api_version: "v1".into(), kind: "List".into() });
}

#[test]
fn slips_are_found_where_they_stand() {
    let head = "apiVersion: aigateway.dev/v1alpha1\nkind: AIGateway\n";
    check(
        &format!("{head}metadata: {{nam: a}}\nspec: {{providers: [{{name: openai}}]}}\n"),
        &[(3, 1, 8, "metadata.name"), (3, 12, 3, "metadata.nam")],
    );
    check(
        &format!("{head}metadata: {{name: a}}\nspec:\n  providers:\n    - name: openai\n      basUrl: x\n"),
        &[(7, 7, 6, "spec.providers[0].basUrl")],
    );
    check(&format!("{head}metadata: {{name: a}}\n"), &[(1, 1, 10, "spec")]);
    check(
        &format!("{head}metadata: {{name: a, labels: {{x: 1}}}}\nspec: {{providers: [{{name: openai}}]}}\n"),
        &[(3, 33, 1, "metadata.labels.x")],
    );
    check(
        "apiVersion: aigateway.dev/v1\nkind: AIGateway\nmetadata: {name: a}\nspec: {providers: [{name: openai}]}\n",
        &[(1, 13, 16, "apiVersion")],
    );
    check(
        "apiVersion: aigateway.dev/v1alpha1\nkind: Aigateway\nmetadata: {name: a}\nspec: {providers: [{name: openai}]}\n",
        &[(2, 7, 9, "kind")],
    );
    check("kind: Secret\nmetadata: {name: a}\n", &[(1, 1, 4, "apiVersion")]);
    check("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringdata: {}\n", &[(4, 1, 10, "stringdata")]);
    check(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {port: 80}\n",
        &[(4, 20, 2, "stringData.port")],
    );
    check("just words\n", &[(1, 1, 10, "apiVersion"), (1, 1, 10, "kind")]);
}

#[test]
fn a_value_of_the_wrong_type_makes_an_object_unreadable_but_named() {
    let all =
        objects("apiVersion: aigateway.dev/v1alpha1\nkind: AIGateway\nmetadata: {name: a}\nspec: {providers: 1}\n");
    assert_eq!(all[0].object, Object::Unreadable { kind: "AIGateway".into() });
    assert_eq!(all[0].found[0].problem.path, "spec.providers");
}

#[test]
fn status_and_what_the_server_sets_are_no_slips() {
    let all = objects(
        "\
apiVersion: aigateway.dev/v1alpha1
kind: AIGateway
metadata:
  name: a
  uid: 0a1b
  generation: 3
  creationTimestamp: '2026-11-24T00:00:00Z'
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{}'}
  managedFields: [{manager: kubectl, operation: Update, fieldsV1: {'f:spec': {}}}]
spec:
  providers: [{name: openai}]
  cache: ~
status:
  observedGeneration: 3
  conditions:
    - {type: Ready, status: 'True', reason: Ready, message: '', lastTransitionTime: '2026-11-24T00:00:00Z'}
",
    );
    assert_eq!(all[0].found, []);
    assert!(matches!(&all[0].object, Object::Gateway(_)), "{:?}", all[0].object);
}

#[test]
fn values_of_secrets_are_not_repeated() {
    for data in ["data: {openai: sk-secret}", "stringData: {openai: 31415}", "data: {openai: [31415]}"] {
        let all = objects(&format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\n{data}\n"));
        let said = format!("{:?}", all[0].found);
        assert_eq!(all[0].found.len(), 1, "{said}");
        assert_eq!(all[0].found[0].location.line, 4);
        assert!(!said.contains("sk-secret") && !said.contains("31415"), "{said}");
    }
}

#[test]
fn what_is_no_yaml_is_said_with_its_place() {
    let check = |yaml: &str, line: usize, says: &str| {
        let error = documents(yaml).unwrap_err();
        assert_eq!(error.location.line, line, "{error:?}");
        assert!(error.message.contains(says), "{error:?}");
        assert!(!error.message.contains("Options"), "the parser's own words: {error:?}");
    };
    check("a: 1\nb: [1, 2\n", 2, "unclosed bracket");
    check("a: 1\na: 2\n", 2, "duplicate mapping key `a` is not allowed here");
    check("a:\n  - b\n c: 1\n", 3, "");
    check("kind: x\n---\na: {b: 1, b: 2}\n", 3, "b");
}

#[test]
fn a_path_is_located_in_a_text() {
    let yaml = "spec:\n  cache: {ttl: 1h}\n";
    assert_eq!(locate(yaml, "spec.cache.ttl"), Some(Location { line: 2, column: 16, length: 2 }));
    assert_eq!(locate(yaml, "spec.cache.scope"), Some(Location { line: 2, column: 3, length: 5 }));
    assert_eq!(locate("", "spec"), None);
    assert_eq!(locate("a: [", "spec"), None);
}

#[test]
fn what_stands_in_a_document_is_told_from_what_does_not() {
    let all = objects("spec: {proxy: {replicas: ~}, limits: [a]}\n");
    for (keys, expected) in [
        (&["spec"][..], true),
        (&["spec", "proxy", "replicas"], true),
        (&["spec", "proxy", "image"], false),
        (&["spec", "limits", "a"], false),
        (&["status"], false),
    ] {
        assert_eq!(all[0].has(keys), expected, "{keys:?}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}|([a-z ]{0,3}[-:\\[{,}\\]&*!|>'\"#%@?~\n]{0,3}){0,12}") {
        for document in documents(&text).unwrap_or_default() {
            document.locate("spec.providers[0].name");
        }
    }

    #[test]
    fn no_spec_makes_it_panic(spec in "(providers|limits|by|name|type|cache|ttl|window|[\\[{,}\\]: ]|openai|1m|0){0,20}") {
        let services = std::collections::BTreeMap::new();
        let text = format!("apiVersion: aigateway.dev/v1alpha1\nkind: AIGateway\nmetadata: {{name: a}}\nspec: {{{spec}}}\n");
        for document in documents(&text).unwrap_or_default() {
            let place = Place {
                uid: "a".into(),
                namespace: "a".into(),
                generation: 1,
                secrets_dir: "/s".into(),
                services: render::Services::Given(&services),
            };
            let _ = document.judge(&place);
        }
    }
}
