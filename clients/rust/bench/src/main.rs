//! The program of the client for Rust for the benchmark of clients: bench/clients/programs.ts says what it has to do.

use std::{
    collections::HashMap,
    error::Error,
    io::Write,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
    time::Duration,
};

use sitq::{Client, ConnectOptions, NewTask};
use tokio::signal::unix::{signal, SignalKind};

const PAYLOAD_BYTES: usize = 200;
const EVERY: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let mode = words.next().ok_or("a mode is required: drain or enqueue")?;
    let mut options = HashMap::new();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        options.insert(name, value);
    }
    let option = |name: &str| options.get(name).cloned().ok_or(format!("{name} is required"));
    let client = Client::connect(ConnectOptions::new(option("--address")?))?;
    let count = Arc::new(AtomicU64::new(0));
    tokio::spawn(tell(count.clone()));
    match mode.as_str() {
        "drain" => drain(&client, option("--queue")?, option("--capacity")?.parse()?, count).await,
        "enqueue" => enqueue(&client, option("--queue")?, option("--in-flight")?.parse()?, count).await,
        other => Err(format!("{other}: expected drain or enqueue").into()),
    }
}

/// Writes the count whenever it has changed.
async fn tell(count: Arc<AtomicU64>) {
    let mut told = 0;
    loop {
        tokio::time::sleep(EVERY).await;
        let now = count.load(Ordering::Relaxed);
        if now != told {
            told = now;
            say(&now.to_string());
        }
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // A benchmark that has gone reads nothing.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

async fn drain(client: &Client, queue: String, capacity: usize, count: Arc<AtomicU64>) -> Result<(), Box<dyn Error>> {
    let mut terminated = signal(SignalKind::terminate())?;
    let worker = client
        .worker([queue])
        .capacity(capacity)
        .handle_payload("work", move |_payload, _context| {
            count.fetch_add(1, Ordering::Relaxed);
            async { Ok(None) }
        })
        .start()
        .await?;
    say("connected");
    terminated.recv().await;
    Ok(worker.stop().await?)
}

async fn enqueue(
    client: &Client,
    queue: String,
    in_flight: usize,
    count: Arc<AtomicU64>,
) -> Result<(), Box<dyn Error>> {
    let mut terminated = signal(SignalKind::terminate())?;
    let producer = client.producer();
    let payload: Vec<u8> = (0..PAYLOAD_BYTES).map(|n| (n % 255 + 1) as u8).collect();
    for _ in 0..in_flight {
        let (producer, queue, payload, count) = (producer.clone(), queue.clone(), payload.clone(), count.clone());
        tokio::spawn(async move {
            while let Err(error) = lane(&producer, &queue, &payload, &count).await {
                eprintln!("{error}");
            }
        });
    }
    terminated.recv().await;
    Ok(())
}

/// Enqueues one task after the other, without end.
async fn lane(producer: &sitq::Producer, queue: &str, payload: &[u8], count: &AtomicU64) -> Result<(), sitq::Error> {
    loop {
        producer.enqueue(NewTask::binary(queue, "work", payload)).await?;
        count.fetch_add(1, Ordering::Relaxed);
    }
}
