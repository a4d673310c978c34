use clap::Parser;
use serde_json::{Value, json};

use super::*;
use crate::mock::{Server, refusal};

fn lease(holder: &str, version: &str, second: u32) -> Value {
    let time = format!("2026-11-22T00:00:{second:02}.000000Z");
    json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": "operator", "namespace": "system", "resourceVersion": version},
        "spec": {"holderIdentity": holder, "leaseDurationSeconds": 8, "acquireTime": "2026-11-21T00:00:00.000000Z",
            "renewTime": time, "leaseTransitions": 3}})
}

fn elector(server: &Server) -> Elector {
    let flags = ["", "--namespace=system", "--lease-name=operator", "--identity=me", "--proxy-image=proxy:1"];
    Elector::new(server.client(), &Flags::parse_from(flags), Arc::default(), Arc::default())
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_nobody_has_is_made() {
    let mut server = Server::new();
    let mut elector = elector(&server);
    let serving = tokio::spawn(async move {
        server.answer("GET", |_| refusal(404)).await;
        server
            .answer("POST", |made| {
                assert_eq!(made["spec"]["holderIdentity"], "me");
                assert_eq!(made["spec"]["leaseDurationSeconds"], 8);
                made
            })
            .await;
    });
    assert_eq!(elector.attempt().await.unwrap(), Attempt::Held);
    serving.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn anothers_lease_is_taken_only_after_it_did_not_change_for_its_duration() {
    let mut server = Server::new();
    let mut elector = elector(&server);
    let serving = tokio::spawn(async move {
        for second in [0, 0, 5, 5, 5] {
            server.answer("GET", |_| lease("another", "7", second)).await;
        }
        server
            .answer("PUT", |put| {
                assert_eq!(put["metadata"]["resourceVersion"], "7", "it is a compare-and-swap");
                assert_eq!(put["spec"]["leaseTransitions"], 4);
                put
            })
            .await;
    });
    let check = async |elector: &mut Elector, expected| assert_eq!(elector.attempt().await.unwrap(), expected);
    let seconds = |seconds| tokio::time::advance(Duration::from_secs(seconds));
    check(&mut elector, Attempt::Another).await;
    seconds(7).await;
    check(&mut elector, Attempt::Another).await;
    check(&mut elector, Attempt::Another).await;
    seconds(7).await;
    check(&mut elector, Attempt::Another).await;
    seconds(1).await;
    check(&mut elector, Attempt::Held).await;
    serving.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_released_lease_is_taken_at_once_and_a_409_means_that_another_was_quicker() {
    let mut server = Server::new();
    let mut elector = elector(&server);
    let serving = tokio::spawn(async move {
        server.answer("GET", |_| lease("", "7", 0)).await;
        server.answer("PUT", |_| refusal(409)).await;
    });
    assert_eq!(elector.attempt().await.unwrap(), Attempt::Crossed);
    serving.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_that_led_does_not_take_back_what_another_has_taken() {
    let mut server = Server::new();
    let mut elector = elector(&server);
    let gate = Arc::clone(&elector.gate);
    let serving = tokio::spawn(async move {
        server.answer("GET", |_| lease("", "7", 0)).await;
        server.answer("PUT", |put| put).await;
        server.answer("GET", |_| lease("another", "9", 5)).await;
    });
    elector.win().await;
    assert!(gate.is_open());
    elector.hold().await;
    assert!(!gate.is_open());
    serving.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn two_processes_of_one_name_do_not_both_lead() {
    let mut server = Server::new();
    let mut elector = elector(&server);
    let serving = tokio::spawn(async move {
        server.answer("GET", |_| lease("me", "7", 0)).await;
        server.answer("PUT", |put| put).await;
        // The other one of this name has taken it since, at a time that is not ours.
        server.answer("GET", |_| lease("me", "9", 5)).await;
    });
    assert_eq!(elector.attempt().await.unwrap(), Attempt::Held, "a container that was started anew goes on at once");
    assert_eq!(elector.attempt().await.unwrap(), Attempt::Another);
    serving.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_can_t_be_renewed_is_lost_at_the_deadline() {
    let mut server = Server::new();
    let mut elector = elector(&server);
    let gate = Arc::clone(&elector.gate);
    let serving = tokio::spawn(async move {
        server.answer("GET", |_| lease("", "7", 0)).await;
        server.answer("PUT", |put| put).await;
        loop {
            server.answer("GET", |_| refusal(500)).await;
        }
    });
    elector.win().await;
    let won = Instant::now();
    elector.hold().await;
    assert!(won.elapsed() >= RENEW_DEADLINE && won.elapsed() < RENEW_DEADLINE + RETRY_EVERY, "{:?}", won.elapsed());
    assert!(!gate.is_open());
    serving.abort();
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_given_back_with_the_version_that_was_written() {
    let mut server = Server::new();
    let mut elector = elector(&server);
    let gate = Arc::clone(&elector.gate);
    let serving = tokio::spawn(async move {
        server.answer("GET", |_| lease("", "7", 0)).await;
        server
            .answer("PUT", |mut put| {
                put["metadata"]["resourceVersion"] = "8".into();
                put
            })
            .await;
        server
            .answer("PUT", |put| {
                assert_eq!(put["metadata"]["resourceVersion"], "8");
                assert_eq!(put["spec"]["holderIdentity"], "");
                put
            })
            .await;
    });
    elector.win().await;
    elector.release().await;
    assert!(!gate.is_open());
    serving.await.unwrap();
}
