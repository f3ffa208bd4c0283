use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use tonic::{Code, Request};

use crate::{
    connect::{Client, Service, MAX_MESSAGE},
    contract::{
        queue_service_client::QueueServiceClient, AwaitTaskRequest, EnqueueBatchRequest, EnqueueRequest,
        GetTaskRequest, Task, TaskState,
    },
    enqueue_stream::{send_all, Item, Times},
    error::Error,
    new_task::{duration, NewTask},
    payload::from_payload,
    retry::retry,
    spans::Sending,
};

/// How long a call of AwaitTask waits on the server before it is made again.
const AWAIT: Duration = Duration::from_secs(60);

/// How a producer sends.
#[derive(Clone, Copy, Debug)]
pub struct ProducerOptions {
    /// How long an enqueue is repeated after its first failure. Default 30 s.
    pub retry_timeout: Duration,
    /// How long the server may be silent before what it did not answer is repeated. Default 10 s.
    pub call_timeout: Duration,
}

impl Default for ProducerOptions {
    fn default() -> Self {
        Self { retry_timeout: Duration::from_secs(30), call_timeout: Duration::from_secs(10) }
    }
}

/// A task that is on the server's disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enqueued {
    /// Its id.
    pub id: String,
    /// Whether this call stored it. False: there was one with the same request id or deduplication key.
    pub created: bool,
}

/// Enqueues tasks. Clones share one stream; tasks that are enqueued at the same time share a message. When the last clone is dropped,
/// what is under way is still answered.
#[derive(Clone)]
pub struct Producer {
    service: Service,
    has_others: bool,
    options: ProducerOptions,
    items: mpsc::Sender<Item>,
}

impl Producer {
    pub(crate) fn new(client: &Client, options: ProducerOptions) -> Self {
        let (items, receiver) = mpsc::channel(8192);
        let times = Times { retry: options.retry_timeout, silence: options.call_timeout };
        tokio::spawn(send_all(client.clone(), receiver, times));
        Self { service: client.service(), has_others: client.addresses().len() > 1, options, items }
    }

    /// Enqueues one task; resolves when it is on the server's disk. It is repeated while that may help, under the same request id.
    ///
    /// # Errors
    /// The server's refusal, with its reason and field; or the last failure, when the time for repeats is over.
    pub async fn enqueue(&self, task: NewTask) -> Result<Enqueued, Error> {
        let NewTask { mut request, is_own_id } = task;
        let mut sending = Sending::one(&mut request);
        let result = self.send(request, is_own_id).await;
        if let Ok(enqueued) = &result {
            sending.answered(0, Ok(&enqueued.id));
        }
        sending.end(result.as_ref().err());
        result
    }

    async fn send(&self, request: EnqueueRequest, is_own_id: bool) -> Result<Enqueued, Error> {
        let (answer, answered) = oneshot::channel();
        let item = Item { request, is_own_id, answer, until: None };
        let closed = || Error::new(Code::Unavailable, "CLOSED", "the runtime of the producer has ended");
        self.items.send(item).await.map_err(|_| closed())?;
        let result = answered.await.map_err(|_| closed())??;
        Ok(Enqueued { id: result.task_id, created: result.created })
    }

    /// Enqueues at most 1000 tasks in one transaction. `atomic`: all of them or none, else each is answered for itself, in order.
    ///
    /// # Errors
    /// If the batch as a whole is refused or not answered.
    pub async fn enqueue_all(&self, tasks: Vec<NewTask>, atomic: bool) -> Result<Vec<Result<Enqueued, Error>>, Error> {
        let mut requests: Vec<EnqueueRequest> = tasks.into_iter().map(|task| task.request).collect();
        let mut sending = Sending::all(&mut requests);
        let answers = self.send_all(EnqueueBatchRequest { requests, atomic }).await;
        for (place, answer) in answers.iter().flatten().enumerate() {
            sending.answered(place, answer.as_ref().map(|enqueued| enqueued.id.as_str()));
        }
        sending.end(answers.as_ref().err());
        answers
    }

    async fn send_all(&self, request: EnqueueBatchRequest) -> Result<Vec<Result<Enqueued, Error>>, Error> {
        let client = self.client();
        let call = || {
            let (mut client, request) = (client.clone(), request.clone());
            async move { client.enqueue_batch(request).await }
        };
        let answer = retry(self.has_others, self.deadline(), self.options.call_timeout, call).await?;
        let results = answer.results.into_iter().map(|result| match (result.error, result.task) {
            (None, Some(task)) => Ok(Enqueued { id: task.id, created: result.created }),
            (Some(status), _) => Err(Error::of_item(&status)),
            (None, None) => Err(Error::new(Code::Internal, "", "a result has neither a task nor an error")),
        });
        Ok(results.collect())
    }

    /// Waits until a task has ended, through restarts of the server, and answers it.
    ///
    /// # Errors
    /// NOT_FOUND, or the last failure when the server was out of reach for too long.
    pub async fn ended(&self, task_id: &str) -> Result<Task, Error> {
        let client = self.client();
        let request = AwaitTaskRequest { task_id: task_id.to_owned(), timeout: duration(AWAIT) };
        loop {
            let call = || {
                let (mut client, request) = (client.clone(), Request::new(request.clone()));
                async move { client.await_task(request).await }
            };
            // Some seconds beyond the wait.
            let answer =
                retry(self.has_others, self.deadline() + AWAIT, AWAIT + self.options.call_timeout, call).await?;
            let Some(task) = answer.task else { continue };
            if is_over(task.state()) {
                return Ok(task);
            }
        }
    }

    /// Waits until a task is completed, and answers its result.
    ///
    /// # Errors
    /// As `ended`; FAILED_PRECONDITION with `TASK_FAILED` if it ended otherwise, whose metadata have `task_id`, `attempt`, `state` and the
    /// `type` of its last error: `PAYLOAD_MISMATCH`; `PAYLOAD_MISMATCH` itself if the result is of another type.
    pub async fn result<T: DeserializeOwned>(&self, task_id: &str) -> Result<T, Error> {
        let task = self.ended(task_id).await?;
        if task.state() != TaskState::Completed {
            return Err(task_failed(&task));
        }
        // An ended task may come without its result.
        let result = match task.result {
            Some(result) => Some(result),
            None => self.task(task_id).await?.result,
        };
        from_payload(result.as_ref())
            .map_err(|error| Error::new(Code::FailedPrecondition, "PAYLOAD_MISMATCH", error.to_string()))
    }

    /// Reads a task, with its payload, result and attempts.
    ///
    /// # Errors
    /// NOT_FOUND, or the last failure.
    pub async fn task(&self, task_id: &str) -> Result<Task, Error> {
        let client = self.client();
        let call = || {
            let (mut client, task_id) = (client.clone(), task_id.to_owned());
            async move { client.get_task(GetTaskRequest { task_id }).await }
        };
        let answer = retry(self.has_others, self.deadline(), self.options.call_timeout, call).await?;
        answer.task.ok_or_else(|| Error::new(Code::Internal, "", "the answer has no task"))
    }

    fn client(&self) -> QueueServiceClient<Service> {
        QueueServiceClient::new(self.service.clone()).max_decoding_message_size(MAX_MESSAGE)
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.options.retry_timeout
    }
}

fn task_failed(task: &Task) -> Error {
    let how = if task.state() == TaskState::Cancelled { "cancelled" } else { "failed" };
    let (kind, why) =
        task.last_error.as_ref().map_or(("", ""), |error| (error.r#type.as_str(), error.message.as_str()));
    let attempts = if task.attempt == 1 { "1 attempt".into() } else { format!("{} attempts", task.attempt) };
    let text = format!("the task {} {how} after {attempts}: {why}", task.id);
    let mut error = Error::new(Code::FailedPrecondition, "TASK_FAILED", text);
    let facts = [
        ("task_id", task.id.clone()),
        ("attempt", task.attempt.to_string()),
        ("state", how.into()),
        ("type", kind.into()),
    ];
    error.metadata.extend(facts.map(|(name, value)| (name.to_owned(), value)));
    error
}

fn is_over(state: TaskState) -> bool {
    use TaskState::{Cancelled, Completed, Failed};
    matches!(state, Completed | Failed | Cancelled)
}
