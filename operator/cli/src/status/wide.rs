//! A report as text with all that it holds: `-o wide`.

use super::operator::in_words as time_in_words;
use super::report::{
    Condition, Credential, OperatorState, PodReport, ProviderReport, Report, SecretReport, SecretState,
};
use super::text::in_words;
use crate::table::table;

/// The headline, every finding with its command, and a table for each kind of thing.
pub(super) fn wide(report: &Report) -> String {
    let mut parts = vec![report.headline.clone()];
    parts.extend(report.findings.iter().map(|finding| {
        let command = finding.command.as_ref().map(|command| format!("\n    {command}")).unwrap_or_default();
        format!("  {}: {}{command}", finding.cause, finding.message)
    }));
    let lines = parts.join("\n");
    let tables = [conditions(&report.conditions), pods(report.pods.as_deref()), providers(&report.providers)];
    let more = [secrets(&report.secrets), operator(report)];
    let sections = [lines].into_iter().chain(tables).chain(more).filter(|section| !section.is_empty());
    sections.collect::<Vec<_>>().join("\n\n")
}

fn conditions(conditions: &[Condition]) -> String {
    let row = |one: &Condition| [one.kind.clone(), one.status.clone(), one.reason.clone(), one.message.clone()];
    table(["CONDITION", "STATUS", "REASON", "MESSAGE"], conditions.iter().map(row))
}

fn pods(pods: Option<&[PodReport]>) -> String {
    let row = |pod: &PodReport| {
        let state = match (pod.terminating, pod.ready) {
            (true, _) => "ending",
            (false, true) => "yes",
            (false, false) => "no",
        };
        let runs = pod.generation.map_or_else(|| "?".into(), |one| format!("generation {one}"));
        let behind = if pod.current == Some(false) { " (behind)" } else { "" };
        [
            pod.name.clone(),
            state.into(),
            pod.restarts.to_string(),
            format!("{runs}{behind}"),
            pod.node.clone().unwrap_or_default(),
            pod.trouble.clone().unwrap_or_default(),
        ]
    };
    table(["POD", "READY", "RESTARTS", "RUNS", "NODE", "TROUBLE"], pods.unwrap_or_default().iter().map(row))
}

fn providers(providers: &[ProviderReport]) -> String {
    let row = |one: &ProviderReport| {
        let key = match one.credential {
            Credential::None => "the caller's",
            Credential::Found => "found",
            Credential::Missing => "missing",
            Credential::Empty => "empty",
            Credential::Unseen => "?",
        };
        [one.name.clone(), in_words(one.health).into(), key.into(), one.message.clone().unwrap_or_default()]
    };
    table(["PROVIDER", "HEALTH", "KEY", "MESSAGE"], providers.iter().map(row))
}

fn secrets(secrets: &[SecretReport]) -> String {
    let row = |one: &SecretReport| {
        let state = match one.state {
            SecretState::Found => "found",
            SecretState::Missing => "missing",
            SecretState::Unseen => "?",
        };
        [one.name.clone(), state.into(), one.missing_keys.join(","), one.empty_keys.join(",")]
    };
    table(["SECRET", "STATE", "MISSING KEYS", "EMPTY KEYS"], secrets.iter().map(row))
}

fn operator(report: &Report) -> String {
    let operator = &report.operator;
    let state = match operator.state {
        OperatorState::Leading => "leading",
        OperatorState::Away => "away",
        OperatorState::Absent => "not installed",
        OperatorState::Unseen => "?",
    };
    let renewed = operator.renewed_seconds_ago.map(|ago| format!("{} ago", time_in_words(ago)));
    let row = [
        state.into(),
        operator.namespace.clone().unwrap_or_default(),
        operator.holder.clone().unwrap_or_default(),
        renewed.unwrap_or_default(),
    ];
    table(["OPERATOR", "NAMESPACE", "HOLDER", "LEASE RENEWED"], [row].into_iter())
}
