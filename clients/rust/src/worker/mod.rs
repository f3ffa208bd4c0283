//! Workers: one stream, handlers, and outcomes that are kept until they are on the server's disk.

mod attempts;
mod handler;
mod outbox;
mod progress;
mod session;

use std::{
    collections::HashMap,
    future::Future,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    time::Duration,
};

use serde::{de::DeserializeOwned, Serialize};
use tokio::{
    runtime::{Builder, Handle},
    sync::{mpsc, oneshot, watch},
};
use tonic::Code;
use uuid::Uuid;

use crate::{
    connect::Client,
    contract::{work_request, Payload},
    error::Error,
};
use attempts::Attempts;
use handler::{json_handler, payload_handler, Handler};
use session::{Event, Session};

pub use handler::{Context, HandlerError};

/// How long handlers may go on when a worker stops.
const GRACE: Duration = Duration::from_secs(30);

/// What a worker works on, and how.
pub struct WorkerBuilder {
    client: Client,
    identity: work_request::Hello,
    capacity: usize,
    handlers: HashMap<String, Handler>,
    problem: Option<String>,
}

impl WorkerBuilder {
    pub(crate) fn new(client: Client, queues: Vec<String>) -> Self {
        // The id stays the same over reconnects, and differs from that of every other process.
        let worker_id = format!("{}-{}", std::process::id(), &Uuid::new_v4().simple().to_string()[..8]);
        let incarnation = Uuid::new_v4().to_string();
        let identity = work_request::Hello { worker_id, queues, incarnation, ..Default::default() };
        Self { client, identity, capacity: 10, handlers: HashMap::new(), problem: None }
    }

    /// How many handlers run at a time: 1 to 10,000. Default 10.
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// The worker's name, which no other process has. Default: generated.
    pub fn worker_id(mut self, worker_id: impl Into<String>) -> Self {
        self.identity.worker_id = worker_id.into();
        self
    }

    /// The service that the worker is an instance of, while it is connected; `address`: where it can be called, `host:port`.
    pub fn service(mut self, service: impl Into<String>, address: Option<String>) -> Self {
        self.identity.service = service.into();
        self.identity.address = address.unwrap_or_default();
        self
    }

    /// What else describes it: version, zone.
    pub fn metadata(mut self, metadata: HashMap<String, String>) -> Self {
        self.identity.metadata = metadata;
        self
    }

    /// Handles the tasks of a type, from JSON to JSON. The future is dropped when the worker no longer holds the attempt.
    ///
    /// An error fails the attempt, to be retried by the task's policy; [`HandlerError`] says otherwise. A panic fails it too. A payload that
    /// does not fit `I` fails the task for good, with the field.
    pub fn handle<I, O, F, R>(self, task_type: impl Into<String>, handler: F) -> Self
    where
        I: DeserializeOwned + Send + 'static,
        O: Serialize + 'static,
        F: Fn(I, Context) -> R + Send + Sync + 'static,
        R: Future<Output = Result<O, HandlerError>> + Send + 'static,
    {
        self.with(task_type.into(), json_handler(handler))
    }

    /// Handles the tasks of a type with bytes or messages as payload.
    pub fn handle_payload<F, R>(self, task_type: impl Into<String>, handler: F) -> Self
    where
        F: Fn(Option<Payload>, Context) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Option<Payload>, HandlerError>> + Send + 'static,
    {
        self.with(task_type.into(), payload_handler(handler))
    }

    /// Connects, and resolves when the server has welcomed the worker. Call it within a Tokio runtime, on which the handlers run; the
    /// stream has a thread of its own, so that a handler that blocks does not cost the lease.
    ///
    /// # Errors
    /// INVALID_ARGUMENT of what cannot be a worker; the server's refusal. While the server is out of reach it keeps trying.
    pub async fn start(self) -> Result<Worker, Error> {
        self.check()?;
        let Self { client, mut identity, capacity, handlers, .. } = self;
        identity.types = handlers.keys().cloned().collect();
        identity.types.sort();
        let id = identity.worker_id.clone();
        let (events, receiver) = mpsc::unbounded_channel();
        let (welcomed, welcome) = oneshot::channel();
        let (is_connected, connected) = watch::channel(false);
        let (end, ended) = watch::channel(None);
        let running = Arc::new(AtomicUsize::new(0));
        let attempts = Attempts::new(capacity, handlers, &id, events.clone(), Handle::current(), running.clone());
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| cannot_start(&error))?;
        std::thread::Builder::new()
            .name(format!("sitq-{id}"))
            .spawn(move || {
                let run =
                    async { Session::new(client, identity, attempts, receiver, welcomed, is_connected).run().await };
                end.send_replace(Some(runtime.block_on(run)));
            })
            .map_err(|error| cannot_start(&error))?;
        welcome.await.unwrap_or_else(|_| Err(Error::new(Code::Cancelled, "", "the worker has ended")))?;
        Ok(Worker { id, capacity, running, events, connected, ended })
    }

    /// Starts the worker, runs it until `shutdown` resolves, and stops it in order, with 30 s for its handlers.
    ///
    /// # Errors
    /// As `start`; and if the server refuses the worker for good meanwhile.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
        let worker = self.start().await?;
        tokio::select! {
            ended = worker.ended() => ended,
            () = shutdown => worker.stop().await,
        }
    }

    fn with(mut self, task_type: String, handler: Handler) -> Self {
        if self.handlers.insert(task_type.clone(), handler).is_some() {
            self.problem = Some(format!("handlers: the task type {task_type} has two"));
        }
        self
    }

    fn check(&self) -> Result<(), Error> {
        let problem = match &self.problem {
            Some(problem) => problem.clone(),
            None if self.handlers.is_empty() => "handlers: a worker needs one".into(),
            None if !(1..=10_000).contains(&self.capacity) => {
                format!("capacity: {} is not from 1 to 10000", self.capacity)
            }
            None => return Ok(()),
        };
        Err(Error::new(Code::InvalidArgument, "INVALID_OPTION", problem))
    }
}

fn cannot_start(error: &std::io::Error) -> Error {
    Error::new(Code::Internal, "", format!("the worker's thread cannot be started: {error}"))
}

/// A worker that was started. Dropping it does not stop it.
pub struct Worker {
    id: String,
    capacity: usize,
    running: Arc<AtomicUsize>,
    events: mpsc::UnboundedSender<Event>,
    connected: watch::Receiver<bool>,
    ended: watch::Receiver<Option<Result<(), Error>>>,
}

impl Worker {
    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How many handlers run at a time at most.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many handlers have not ended.
    pub fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    /// How many handlers have not ended, for another owner.
    #[cfg(feature = "orca")]
    pub(crate) fn running_count(&self) -> Arc<AtomicUsize> {
        self.running.clone()
    }

    /// Whether its stream is open now.
    pub fn is_connected(&self) -> bool {
        *self.connected.borrow()
    }

    /// Takes no more tasks, waits for its handlers, at most 30 s, releases the rest, and resolves when every outcome is settled.
    ///
    /// # Errors
    /// If the server had refused the worker for good.
    pub async fn stop(&self) -> Result<(), Error> {
        self.stop_within(GRACE).await
    }

    /// As [`Worker::stop`], with another time for the handlers. A second call with less hurries the first.
    ///
    /// # Errors
    /// As `stop`.
    pub async fn stop_within(&self, grace: Duration) -> Result<(), Error> {
        // A worker that has ended hears nothing.
        let _ = self.events.send(Event::Stop { grace });
        self.ended().await
    }

    /// Resolves when it has ended: stopped, or refused by the server for good.
    ///
    /// # Errors
    /// The refusal.
    pub async fn ended(&self) -> Result<(), Error> {
        let mut ended = self.ended.clone();
        let gone = |_| Error::new(Code::Internal, "", "the worker's thread has ended");
        let end = ended.wait_for(Option::is_some).await.map_err(gone)?.clone();
        end.unwrap_or(Ok(()))
    }
}
