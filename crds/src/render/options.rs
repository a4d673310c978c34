//! What one type of provider has and no other, where that puts it, and what is added to its calls.

use aigateway_config::catalog::Api;
use aigateway_config::names;
use aigateway_config::problems::Problems;
use aigateway_config::provider::{Deployment, Header, HeaderSource, Options, ProviderType, Tls};

use super::Place;
use crate::secrets;
use crate::v1alpha1::options::{
    AzureSpec, BedrockSpec, DeploymentSpec, HeaderSpec, TlsSpec, VertexSpec, WorkersAiSpec,
};
use crate::v1alpha1::provider::{ProviderSpec, SecretKeyRef};

/// The `api-version` of Azure's that calls name by themselves: the last one that is generally available.
/// Source: <https://learn.microsoft.com/azure/ai-services/openai/api-version-lifecycle>, November 2026.
const AZURE_API_VERSION: &str = "2024-10-21";

/// What a provider's type alone has.
pub(super) fn options(path: &str, spec: &ProviderSpec, kind: ProviderType, problems: &mut Problems) -> Option<Options> {
    let ProviderSpec { azure, vertex, workers_ai, bedrock, .. } = spec;
    let api = kind.facts().api;
    let given = [
        ("azure", azure.is_some(), Api::Azure, "azure-openai"),
        ("vertex", vertex.is_some(), Api::Vertex, "google-vertex-ai"),
        ("workersAi", workers_ai.is_some(), Api::WorkersAi, "workers-ai"),
        ("bedrock", bedrock.is_some(), Api::Bedrock, "aws-bedrock"),
    ];
    for (field, _, _, slug) in given.into_iter().filter(|(_, is_given, of, _)| *is_given && *of != api) {
        let (value, allowed) =
            (format!("{field} with type {}", kind.facts().slug), format!("{field} beside type {slug} only"));
        problems.add(format!("{path}.{field}"), value, allowed, "leave it out, or correct type");
    }
    match api {
        Api::Azure => azure.as_ref().map(|azure| self::azure(&format!("{path}.azure"), azure, problems)),
        Api::Vertex => vertex.as_ref().map(|VertexSpec { region, project }| {
            one(&format!("{path}.vertex.region"), region, REGION, problems);
            if let Some(project) = project {
                one(&format!("{path}.vertex.project"), project, PROJECT, problems);
            }
            Options::Vertex { project: project.clone(), region: region.clone() }
        }),
        Api::WorkersAi => workers_ai.as_ref().map(|WorkersAiSpec { account_id }| {
            one(&format!("{path}.workersAi.accountId"), account_id, ACCOUNT, problems);
            Options::WorkersAi { account_id: account_id.clone() }
        }),
        Api::Bedrock => bedrock.as_ref().map(|BedrockSpec { region }| {
            one(&format!("{path}.bedrock.region"), region, REGION, problems);
            Options::Bedrock { region: region.clone() }
        }),
        Api::OpenAi | Api::Anthropic | Api::Gemini | Api::Cohere | Api::HuggingFace | Api::Replicate => None,
    }
}

fn azure(path: &str, spec: &AzureSpec, problems: &mut Problems) -> Options {
    let AzureSpec { resource, api_version, deployments } = spec;
    if let Some(resource) = resource {
        one(&format!("{path}.resource"), resource, RESOURCE, problems);
    }
    let api_version = api_version.as_deref().unwrap_or(AZURE_API_VERSION);
    one(&format!("{path}.apiVersion"), api_version, API_VERSION, problems);
    for (index, DeploymentSpec { model, name }) in deployments.iter().enumerate() {
        one(&format!("{path}.deployments[{index}].model"), model, MODEL, problems);
        one(&format!("{path}.deployments[{index}].name"), name, DEPLOYMENT, problems);
    }
    let deployment =
        |DeploymentSpec { model, name }: &DeploymentSpec| Deployment { model: model.clone(), name: name.clone() };
    Options::Azure {
        resource: resource.clone(),
        api_version: api_version.into(),
        deployments: deployments.iter().map(deployment).collect(),
    }
}

/// What a text must be: the test, what is allowed, and what to do.
type Form = (fn(&str) -> bool, &'static str, &'static str);

const REGION: Form = (
    names::is_region,
    "a region: lower-case letters, digits and hyphens",
    "write it like europe-west1 or eu-central-1",
);
const RESOURCE: Form =
    (names::is_slug, "at most 63 lower-case letters, digits and hyphens", "write the first label of its host");
const PROJECT: Form = (names::is_slug, "at most 63 lower-case letters, digits and hyphens", "write the project's id");
const ACCOUNT: Form =
    (names::is_alphanumeric, "letters and digits", "copy the account's id from Cloudflare's dashboard");
const API_VERSION: Form = (names::is_api_version, "lower-case letters, digits and hyphens", "write it like 2024-10-21");
const DEPLOYMENT: Form =
    (names::is_deployment, "letters, digits, hyphens, underscores and dots", "write the deployment's name");
const MODEL: Form = (names::is_model, "1 to 256 visible ASCII characters", "use the name that callers ask for");
const HOST: Form = (names::is_host, "the name of a host in lower case", "write it like llm.internal");

fn one(path: &str, text: &str, (is_one, allowed, fix): Form, problems: &mut Problems) {
    if !is_one(text) {
        problems.add(path, text, allowed, fix);
    }
}

/// Says what must be there for a provider whose URL is not configured: its own part, or a URL.
pub(super) fn placed(path: &str, kind: ProviderType, options: Option<&Options>, problems: &mut Problems) {
    let (field, allowed, fix) = match kind.facts().api {
        Api::Vertex if options.is_none() => {
            ("vertex", "google-vertex-ai needs vertex, or a baseUrl", "add vertex: {region: europe-west1}")
        }
        Api::WorkersAi if options.is_none() => (
            "workersAi",
            "workers-ai needs workersAi, or a baseUrl",
            "add workersAi: {accountId: 023e105f4ecef8ad9ca31a8372d0c353}",
        ),
        Api::Bedrock if options.is_none() => {
            ("bedrock", "aws-bedrock needs bedrock, or a baseUrl", "add bedrock: {region: eu-central-1}")
        }
        Api::OpenAi if kind.facts().base_url.is_none() => (
            "baseUrl",
            "openai-compatible and custom need baseUrl or service",
            "say where it is, with its /v1 if it has one",
        ),
        Api::OpenAi
        | Api::Anthropic
        | Api::Azure
        | Api::Gemini
        | Api::Vertex
        | Api::Cohere
        | Api::HuggingFace
        | Api::Replicate
        | Api::WorkersAi
        | Api::Bedrock => return,
    };
    problems.add(format!("{path}.{field}"), "(absent)", allowed, fix);
}

/// Headers that are added to every call.
pub(super) fn headers(path: &str, all: &[HeaderSpec], place: &Place<'_>, problems: &mut Problems) -> Vec<Header> {
    let mut headers = Vec::new();
    for (index, HeaderSpec { name, value, secret_key_ref }) in all.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let name = name.to_ascii_lowercase();
        let value = match (value, secret_key_ref) {
            (Some(_), Some(reference)) => {
                let value = format!("value beside secretKeyRef {}", reference.name);
                problems.add(format!("{path}.value"), value, "one of value and secretKeyRef", "leave one out");
                continue;
            }
            (None, None) => {
                let fix = "add value, or name a key of a Secret in secretKeyRef";
                problems.add(format!("{path}.value"), "(absent)", "a header needs value or secretKeyRef", fix);
                continue;
            }
            (Some(_), None) if names::KEY_HEADERS.contains(&name.as_str()) => {
                let allowed = "a header that carries a key takes it from a Secret";
                let fix = "put it in a Secret and name it in secretKeyRef";
                problems.add(format!("{path}.value"), "(not shown)", allowed, fix);
                continue;
            }
            (Some(value), None) => HeaderSource::Text(value.clone()),
            (None, Some(reference)) => {
                HeaderSource::File(file(&format!("{path}.secretKeyRef"), reference, place, problems))
            }
        };
        headers.push(Header { name, value });
    }
    headers
}

/// How a certificate is judged.
pub(super) fn tls(path: &str, spec: Option<&TlsSpec>, place: &Place<'_>, problems: &mut Problems) -> Option<Tls> {
    let TlsSpec { ca_secret_key_ref, server_name } = spec?;
    if let Some(name) = server_name {
        one(&format!("{path}.serverName"), name, HOST, problems);
    }
    let ca = ca_secret_key_ref.as_ref();
    let ca_file = ca.map(|reference| file(&format!("{path}.caSecretKeyRef"), reference, place, problems));
    Some(Tls { ca_file, server_name: server_name.clone() })
}

/// The file of a Secret's key, which is named at `path`.
pub(super) fn file(path: &str, reference: &SecretKeyRef, place: &Place<'_>, problems: &mut Problems) -> String {
    if !secrets::is_name(&reference.name) {
        let fix = "use lower-case letters, digits, hyphens and dots";
        problems.add(format!("{path}.name"), &reference.name, "the name of a Secret", fix);
    }
    if !secrets::is_key(&reference.key) {
        let fix = "use letters, digits, hyphens, underscores and dots";
        problems.add(format!("{path}.key"), &reference.key, "a key of a Secret", fix);
    }
    secrets::file(&place.secrets_dir, reference)
}
