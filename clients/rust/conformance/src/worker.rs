use std::{future::Future, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use sitq::{Client, Context, HandlerError, WorkerBuilder};
use tokio::signal::unix::{signal, SignalKind};

use crate::{arguments::WorkerOptions, code_name, say};

#[derive(Serialize, Deserialize)]
struct Seconds {
    seconds: f64,
}

#[derive(Deserialize)]
struct Message {
    message: String,
}

#[derive(Deserialize)]
struct Large {
    bytes: usize,
}

#[derive(Deserialize)]
struct Progress {
    fraction: f64,
    message: String,
    seconds: f64,
}

#[derive(Serialize, Deserialize)]
struct Typed {
    name: String,
    count: i64,
}

#[derive(Debug)]
struct OutOfStock(String);

impl std::fmt::Display for OutOfStock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OutOfStock {}

/// Says how a handler ended, however it ended: one that is cancelled is dropped at its await.
struct Said {
    task: String,
    attempt: i32,
    how: &'static str,
}

impl Drop for Said {
    fn drop(&mut self) {
        say(json!({"event": "ended", "task": self.task, "attempt": self.attempt, "how": self.how}));
    }
}

/// Runs the body of a handler, and says when it starts and how it ends.
async fn told<T>(context: Context, body: impl Future<Output = Result<T, HandlerError>>) -> Result<T, HandlerError> {
    let (task, attempt) = (context.task().id.clone(), context.task().attempt);
    say(json!({"event": "started", "task": task, "attempt": attempt}));
    let mut said = Said { task, attempt, how: "cancelled" };
    let result = body.await;
    said.how = if result.is_ok() { "returned" } else { "failed" };
    result
}

async fn pause(seconds: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds.max(0.0))).await;
}

fn with_handlers(worker: WorkerBuilder) -> WorkerBuilder {
    worker
        .handle("echo", |payload: Value, context: Context| told(context, async move { Ok(payload) }))
        .handle("fail", |Message { message }: Message, context: Context| {
            told(context, async move { Err::<Value, _>(OutOfStock(message).into()) })
        })
        .handle("fail-terminal", |Message { message }: Message, context: Context| {
            told(context, async move { Err::<Value, _>(HandlerError::terminal(message)) })
        })
        .handle("retry-after", |Seconds { seconds }: Seconds, context: Context| {
            let delay = Duration::from_secs_f64(seconds);
            told(context, async move { Err::<Value, _>(HandlerError::retry_after(delay, "later")) })
        })
        .handle("sleep", |input: Seconds, context: Context| {
            told(context, async move {
                pause(input.seconds).await;
                Ok(input)
            })
        })
        .handle("block", |input: Seconds, context: Context| {
            told(context, async move {
                std::thread::sleep(Duration::from_secs_f64(input.seconds));
                Ok(input)
            })
        })
        .handle("large", |Large { bytes }: Large, context: Context| told(context, async move { Ok("x".repeat(bytes)) }))
        .handle("progress", |input: Value, context: Context| {
            let reports = context.clone();
            told(context, async move {
                let Progress { fraction, message, seconds } = serde_json::from_value(input.clone())?;
                reports.progress(fraction, message);
                pause(seconds).await;
                Ok(input)
            })
        })
        .handle("typed", |input: Typed, context: Context| told(context, async move { Ok(input) }))
}

/// Works until it is stopped or refused.
pub async fn run(options: WorkerOptions) -> u8 {
    match work(options).await {
        Ok(()) => {
            say(json!({"event": "closed"}));
            0
        }
        Err(error) => {
            let reason = Some(&error.reason).filter(|reason| !reason.is_empty());
            say(json!({"event": "refused", "code": code_name(error.code), "reason": reason}));
            3
        }
    }
}

async fn work(options: WorkerOptions) -> Result<(), sitq::Error> {
    let mut terminated = signal(SignalKind::terminate()).expect("SIGTERM can be handled");
    let client = Client::connect(options.connect)?;
    let mut builder = with_handlers(client.worker([options.queue])).capacity(options.capacity);
    if let Some(worker_id) = options.worker_id {
        builder = builder.worker_id(worker_id);
    }
    let worker = tokio::select! {
        started = builder.start() => started?,
        _ = terminated.recv() => return Ok(()),
    };
    tokio::select! {
        ended = worker.ended() => ended,
        _ = terminated.recv() => worker.stop_within(options.grace).await,
    }
}
