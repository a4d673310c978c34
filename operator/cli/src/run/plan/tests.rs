//! Plans of whole files.

use super::*;

const GATEWAY: &str = "\
apiVersion: aigateway.dev/v1alpha1
kind: AIGateway
metadata: {name: production, namespace: ai}
spec:
  auth: {anonymous: Allow}
  providers:
    - {name: openai, credentials: [{secretKeyRef: {name: keys, key: openai}}]}
    - {name: own, type: openai-compatible, service: {name: vllm, port: 8000, path: /v1}}
";
const SECRET: &str = "\
apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: ai}
stringData: {openai: sk-openai, unused: sk-unused}
";

fn sources(texts: &[&str]) -> Vec<Source> {
    texts.iter().enumerate().map(|(index, &text)| Source { name: format!("{index}.yaml"), text: text.into() }).collect()
}

fn setting<'a>() -> Setting<'a> {
    Setting {
        services: BTreeMap::from([("vllm".into(), "http://127.0.0.1:8000".into())]),
        environment: BTreeMap::new(),
        secrets_dir: "/private/secrets".into(),
        simulated: None,
    }
}

fn reference(name: &str, key: &str) -> SecretKeyRef {
    SecretKeyRef { name: name.into(), key: key.into() }
}

fn refused(texts: &[&str], setting: &Setting<'_>) -> String {
    plan(&sources(texts), setting, &Plan::default()).unwrap_err().to_string()
}

#[test]
fn a_gateway_is_rendered_with_its_keys_as_files() {
    let plan = plan(&sources(&[GATEWAY, SECRET]), &setting(), &Plan::default()).unwrap();
    let gateway = &plan.gateways["ai/production"];
    assert_eq!((gateway.account_id.as_str(), gateway.generation), ("ai", 1));
    assert_eq!(gateway.providers[0].credentials[0].file, "/private/secrets/ai/keys/openai");
    assert_eq!(gateway.providers[1].base_url, "http://127.0.0.1:8000/v1");
    let place = KeyPlace { namespace: "ai".into(), reference: reference("keys", "openai") };
    assert_eq!(plan.keys, BTreeMap::from([(place, Key::new(b"sk-openai".into()))]));
    assert_eq!(plan.warnings, [""; 0]);
}

#[test]
fn a_key_that_is_not_there_is_a_warning_that_names_the_flag() {
    let plan = plan(&sources(&[GATEWAY]), &setting(), &Plan::default()).unwrap();
    assert_eq!(plan.gateways.len(), 1);
    assert_eq!(plan.keys, BTreeMap::new());
    let [warning] = &plan.warnings[..] else { panic!("{:?}", plan.warnings) };
    assert!(
        warning.contains("key openai of Secret ai/keys") && warning.contains("--env keys/openai=VARIABLE"),
        "{warning}"
    );
}

#[test]
fn a_secret_of_another_namespace_is_not_taken() {
    let elsewhere = SECRET.replace("namespace: ai", "namespace: other");
    let plan = plan(&sources(&[GATEWAY, &elsewhere]), &setting(), &Plan::default()).unwrap();
    assert_eq!(plan.keys, BTreeMap::new());
}

#[test]
fn flags_without_a_use_are_told() {
    let mut setting = setting();
    setting.services.insert("other".into(), "http://127.0.0.1:1".into());
    setting.environment.insert(reference("keys", "other"), Key::new(b"x".into()));
    let plan = plan(&sources(&[GATEWAY, SECRET]), &setting, &Plan::default()).unwrap();
    let expected = [
        "no gateway names Service other, which --service is for",
        "no gateway names key other of Secret keys, which --env is for",
    ];
    assert_eq!(plan.warnings, expected);
}

#[test]
fn simulation_needs_no_key_and_no_service() {
    let base_url = |name: &str, kind: ProviderType| format!("http://simulator/{name}/{kind:?}");
    let setting = Setting { services: BTreeMap::new(), simulated: Some(&base_url), ..setting() };
    let plan = plan(&sources(&[GATEWAY]), &setting, &Plan::default()).unwrap();
    let urls = plan.gateways["ai/production"].providers.iter().map(|provider| provider.base_url.as_str());
    assert_eq!(urls.collect::<Vec<_>>(), ["http://simulator/openai/Openai", "http://simulator/own/OpenaiCompatible"]);
    assert_eq!(plan.keys.into_values().collect::<Vec<_>>(), [Key::new(b"simulated".into())]);
    assert_eq!(plan.warnings, [""; 0]);
}

#[test]
fn a_service_without_a_url_names_the_flag() {
    let setting = Setting { services: BTreeMap::new(), ..setting() };
    let message = refused(&[GATEWAY, SECRET], &setting);
    assert!(message.contains("--service vllm=http://127.0.0.1:8000") && message.contains("0.yaml:8:"), "{message}");
}

#[test]
fn only_a_gateway_that_changed_has_another_generation() {
    let other = "apiVersion: aigateway.dev/v1alpha1\nkind: AIGateway\nmetadata: {name: other}\nspec: {providers: [{name: openai}]}\n";
    let first = plan(&sources(&[GATEWAY, other]), &setting(), &Plan::default()).unwrap();
    let changed = GATEWAY.replace("spec:", "spec:\n  cache: {ttl: 1h}");
    let second = plan(&sources(&[&changed, other]), &setting(), &first).unwrap();
    let generations = |plan: &Plan| plan.gateways.values().map(|gateway| gateway.generation).collect::<Vec<_>>();
    assert_eq!(generations(&first), [1, 1]);
    assert_eq!(generations(&second), [2, 1]);
    let third = plan(&sources(&[&changed, other]), &setting(), &second).unwrap();
    assert_eq!(third, second);
}

#[test]
fn two_gateways_at_one_address_are_refused() {
    let other = GATEWAY.replace("namespace: ai", "namespace: other").replace("spec:", "spec:\n  accountId: ai");
    let message = refused(&[GATEWAY, &other], &setting());
    assert!(message.contains("two gateways are at /v1/ai/production"), "{message}");
    assert!(message.contains("the first is at 0.yaml:1"), "{message}");
    let message = refused(&[GATEWAY, GATEWAY], &setting());
    assert!(message.contains("AIGateway ai/production stands here a second time"), "{message}");
}

#[test]
fn anything_wrong_refuses_all_of_it() {
    let check = |texts: &[&str], expected: &str| {
        let message = refused(texts, &setting());
        assert!(message.contains(expected), "{message}");
    };
    check(&[], "no AIGateway stands in these files");
    check(&[SECRET], "no AIGateway stands in these files");
    check(&[GATEWAY, "a: 1\na: 2\n"], "not YAML");
    check(&[GATEWAY, &SECRET.replace("sk-openai", "1")], "stringData.openai");
    check(&[GATEWAY, &GATEWAY.replace("production", "Production")], "metadata.name");
}
