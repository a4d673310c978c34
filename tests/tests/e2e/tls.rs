//! The real binary, before an upstream behind TLS.

use std::path::Path;

use aigateway_tests::client::request::Request;
use aigateway_tests::gateway::PREFIX;
use aigateway_tests::gateway::config::Folder;
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
