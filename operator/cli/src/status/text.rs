//! A report as text: a headline, and a few lines that say what to do and what it looks like.

use std::collections::BTreeSet;

use aigateway_crds::v1alpha1::status::Health;
use aigateway_operator::status::reason::Reason;

use super::report::{Credential, Finding, PodReport, ProviderReport, Report};

/// So many findings are told beside the first one; `-o wide` tells all.
const TOLD: usize = 3;

/// What stands between the things that one message of the operator tells.
const SEPARATOR: &str = " | ";

/// What the specification itself brings with it: no news to one who looks for what keeps a gateway from being Ready.
const BY_DESIGN: [Reason; 2] = [Reason::PerProxyShare, Reason::CountersAreVolatile];

/// The report in few lines: at most five where one thing is wrong.
pub(super) fn brief(report: &Report) -> String {
    let mut lines = vec![report.headline.clone()];
    // Kubernetes may say a thing in several lines; here it is one.
    let mut line = |label: &str, text: &str| {
        lines.push(format!("  {label:<10} {}", text.split_whitespace().collect::<Vec<_>>().join(" ")));
    };
    let first = report.findings.first();
    // What blocks is the headline already.
    if let Some(note) = first.filter(|finding| !finding.blocks) {
        line("note", first_part(&note.message));
    }
    if let Some(command) = first.and_then(|finding| finding.command.as_ref()) {
        line("do", command);
    }
    let parts = first.map(|finding| finding.message.split(SEPARATOR).skip(1)).into_iter().flatten();
    let others = report.findings.iter().skip(1).filter(|finding| report.ready || !is_by_design(finding));
    let rest: Vec<&str> = parts.chain(others.map(|finding| &*finding.message)).collect();
    for message in rest.iter().take(TOLD) {
        line("also", message);
    }
    if rest.len() > TOLD {
        line("also", &format!("{} more; -o wide tells all", rest.len() - TOLD));
    }
    if let Some(pods) = report.pods.as_ref().filter(|_| !report.ready) {
        line("pods", &fleet(pods, report.replicas));
    }
    line("providers", &report.providers.iter().map(provider).collect::<Vec<_>>().join("; "));
    if let Some(url) = report.url.as_ref().filter(|_| report.ready) {
        line("url", url);
    }
    lines.join("\n")
}

/// What of a message fits into a line. The operator tells several things of one kind in one message.
pub(super) fn first_part(message: &str) -> &str {
    message.split(SEPARATOR).next().unwrap_or_default()
}

fn is_by_design(finding: &Finding) -> bool {
    BY_DESIGN.iter().any(|reason| reason.as_str() == finding.cause)
}

/// How many pods are ready, and what they run.
fn fleet(pods: &[PodReport], replicas: i32) -> String {
    let (alive, ending): (Vec<&PodReport>, Vec<_>) = pods.iter().partition(|pod| !pod.terminating);
    let ready = || alive.iter().filter(|pod| pod.ready);
    let generations: BTreeSet<i64> = ready().filter_map(|pod| pod.generation).collect();
    let generations: Vec<String> = generations.iter().map(ToString::to_string).collect();
    let running = match &generations[..] {
        [] => String::new(),
        [one] => format!(", running generation {one}"),
        several => format!(", running generations {}", several.join(" and ")),
    };
    let more = if ending.is_empty() { String::new() } else { format!("; {} more ending", ending.len()) };
    format!("{} of {replicas} ready{running}{more}", ready().count())
}

/// `openai Healthy`, and why it is not.
fn provider(provider: &ProviderReport) -> String {
    let ProviderReport { name, health, message, credential } = provider;
    let key = match credential {
        Credential::Missing => ", its key is missing",
        Credential::Empty => ", its key is empty",
        Credential::None | Credential::Found | Credential::Unseen => "",
    };
    let why = message.as_ref().map(|message| format!(" ({message})")).unwrap_or_default();
    format!("{name} {}{key}{why}", in_words(*health))
}

/// A provider's health, as text.
pub(super) fn in_words(health: Health) -> &'static str {
    match health {
        Health::Healthy => "Healthy",
        Health::Degraded => "Degraded",
        Health::Unreachable => "Unreachable",
        Health::Unauthorized => "Unauthorized",
        Health::Unknown => "not called yet",
    }
}
