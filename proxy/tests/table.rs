//! The table of docs/providers.md, made from the code: which provider is reached by which door, and how.

use std::fmt::Write as _;
use std::path::Path;

use aigateway_config::provider::ProviderType;
use aigateway_proxy::call::Dialect;
use aigateway_proxy::provider::adapter::Adapter;
use aigateway_proxy::provider::credential;

/// What stands between these lines of the page is made here.
const BEGIN: &str = "<!-- providers: begin -->\n";
const END: &str = "<!-- providers: end -->\n";

/// The doors that any provider may be behind, and what is asked there.
const DOORS: [(&str, Dialect); 5] = [
    ("chat/completions", Dialect::OpenAiChat),
    ("messages", Dialect::AnthropicMessages),
    ("responses", Dialect::OpenAiResponses),
    ("embeddings", Dialect::OpenAiEmbeddings),
    ("completions", Dialect::OpenAiCompletions),
];

fn table() -> String {
    let mut out = String::from("| type | also | where | key |");
    for (door, _) in DOORS {
        let _ = write!(out, " {door} |");
    }
    out.push_str("\n| --- | --- | --- | --- |");
    out.push_str(&" --- |".repeat(DOORS.len()));
    for kind in ProviderType::ALL {
        let facts = kind.facts();
        let also = facts.aliases.iter().map(|alias| format!("`{alias}`")).collect::<Vec<_>>().join(" ");
        let place =
            facts.base_url.filter(|url| !url.is_empty()).map_or_else(|| "by the spec".into(), |url| format!("`{url}`"));
        let (header, value) = credential::header(kind, "KEY");
        let _ = write!(out, "\n| `{}` | {also} | {place} | `{header}: {value}` |", facts.slug);
        for (_, dialect) in DOORS {
            let how = match Adapter::between(dialect, kind) {
                None => "",
                Some(Adapter::Same | Adapter::Counted) => "passes",
                Some(Adapter::Translated(_) | Adapter::Embeddings(_)) => "translated",
            };
            let _ = write!(out, " {how} |");
        }
    }
    out + "\n"
}

/// `UPDATE_GOLDENS=1` writes the table anew.
#[test]
fn the_table_of_providers_is_what_the_code_does() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/providers.md");
    let written = std::fs::read_to_string(&page).unwrap();
    let (before, rest) = written.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let expected = [before, BEGIN, &table(), END, after].concat();
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(&page, &expected).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&page).unwrap(), expected, "UPDATE_GOLDENS=1 writes it anew");
}
