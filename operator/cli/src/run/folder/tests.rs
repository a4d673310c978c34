//! The folder after one plan and after the next.

use std::collections::BTreeMap;

use super::*;
use crate::run::plan::{Setting, plan};
use crate::source::Source;

fn plan_of(name: &str, key: &str, before: &Plan, folder: &Folder) -> Plan {
    let text = format!(
        "apiVersion: aigateway.dev/v1alpha1\nkind: AIGateway\nmetadata: {{name: {name}, namespace: ai}}\n\
         spec: {{auth: {{anonymous: Allow}}, providers: [{{name: openai, credentials: [{{secretKeyRef: {{name: keys, \
         key: {key}}}}}]}}]}}\n---\n\
         apiVersion: v1\nkind: Secret\nmetadata: {{name: keys, namespace: ai}}\nstringData: {{{key}: sk-{key}}}\n"
    );
    let setting = Setting {
        services: BTreeMap::new(),
        environment: BTreeMap::new(),
        secrets_dir: folder.secrets().display().to_string(),
        simulated: None,
    };
    plan(&[Source { name: "a.yaml".into(), text }], &setting, before).unwrap()
}

/// Every file below the folder, by its path in it.
fn files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            if entry.path().is_dir() {
                assert_eq!(mode, 0o700, "{:?}", entry.path());
                folders.push(entry.path());
            } else {
                assert_eq!(mode, 0o600, "{:?}", entry.path());
                found.push(entry.path().strip_prefix(root).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_layout_is_that_of_a_pod_and_nobody_else_can_read_it() {
    let folder = Folder::create().unwrap();
    let first = plan_of("one", "a", &Plan::default(), &folder);
    folder.write(&Plan::default(), &first).unwrap();
    let root = folder.0.path();
    assert_eq!(fs::metadata(root).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(files(root), ["config/ai.one/fleet.json", "config/ai.one/gateway.v1.json", "secrets/ai/keys/a"]);
    let config = fs::read(root.join("config/ai.one").join(CONFIG_FILE)).unwrap();
    let config: GatewayConfig = serde_json::from_slice(&config).unwrap();
    assert_eq!(Some(&config), first.gateways.get("ai/one"));
    assert_eq!(fs::read(&config.providers[0].credentials[0].file).unwrap(), b"sk-a");
    assert_eq!(fs::read_to_string(root.join("config/ai.one/fleet.json")).unwrap(), r#"{"proxies":1}"#);
}

#[test]
fn what_is_gone_from_the_plan_is_gone_from_the_folder() {
    let folder = Folder::create().unwrap();
    let first = plan_of("one", "a", &Plan::default(), &folder);
    folder.write(&Plan::default(), &first).unwrap();
    let second = plan_of("two", "b", &first, &folder);
    folder.write(&first, &second).unwrap();
    let expected = ["config/ai.two/fleet.json", "config/ai.two/gateway.v1.json", "secrets/ai/keys/b"];
    assert_eq!(files(folder.0.path()), expected);
}

#[test]
fn a_file_that_stays_the_same_is_not_written_again() {
    let folder = Folder::create().unwrap();
    let plan = plan_of("one", "a", &Plan::default(), &folder);
    folder.write(&Plan::default(), &plan).unwrap();
    let path = folder.config().join("ai.one").join(CONFIG_FILE);
    let written = || fs::metadata(&path).unwrap().modified().unwrap();
    let first = written();
    folder.write(&plan, &plan).unwrap();
    assert_eq!(written(), first);
}

#[test]
fn it_is_removed_at_the_end() {
    let folder = Folder::create().unwrap();
    let plan = plan_of("one", "a", &Plan::default(), &folder);
    folder.write(&Plan::default(), &plan).unwrap();
    let root = folder.0.path().to_owned();
    folder.remove().unwrap();
    assert!(!root.exists());
    let root = Folder::create().map(|folder| folder.0.path().to_owned()).unwrap();
    assert!(!root.exists(), "dropped, not removed");
}
