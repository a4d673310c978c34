//! The flags as clap reads them, and what `run` refuses before it serves.

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    run: Run,
}

fn flags(arguments: &[&str]) -> Result<Run, String> {
    let all = ["run", "-f", "a.yaml"].iter().chain(arguments);
    Flags::try_parse_from(all).map(|flags| flags.run).map_err(|error| error.to_string())
}

#[test]
fn simulate_stands_alone_or_with_a_rule_and_repeats() {
    let simulate = |arguments: &[&str]| flags(arguments).unwrap().simulate;
    assert_eq!(simulate(&[]), []);
    assert_eq!(simulate(&["--simulate"]), [Simulate::AtOnce]);
    let rule = "openai:model=gpt-4o,status=503";
    let flag = format!("--simulate={rule}");
    assert_eq!(simulate(&["--simulate", &flag]), [Simulate::AtOnce, rule.parse().unwrap()]);
    // Without the sign it would swallow the next flag.
    assert!(flags(&["--simulate", rule]).is_err());
}

#[test]
fn a_wrong_flag_says_what_is_allowed() {
    let check = |argument: &str, expected: &str| {
        let error = flags(&[argument]).unwrap_err();
        assert!(error.contains(expected), "{error}");
    };
    check("--simulate=openai:status=no", "it takes a status from 400 to 599, hang or cut");
    check("--env=keys=KEY", "SECRET/KEY=VARIABLE");
    check("--service=vllm", "NAME=URL");
    check("--listen=8080", "invalid socket address");
    check("--requests=0.0.0.0:9091", "loopback only");
}

#[test]
fn the_ports_are_those_of_a_pod_on_this_machine() {
    let Run { listen, admin, requests, .. } = flags(&[]).unwrap();
    assert_eq!([listen, admin, requests], [local(8080), local(9090), local(9091)]);
}

#[test]
fn a_rule_for_a_provider_that_is_nowhere_is_refused() {
    let text = "apiVersion: aigateway.dev/v1alpha1\nkind: AIGateway\nmetadata: {name: a}\nspec: {providers: [{name: openai}]}\n";
    let setting =
        Setting { services: BTreeMap::new(), environment: BTreeMap::new(), secrets_dir: "/s".into(), simulated: None };
    let sources = [crate::source::Source { name: "a.yaml".into(), text: text.into() }];
    let plan = plan::plan(&sources, &setting, &Plan::default()).unwrap();
    let rules = |rule: &str| Rules::new(&[rule.parse().unwrap()]).unwrap();
    assert!(check_providers(&plan, &rules("openai:status=503")).is_ok());
    let error = check_providers(&plan, &rules("opnai:status=503")).unwrap_err().to_string();
    assert!(error.contains("--simulate=opnai:") && error.contains("they have: openai"), "{error}");
}
