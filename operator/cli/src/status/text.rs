//! A report as text: a headline, and a few lines that say what to do and what it looks like.

use aigateway_crds::v1alpha1::status::Health;

use super::report::{Credential, Finding, PodReport, ProviderReport, Report};

/// So many findings are told beside the first one; `-o wide` tells all.
const TOLD: usize = 3;

/// The report in few lines: at most five where one thing is wrong.
pub(super) fn brief(report: &Report) -> String {
    let mut lines = vec![report.headline.clone()];
    // Kubernetes may say a thing in several lines; here it is one.
    let mut line = |label: &str, text: &str| {
        lines.push(format!("  {label:<10} {}", text.split_whitespace().collect::<Vec<_>>().join(" ")));
    };
    // What blocks is the headline already.
    let told = usize::from(report.findings.first().is_some_and(|finding| finding.blocks));
    let first = report.findings.first();
    if report.ready {
        first.iter().for_each(|finding| line("note", &finding.message));
    }
    first.and_then(|finding| finding.command.as_deref()).iter().for_each(|command| line("do", command));
    let rest = report.findings.get(told.max(usize::from(report.ready))..).unwrap_or_default();
    rest.iter().take(TOLD).for_each(|Finding { message, .. }| line("also", message));
    if rest.len() > TOLD {
        line("also", &format!("{} more; -o wide tells all", rest.len() - TOLD));
    }
    match &report.pods {
        Some(pods) if !report.ready => line("pods", &fleet(pods, report.replicas)),
        Some(_) | None => {}
    }
    line("providers", &report.providers.iter().map(provider).collect::<Vec<_>>().join("; "));
    if let Some(url) = report.url.as_ref().filter(|_| report.ready) {
        line("url", url);
    }
    lines.join("\n")
}

/// How many pods are ready, and what they run.
fn fleet(pods: &[PodReport], replicas: i32) -> String {
    let alive: Vec<&PodReport> = pods.iter().filter(|pod| !pod.terminating).collect();
    let ready: Vec<&&PodReport> = alive.iter().filter(|pod| pod.ready).collect();
    let mut text = format!("{} of {replicas} ready", ready.len());
    let mut generations: Vec<i64> = ready.iter().filter_map(|pod| pod.generation).collect();
    generations.sort_unstable();
    generations.dedup();
    match &generations[..] {
        [] => {}
        [one] => text.push_str(&format!(", running generation {one}")),
        several => {
            let several: Vec<String> = several.iter().map(ToString::to_string).collect();
            text.push_str(&format!(", running generations {}", several.join(" and ")));
        }
    }
    let ending = pods.len() - alive.len();
    if ending > 0 {
        text.push_str(&format!("; {ending} more ending"));
    }
    text
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
