//! The shop's notification in Rust: `notification INSTANCE`. It finds the server by SITQ_ADDRESS.

use std::time::Duration;

use serde_json::Value;
use sitq::{Client, ConnectOptions, Context, HandlerError};
use tokio::signal::unix::{signal, SignalKind};

/// What customers get mails about.
const EVENTS: [&str; 3] = ["order.created", "payment.processed", "shipping.scheduled"];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let instance = std::env::args()
        .nth(1)
        .ok_or("usage: notification INSTANCE")?;
    let mut terminated = signal(SignalKind::terminate())?;
    let client = Client::connect(ConnectOptions::default())?;
    let mut worker = client
        .worker(["notification"])
        .worker_id(instance)
        .service("notification", None)
        .capacity(8);
    for event in EVENTS {
        worker = worker.handle(event, write_mail);
    }
    let worker = worker.start().await?;
    println!("ready");
    tokio::select! {
        ended = worker.ended() => ended?,
        _ = terminated.recv() => worker.stop().await?,
    }
    Ok(())
}

/// Writing one takes a few milliseconds.
async fn write_mail(_event: Value, _context: Context) -> Result<(), HandlerError> {
    tokio::time::sleep(Duration::from_millis(5)).await;
    Ok(())
}
