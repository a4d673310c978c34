//! The simulation's port: what a rule does to a call, seen by a client.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use aigateway_config::provider::ProviderType;

use crate::simulate::Simulator;
use crate::simulate::rule::{Rules, Simulate};

fn simulator(rules: &[&str]) -> Simulator {
    let rules: Vec<Simulate> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    Simulator::start(Rules::new(&rules).unwrap()).unwrap()
}

/// One call, until the simulation closes the connection or says nothing for so long.
fn ask(simulator: &Simulator, model: &str, stream: bool, patience: Duration) -> io::Result<(String, String)> {
    let mut connection = TcpStream::connect(simulator.address)?;
    connection.set_read_timeout(Some(patience))?;
    let body = format!(r#"{{"model": "{model}", "stream": {stream}, "messages": []}}"#);
    write!(
        connection,
        "POST /openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut reply = String::new();
    connection.read_to_string(&mut reply)?;
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    Ok((head.to_ascii_lowercase(), body.to_owned()))
}

const LONG: Duration = Duration::from_secs(10);

#[test]
fn base_urls_are_written_as_each_sdk_takes_them() {
    let simulator = simulator(&[]);
    let url = |kind| simulator.base_url("p", kind).replace(&simulator.address.to_string(), "SIMULATOR");
    assert_eq!(url(ProviderType::Openai), "http://SIMULATOR/p/v1");
    assert_eq!(url(ProviderType::OpenaiCompatible), "http://SIMULATOR/p/v1");
    assert_eq!(url(ProviderType::Anthropic), "http://SIMULATOR/p");
}

#[test]
fn without_a_rule_it_answers() {
    let simulator = simulator(&["other:status=500", "openai:model=m,status=503"]);
    let (head, body) = ask(&simulator, "gpt", false, LONG).unwrap();
    assert!(head.starts_with("http/1.1 200") && head.contains("content-type: application/json"), "{head}");
    assert!(body.ends_with('}'), "{body}");
    let (head, body) = ask(&simulator, "gpt", true, LONG).unwrap();
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    assert!(body.contains("data: [DONE]\n\n") && body.ends_with("0\r\n\r\n"), "{body}");
}

#[test]
fn a_status_is_an_error_of_the_provider() {
    let (head, body) = ask(&simulator(&["openai:model=m,status=503"]), "m", false, LONG).unwrap();
    assert!(head.starts_with("http/1.1 503"), "{head}");
    assert!(body.starts_with(r#"{"error":{"#) && body.contains("server_error"), "{body}");
}

#[test]
fn a_cut_answer_breaks_off_in_the_middle() {
    let simulator = simulator(&["openai:status=cut"]);
    let (head, body) = ask(&simulator, "m", false, LONG).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert_eq!(body.len(), length.parse::<usize>().unwrap() / 2, "{head}\n{body}");
    let (_, body) = ask(&simulator, "m", true, LONG).unwrap();
    assert!(body.contains("data: {") && body.ends_with("\n\n\r\n"), "{body}");
    assert!(!body.contains("finish_reason\":\"stop") && !body.contains("[DONE]"), "{body}");
}

#[test]
fn a_hanging_provider_says_nothing_and_stops_all_the_same() {
    let simulator = simulator(&["openai:status=hang"]);
    let error = ask(&simulator, "m", false, Duration::from_millis(200)).unwrap_err();
    assert!(matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut), "{error}");
    drop(simulator);
}

#[test]
fn a_delay_comes_before_the_answer() {
    let started = Instant::now();
    let (head, _) = ask(&simulator(&["openai:delay=300ms"]), "m", false, LONG).unwrap();
    assert!(head.starts_with("http/1.1 200") && started.elapsed() >= Duration::from_millis(300), "{head}");
}
