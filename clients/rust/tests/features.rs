//! Producers and workers with a real server.

use std::{
    collections::HashSet,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use sitq::{contract, testing::Server, Client, ConnectOptions, Context, HandlerError, NewTask, ProducerOptions};
use tokio::sync::Notify;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    sku: String,
    count: u32,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_goes_to_its_handler_and_its_result_comes_back() {
    let server = Server::start();
    let client = server.client();
    let worker = client
        .worker(["stock"])
        .handle("reserve", |order: Order, context: Context| async move {
            assert_eq!(context.task().attempt, 1);
            Ok(Order { count: order.count + 1, ..order })
        })
        .start()
        .await
        .unwrap();
    let producer = client.producer();
    let order = Order { sku: "lamp".into(), count: 2 };
    let task = producer.enqueue(NewTask::json("stock", "reserve", &order).unwrap()).await.unwrap();
    assert!(task.created);
    let result: Order = producer.result(&task.id).await.unwrap();
    assert_eq!(result, Order { sku: "lamp".into(), count: 3 });
    worker.stop().await.unwrap();
    assert!(!worker.is_connected());
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_say_what_and_retries_wait() {
    let server = Server::start();
    let client = server.client();
    let worker = client
        .worker(["mail"])
        .handle("fails", |_: (), context: Context| async move {
            if context.task().attempt == 1 {
                return Err(HandlerError::retry_after(Duration::from_millis(1), "not yet"));
            }
            Err::<(), _>(HandlerError::terminal("no such address").with_type("NoSuchAddress"))
        })
        .handle("panics", |_: (), _context: Context| async move {
            if true {
                panic!("a careless handler");
            }
            Ok(())
        })
        .handle("typed", |order: Order, _context: Context| async move { Ok(order) })
        .start()
        .await
        .unwrap();
    let producer = client.producer();

    let fails = producer.enqueue(NewTask::new("mail", "fails")).await.unwrap();
    let refusal = producer.result::<()>(&fails.id).await.unwrap_err();
    assert_eq!((refusal.reason.as_str(), refusal.message.contains("no such address")), ("TASK_FAILED", true));
    assert_eq!(refusal.metadata["type"], "NoSuchAddress");
    let task = producer.task(&fails.id).await.unwrap();
    assert_eq!(task.attempt, 2);
    assert_eq!(task.last_error.unwrap().r#type, "NoSuchAddress");

    let panics = producer.enqueue(NewTask::new("mail", "panics").max_attempts(1)).await.unwrap();
    let task = producer.ended(&panics.id).await.unwrap();
    assert_eq!(task.last_error.unwrap().message, "a careless handler");

    let typed = NewTask::json("mail", "typed", &serde_json::json!({"sku": "lamp", "count": "two"})).unwrap();
    let task = producer.ended(&producer.enqueue(typed).await.unwrap().id).await.unwrap();
    assert!(task.last_error.unwrap().message.contains("count"), "the field is named");
    worker.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_enqueues_at_once_are_stored_once_each_and_worked_within_the_capacity() {
    let server = Server::start();
    let client = server.client();
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = (running.clone(), most.clone());
    let worker = client
        .worker(["many"])
        .capacity(8)
        .handle("count", move |_: (), _context: Context| {
            let (running, most) = seen.clone();
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            }
        })
        .start()
        .await
        .unwrap();
    let producer = client.producer();
    let tasks: Vec<_> = (0..2_000)
        .map(|_| {
            let producer = producer.clone();
            tokio::spawn(async move { producer.enqueue(NewTask::new("many", "count")).await.unwrap().id })
        })
        .collect();
    let mut ids = HashSet::new();
    for task in tasks {
        ids.insert(task.await.unwrap());
    }
    assert_eq!(ids.len(), 2_000);
    for id in &ids {
        assert_eq!(producer.ended(id).await.unwrap().attempt, 1);
    }
    assert!(most.load(Ordering::SeqCst) <= 8);
    worker.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_finds_its_producers_and_workers_back() {
    let mut server = Server::start();
    let client = server.client();
    let (started, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let signals = (started.clone(), go_on.clone());
    let worker = client
        .worker(["mail"])
        .handle("send", move |n: u32, _context: Context| {
            let (started, go_on) = signals.clone();
            async move {
                started.notify_one();
                go_on.notified().await;
                Ok(n + 1)
            }
        })
        .start()
        .await
        .unwrap();
    let producer = client.producer();
    let first = producer.enqueue(NewTask::json("mail", "send", &1).unwrap()).await.unwrap();
    started.notified().await;
    server.restart();
    go_on.notify_one();
    assert_eq!(producer.result::<u32>(&first.id).await.unwrap(), 2);
    assert_eq!(producer.task(&first.id).await.unwrap().attempt, 1, "the lease was kept");
    go_on.notify_one();
    let second = producer.enqueue(NewTask::json("mail", "send", &2).unwrap()).await.unwrap();
    assert_eq!(producer.result::<u32>(&second.id).await.unwrap(), 3);
    worker.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_task_drops_its_handler_and_a_stop_gives_back_what_is_left() {
    let server = Server::start();
    let client = server.client();
    let (started, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let signals = (started.clone(), dropped.clone());
    let worker = client
        .worker(["slow"])
        .handle("wait", move |_: (), _context: Context| {
            let (started, dropped) = signals.clone();
            async move {
                struct Guard(Arc<Notify>);
                impl Drop for Guard {
                    fn drop(&mut self) {
                        self.0.notify_one();
                    }
                }
                let _guard = Guard(dropped);
                started.notify_one();
                std::future::pending::<()>().await;
                Ok(())
            }
        })
        .start()
        .await
        .unwrap();
    let producer = client.producer();
    let first = producer.enqueue(NewTask::new("slow", "wait")).await.unwrap();
    started.notified().await;
    let mut queue = contract::queue_service_client::QueueServiceClient::new(client.service());
    let request = contract::CancelTaskRequest { task_id: first.id, ..Default::default() };
    queue.cancel_task(request).await.unwrap();
    dropped.notified().await;

    let second = producer.enqueue(NewTask::new("slow", "wait")).await.unwrap();
    started.notified().await;
    worker.stop_within(Duration::ZERO).await.unwrap();
    dropped.notified().await;
    let task = producer.task(&second.id).await.unwrap();
    assert_eq!(task.state(), contract::TaskState::Pending, "it was released");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_with_the_same_id_replaces_the_first_for_good() {
    let server = Server::start();
    let client = server.client();
    let build =
        || client.worker(["w"]).worker_id("the-one").handle("t", |_: (), _context: Context| async move { Ok(()) });
    let first = build().start().await.unwrap();
    let second = build().start().await.unwrap();
    let error = first.ended().await.unwrap_err();
    assert_eq!(error.reason, "WORKER_REPLACED");
    assert!(second.is_connected());
    second.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_their_reason_and_field() {
    let server = Server::start();
    let client = server.client();
    let error = client.producer().enqueue(NewTask::new("bad queue", "t")).await.unwrap_err();
    assert_eq!((error.reason.as_str(), error.field()), ("INVALID_FIELD", Some("task.queue")));
    let refused =
        client.worker(["bad queue"]).handle("t", |_: (), _context: Context| async move { Ok(()) }).start().await;
    assert_eq!(refused.err().map(|error| error.code), Some(tonic::Code::InvalidArgument));
    let answers =
        client.producer().enqueue_all(vec![NewTask::new("a", "t"), NewTask::new("", "t")], false).await.unwrap();
    assert!(answers[0].is_ok() && answers[1].is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_far_too_large_is_given_up_soon() {
    let server = Server::start();
    let options = ConnectOptions::new(server.address()).token("x".repeat(40_000));
    let client = Client::connect(options).unwrap();
    let producer =
        client.producer_with(ProducerOptions { retry_timeout: Duration::from_secs(3_600), ..Default::default() });
    let single = producer.enqueue(NewTask::new("mail", "send")).await.unwrap_err();
    let call = producer.task("any").await.unwrap_err();
    for refusal in [single, call] {
        assert_eq!(refusal.reason, "HEADERS_TOO_LARGE", "{refusal}");
    }
}
