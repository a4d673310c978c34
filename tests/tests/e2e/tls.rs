//! An upstream behind TLS: by the platform's roots, as the real binary reads them, and by a provider's own word.

use std::path::Path;

use aigateway_tests::client::request::Request;
use aigateway_tests::gateway::PREFIX;
use aigateway_tests::gateway::config::Folder;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;

use crate::binary::Proxy;
use crate::parts::{CHAT, PLAIN, chat, chat_script, expect_status};

#[tokio::test]
async fn the_binary_reaches_a_provider_whose_authority_it_is_told_to_trust() {
    let upstream = Upstream::always(chat_script("through TLS")).await;
    let root = tempfile::tempdir().unwrap();
    let authority = root.path().join("authority.pem");
    let url = aigateway_tests::tls::before(&upstream, &authority).await;
    let mut folder = Folder::new(root.path());
    folder.write(&PLAIN.replace("$openai", &url));
    for (trusted, status) in [(authority.as_path(), 200), (Path::new("/dev/null"), 502)] {
        let mut proxy = Proxy::start(&folder.config(), Some(trusted)).await;
        let request = Request::new(proxy.data, "POST", format!("{PREFIX}/{CHAT}")).json(&chat("hello"));
        expect_status(request.send().await, status).await;
        assert!(proxy.child.try_wait().unwrap().is_none(), "it still runs");
    }
}

/// One provider that is reached by an address which its certificate does not name.
const OWN_WORD: &str = r"
auth: {anonymous: Allow}
providers:
  - name: openai
    baseUrl: $openai/v1
    tls: {caSecretKeyRef: {name: keys, key: ca}, serverName: $name}
retry: {attempts: 1}
";

#[tokio::test]
async fn a_provider_is_judged_by_the_authority_and_the_name_of_its_spec() {
    let upstream = Upstream::always(chat_script("through TLS")).await;
    let root = tempfile::tempdir().unwrap();
    let authority = root.path().join("authority.pem");
    let url = aigateway_tests::tls::before(&upstream, &authority).await.replace("localhost", "127.0.0.1");
    let pem = std::fs::read_to_string(&authority).unwrap();
    for (name, ca, status) in
        [("localhost", Some(&pem), 200), ("other.test", Some(&pem), 502), ("localhost", None, 502)]
    {
        let mut setup = Setup::new(OWN_WORD).url("openai", &url).url("name", name);
        if let Some(pem) = ca {
            setup = setup.key("ca", pem);
        }
        let gateway = setup.start().await;
        expect_status(gateway.post(CHAT, &chat("hello")).send().await, status).await;
    }
}
