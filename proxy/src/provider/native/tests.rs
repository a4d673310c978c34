//! What becomes of paths, provider by provider.

use aigateway_config::catalog::AZURE_ANY;

use super::*;

fn at(
    kind: ProviderType,
    base_url: &str,
    options: Option<&Options>,
    rest: &str,
) -> Result<(Option<String>, String), String> {
    let way = native(Here { kind, options, base_url }, rest).map_err(|astray| astray.to_string())?;
    assert_eq!(way.is_open, way.origin.is_some() && kind == ProviderType::AzureOpenai, "{rest}");
    Ok((way.origin, way.path.into_owned()))
}

/// At the base URL.
fn check(kind: ProviderType, cases: &[(&str, &str)]) {
    for (rest, expected) in cases {
        let base_url = kind.facts().base_url.unwrap_or("http://127.0.0.1:1");
        assert_eq!(at(kind, base_url, None, rest), Ok((None, (*expected).to_owned())), "{kind:?} {rest}");
    }
}

#[test]
fn what_needs_no_form_of_its_own_passes_as_it_is() {
    for kind in [ProviderType::Openai, ProviderType::Groq, ProviderType::Replicate, ProviderType::Custom] {
        check(kind, &[("v1/a%2Fb//c?d=e&f", "v1/a%2Fb//c?d=e&f"), ("/x", "x"), ("", "")]);
    }
}

#[test]
fn perplexitys_chat_has_no_version() {
    let cases = [
        ("v1/chat/completions", "chat/completions"),
        ("chat/completions?a", "chat/completions?a"),
        ("v1/embeddings", "v1/embeddings"),
        ("async/chat/completions", "async/chat/completions"),
    ];
    check(ProviderType::PerplexityAi, &cases);
}

#[test]
fn coheres_paths_without_a_version_are_of_the_first() {
    let cases = [
        ("chat", "v1/chat"),
        ("v1/chat", "v1/chat"),
        ("v2/chat", "v2/chat"),
        ("embed?x=v2/y", "v1/embed?x=v2/y"),
        ("compatibility/v1/chat/completions", "compatibility/v1/chat/completions"),
    ];
    check(ProviderType::Cohere, &cases);
}

#[test]
fn hugging_faces_models_are_below_its_own_inference() {
    let cases = [
        ("v1/chat/completions", "v1/chat/completions"),
        ("hf-inference/models/t5-base", "hf-inference/models/t5-base"),
        ("together/v1/chat/completions", "together/v1/chat/completions"),
        ("google/gemma-2b", "hf-inference/models/google/gemma-2b"),
        ("google/gemma-2b/v1/chat/completions", "hf-inference/models/google/gemma-2b/v1/chat/completions"),
        ("models/google/gemma-2b", "hf-inference/models/google/gemma-2b"),
        ("t5-base?a=/v1/", "hf-inference/models/t5-base?a=/v1/"),
    ];
    check(ProviderType::Huggingface, &cases);
}

#[test]
fn a_model_of_workers_ai_is_run() {
    let cases = [
        ("@cf/meta/llama-3.1-8b-instruct", "run/@cf/meta/llama-3.1-8b-instruct"),
        ("run/@cf/meta/llama-3.1-8b-instruct", "run/@cf/meta/llama-3.1-8b-instruct"),
        ("%40cf/meta/llama?tags=a", "run/%40cf/meta/llama?tags=a"),
        ("v1/chat/completions", "v1/chat/completions"),
        ("models/search?search=x", "models/search?search=x"),
    ];
    check(ProviderType::WorkersAi, &cases);
}

fn azure(resource: Option<&str>) -> Options {
    let resource = resource.map(str::to_owned);
    Options::Azure { resource, api_version: "2024-10-21".to_owned(), deployments: Vec::new() }
}

#[test]
fn azures_path_names_the_resource_where_the_configuration_does_not() {
    let options = azure(None);
    let go = |rest| at(ProviderType::AzureOpenai, AZURE_ANY, Some(&options), rest);
    let cases = [
        ("res/gpt/chat/completions?api-version=1", "openai/deployments/gpt/chat/completions?api-version=1"),
        ("res/gpt/chat/completions", "openai/deployments/gpt/chat/completions?api-version=2024-10-21"),
        ("res/gpt/chat/completions?a=b", "openai/deployments/gpt/chat/completions?a=b&api-version=2024-10-21"),
        ("res/gpt/chat/completions?", "openai/deployments/gpt/chat/completions?api-version=2024-10-21"),
        ("res/openai/deployments/gpt/embeddings", "openai/deployments/gpt/embeddings?api-version=2024-10-21"),
        ("res/models/chat/completions", "models/chat/completions?api-version=2024-10-21"),
        ("res/openai/v1/responses", "openai/v1/responses"),
        ("res/openai/v1/files?a", "openai/v1/files?a"),
        ("res//openai/v1/files", "openai/v1/files"),
    ];
    for (rest, path) in cases {
        let origin = Some("https://res.openai.azure.com".to_owned());
        assert_eq!(go(rest), Ok((origin, path.to_owned())), "{rest}");
    }
    for rest in [
        "",
        "r",
        "a.b/gpt/chat",
        "evil.com%2F/gpt/chat",
        "RES/gpt/chat",
        "-a/gpt/chat",
        "a@b/x/y",
        "res/gpt",
        "res/",
        "res",
    ] {
        assert!(go(rest).is_err(), "{rest}");
    }
}

#[test]
fn azures_configured_resource_may_be_left_out_and_no_other_is_served() {
    for (base_url, options) in [
        ("https://res.openai.azure.com", azure(Some("res"))),
        ("https://res.services.ai.azure.com", azure(None)),
        ("http://127.0.0.1:80", azure(Some("res"))),
        (AZURE_ANY, azure(Some("res"))),
    ] {
        let go = |rest| at(ProviderType::AzureOpenai, base_url, Some(&options), rest);
        let path = "openai/deployments/gpt/chat/completions?api-version=2024-10-21".to_owned();
        for rest in ["res/gpt/chat/completions", "gpt/chat/completions", "openai/deployments/gpt/chat/completions"] {
            assert_eq!(go(rest), Ok((None, path.clone())), "{base_url} {rest}");
        }
        assert_eq!(go("openai/v1/models"), Ok((None, "openai/v1/models".to_owned())));
        for rest in ["other/gpt/chat/completions", "other/openai/v1/models", "other/models/chat/completions"] {
            let wrong = go(rest).unwrap_err();
            assert!(wrong.starts_with("the resource is res"), "{rest}: {wrong}");
        }
    }
}

#[test]
fn any_name_stands_for_the_resource_that_only_a_base_url_says() {
    let go = |rest| at(ProviderType::AzureOpenai, "http://127.0.0.1:80/proxy", None, rest);
    for rest in ["any/gpt/chat/completions", "gpt/chat/completions", "any/openai/deployments/gpt/chat/completions"] {
        assert_eq!(go(rest), Ok((None, "openai/deployments/gpt/chat/completions".to_owned())), "{rest}");
    }
}

#[test]
fn a_region_in_the_path_names_the_host() {
    let vertex = |base: &str, rest: &str| at(ProviderType::GoogleVertexAi, base, None, rest);
    let path = "v1/projects/p/locations/us-east5/publishers/google/models/m:generateContent";
    let us = Some("https://us-east5-aiplatform.googleapis.com".to_owned());
    for base in ["https://europe-west1-aiplatform.googleapis.com", "https://aiplatform.googleapis.com"] {
        assert_eq!(vertex(base, path), Ok((us.clone(), path.to_owned())));
        assert_eq!(vertex(base, "v1/x"), Ok((None, "v1/x".to_owned())));
        let global = "v1/projects/p/locations/global/x";
        let origin = Some("https://aiplatform.googleapis.com".to_owned());
        assert_eq!(vertex(base, global), Ok((origin, global.to_owned())));
        for region in ["evil.com%2F", "a", "", "x.y-1", "us-east5-x", "us-east500"] {
            assert!(vertex(base, &format!("v1/projects/p/locations/{region}/x")).is_err(), "{region}");
        }
    }
    for base in
        ["http://127.0.0.1:1", "https://aiplatform.googleapis.com.evil", "https://evil.aiplatform.googleapis.com"]
    {
        assert_eq!(vertex(base, path), Ok((None, path.to_owned())));
    }
    let bedrock = |base: &str, rest: &str| at(ProviderType::AwsBedrock, base, None, rest);
    let aws = "https://bedrock-runtime.eu-central-1.amazonaws.com";
    let us = Some("https://bedrock-runtime.us-gov-west-1.amazonaws.com".to_owned());
    assert_eq!(
        bedrock(aws, "bedrock-runtime/us-gov-west-1/model/a%3A0/converse"),
        Ok((us, "model/a%3A0/converse".to_owned()))
    );
    assert_eq!(bedrock(aws, "model/m/converse"), Ok((None, "model/m/converse".to_owned())));
    let local = "http://127.0.0.1:1";
    assert_eq!(bedrock(local, "bedrock-runtime/us-east-1/model/m/converse"), Ok((None, "model/m/converse".to_owned())));
    for region in ["s3", "s3-us-west-2", "us-east", "us-east-12", "x", "", "us.east-1", "a-b-1"] {
        assert!(bedrock(aws, &format!("bedrock-runtime/{region}/model/m/converse")).is_err(), "{region}");
    }
}
