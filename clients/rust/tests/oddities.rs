//! What a program should not do, and what becomes of it.

use std::time::Duration;

use serde_json::{json, Value};
use sitq::{testing::Server, Context, HandlerError, NewTask};

/// One task that the server does not take fails alone, though others share its message and its stream.
#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_is_too_large_fails_alone() {
    let server = Server::start();
    let producer = server.client().producer();
    let enqueues: Vec<_> = (0..300)
        .map(|n| {
            let producer = producer.clone();
            let text = "x".repeat(if n == 150 { 5_000_000 } else { 20_000 });
            tokio::spawn(async move { producer.enqueue(NewTask::json("mails", "send", &text).unwrap()).await })
        })
        .collect();
    for (n, enqueue) in enqueues.into_iter().enumerate() {
        let answer = enqueue.await.unwrap();
        if n == 150 {
            assert_eq!(answer.unwrap_err().reason, "MESSAGE_TOO_LARGE");
        } else {
            answer.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_nested_too_deep_fails_its_task_and_no_other() {
    let server = Server::start();
    let client = server.client();
    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    let worker = client
        .worker(["nests"])
        .handle("nest", move |levels: usize, _: Context| async move { Ok(nested(levels)) })
        .start()
        .await
        .unwrap();
    let producer = client.producer();
    let task = |levels: usize| NewTask::json("nests", "nest", &levels).unwrap();
    let deep = producer.enqueue(task(200)).await.unwrap();
    let error = producer.result::<Value>(&deep.id).await.unwrap_err();
    assert_eq!(error.metadata["type"], "INVALID_RESULT");
    let flat = producer.enqueue(task(2)).await.unwrap();
    assert_eq!(producer.result::<Value>(&flat.id).await.unwrap(), json!([[1]]));
    worker.stop().await.unwrap();
}

/// The second stop has more time, which the first does not get.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_stop_does_not_delay_the_first() {
    let server = Server::start();
    let client = server.client();
    let (began, begun) = tokio::sync::oneshot::channel();
    let began = std::sync::Mutex::new(Some(began));
    let worker = client
        .worker(["stops"])
        .handle("forever", move |_: Value, _: Context| {
            began.lock().unwrap().take().map(|began| began.send(()));
            async { std::future::pending::<Result<(), HandlerError>>().await }
        })
        .start()
        .await
        .unwrap();
    client.producer().enqueue(NewTask::new("stops", "forever")).await.unwrap();
    begun.await.unwrap();
    let stops =
        async { tokio::join!(worker.stop_within(Duration::ZERO), worker.stop_within(Duration::from_secs(3600))) };
    let (first, second) = tokio::time::timeout(Duration::from_secs(60), stops).await.expect("the worker has stopped");
    first.unwrap();
    second.unwrap();
}
