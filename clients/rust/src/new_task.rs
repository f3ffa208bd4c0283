use std::{collections::HashMap, time::Duration};

use serde::Serialize;
use uuid::Uuid;

use crate::{
    contract::{payload, Dispatch, DuplicatePolicy, EnqueueRequest, Payload, RetryPolicy, Task},
    payload::{to_payload, PayloadError},
};

/// A task to enqueue.
#[derive(Debug, Clone)]
pub struct NewTask {
    pub(crate) request: EnqueueRequest,
    pub(crate) is_own_id: bool,
}

impl NewTask {
    /// Without a payload.
    pub fn new(queue: impl Into<String>, task_type: impl Into<String>) -> Self {
        let task = Task { queue: queue.into(), r#type: task_type.into(), ..Task::default() };
        // Made once: every repeat has the same, so that nothing is stored twice.
        // One that grows with time: the server keeps them in order, and random ones cost it three times as much.
        let request_id = Uuid::now_v7().to_string();
        Self { request: EnqueueRequest { task: Some(task), request_id, ..Default::default() }, is_own_id: true }
    }

    /// With a JSON payload.
    ///
    /// # Errors
    /// If the value is no JSON, or has a whole number beyond 2^53.
    pub fn json<T: Serialize + ?Sized>(
        queue: impl Into<String>,
        task_type: impl Into<String>,
        payload: &T,
    ) -> Result<Self, PayloadError> {
        Ok(Self::new(queue, task_type).payload(to_payload(payload)?))
    }

    /// With these bytes as payload.
    pub fn binary(queue: impl Into<String>, task_type: impl Into<String>, payload: impl Into<Vec<u8>>) -> Self {
        let bytes: Vec<u8> = payload.into();
        Self::new(queue, task_type).payload(Payload { kind: Some(payload::Kind::Binary(bytes.into())) })
    }

    /// The payload.
    pub fn payload(self, payload: Payload) -> Self {
        self.with(|task| task.payload = Some(payload))
    }

    /// The idempotency key: a repeat with the same content finds the same task. Default: a UUID.
    pub fn request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request.request_id = request_id.into();
        self.is_own_id = false;
        self
    }

    /// What goes first; higher ones do. Default 0.
    pub fn priority(self, priority: i32) -> Self {
        self.with(|task| task.priority = priority)
    }

    /// When it may start, from now.
    pub fn delay(self, delay: Duration) -> Self {
        self.with(|task| task.delay = duration(delay))
    }

    /// How often it may be tried. Default: the queue's.
    pub fn max_attempts(self, max_attempts: i32) -> Self {
        self.with(|task| task.max_attempts = max_attempts)
    }

    /// The pauses between attempts. Default: the queue's.
    pub fn retry_policy(self, policy: RetryPolicy) -> Self {
        self.with(|task| task.retry_policy = Some(policy))
    }

    /// How long one attempt may run. Default: the queue's.
    pub fn attempt_timeout(self, attempt_timeout: Duration) -> Self {
        self.with(|task| task.attempt_timeout = duration(attempt_timeout))
    }

    /// How long it is of use; a task that has not started by then expires.
    pub fn time_to_live(self, time_to_live: Duration) -> Self {
        self.with(|task| task.time_to_live = duration(time_to_live))
    }

    /// Headers of the task.
    pub fn headers(self, headers: HashMap<String, String>) -> Self {
        self.with(|task| task.headers = headers)
    }

    /// What it belongs to.
    pub fn correlation_id(self, correlation_id: impl Into<String>) -> Self {
        self.with(|task| task.correlation_id = correlation_id.into())
    }

    /// At most one unfinished task of the queue has this key; `policy` says what happens to a second one.
    pub fn deduplication_key(mut self, key: impl Into<String>, policy: DuplicatePolicy) -> Self {
        self.request.duplicate_policy = policy.into();
        self.with(|task| task.deduplication_key = key.into())
    }

    /// How it is dispatched. Default: by its queue's strategy.
    pub fn dispatch(mut self, dispatch: Dispatch) -> Self {
        self.request.dispatch = Some(dispatch);
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Task)) -> Self {
        change(self.request.task.get_or_insert_default());
        self
    }
}

/// Beyond what a Duration of protobuf holds, the server refuses it with its field.
pub(crate) fn duration(span: Duration) -> Option<prost_types::Duration> {
    Some(span.try_into().unwrap_or(prost_types::Duration { seconds: i64::MAX, nanos: 0 }))
}
