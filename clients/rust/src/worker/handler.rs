use std::{
    any::type_name, error::Error as StdError, fmt, future::Future, panic::Location, pin::Pin, sync::Arc, time::Duration,
};

use serde::{de::DeserializeOwned, Serialize};
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::session::Event;
use crate::{
    contract::{outcome, Outcome, Payload, Task, TaskError},
    new_task::duration,
    payload::{check_depth, from_payload, to_payload, PayloadError},
};

/// Bounds of what an error may hold; the server cuts it too.
const MESSAGE_BYTES: usize = 8_192;
const TYPE_BYTES: usize = 256;
const STACK_BYTES: usize = 16_384;

/// What a handler knows beside its payload.
#[derive(Clone)]
pub struct Context {
    pub(crate) task: Arc<Task>,
    pub(crate) cancelled: CancellationToken,
    pub(crate) events: UnboundedSender<Event>,
}

impl Context {
    /// The task: its id, attempt, headers, origin, event, and the results of earlier steps. The payload is the handler's argument.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The id of the task.
    pub fn task_id(&self) -> &str {
        &self.task.id
    }

    /// The number of the attempt; the first is 1.
    pub fn attempt(&self) -> i32 {
        self.task.attempt
    }

    /// Whether the worker no longer holds the attempt: a blocking handler should look and stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.is_cancelled()
    }

    /// Reports how far the work is: 0 to 1, and what is being done. The first report is sent at once, later ones once a second.
    pub fn progress(&self, fraction: f64, message: impl Into<String>) {
        let (task_id, attempt) = (self.task.id.clone(), self.task.attempt);
        let fraction = if fraction.is_nan() { 0.0 } else { fraction.clamp(0.0, 1.0) };
        // A worker that has ended takes none.
        let _ = self.events.send(Event::Progress { task_id, attempt, fraction, message: cut(message.into(), 1024) });
    }
}

/// How an attempt fails. Every error converts into one that is retried by the task's policy.
#[derive(Debug)]
pub struct HandlerError {
    kind: Kind,
    error_type: String,
    message: String,
    stack_trace: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Failed { terminal: bool, retry_after: Option<Duration> },
    Released { delay: Option<Duration> },
}

impl HandlerError {
    /// Failed; retried by the task's policy.
    #[track_caller]
    pub fn failed(message: impl Into<String>) -> Self {
        Self::of(Kind::Failed { terminal: false, retry_after: None }, "Error", message)
    }

    /// Failed for good: it is not retried.
    #[track_caller]
    pub fn terminal(message: impl Into<String>) -> Self {
        Self::of(Kind::Failed { terminal: true, retry_after: None }, "Terminal", message)
    }

    /// Failed, to be retried after this delay.
    #[track_caller]
    pub fn retry_after(delay: Duration, message: impl Into<String>) -> Self {
        Self::of(Kind::Failed { terminal: false, retry_after: Some(delay) }, "RetryAfter", message)
    }

    /// Given back: the attempt does not count. It is offered again after the delay.
    #[track_caller]
    pub fn release(delay: Option<Duration>) -> Self {
        Self::of(Kind::Released { delay }, "", "")
    }

    /// Names the kind of failure, by which operators group them.
    pub fn with_type(mut self, error_type: impl Into<String>) -> Self {
        self.error_type = error_type.into();
        self
    }

    /// What Rust knows of a stack without a backtrace: where the error became one of the handler's.
    #[track_caller]
    fn of(kind: Kind, error_type: &str, message: impl Into<String>) -> Self {
        let stack_trace = format!("at {}\n", Location::caller());
        Self { kind, error_type: error_type.into(), message: message.into(), stack_trace }
    }

    pub(crate) fn into_outcome(self) -> outcome::Outcome {
        match self.kind {
            Kind::Released { delay } => {
                outcome::Outcome::Released(outcome::Released { delay: delay.and_then(duration), reason: String::new() })
            }
            Kind::Failed { terminal, retry_after } => outcome::Outcome::Failed(outcome::Failed {
                error: Some(TaskError {
                    r#type: cut(self.error_type, TYPE_BYTES),
                    message: cut(self.message, MESSAGE_BYTES),
                    stack_trace: cut(self.stack_trace, STACK_BYTES),
                }),
                terminal,
                retry_delay: retry_after.and_then(duration),
            }),
        }
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

// HandlerError itself is no std Error, so that every other error converts into it.
impl<E: StdError> From<E> for HandlerError {
    #[track_caller]
    fn from(error: E) -> Self {
        let mut causes = String::new();
        let mut source = error.source();
        for _ in 0..5 {
            let Some(cause) = source else { break };
            causes.push_str(&format!("caused by: {cause}\n"));
            source = cause.source();
        }
        // `std::io::error::Error` reads as it is; generic arguments are left out.
        let name = type_name::<E>().split('<').next().unwrap_or_default();
        let mut failed = Self::failed(error.to_string()).with_type(name);
        failed.stack_trace.push_str(&causes);
        failed
    }
}

pub(crate) type HandlerFuture = Pin<Box<dyn Future<Output = outcome::Outcome> + Send>>;

/// A handler, with its types out of sight.
pub(crate) type Handler = Arc<dyn Fn(Option<Payload>, Context) -> HandlerFuture + Send + Sync>;

/// Of a function between JSON values.
pub(crate) fn json_handler<I, O, F, R>(function: F) -> Handler
where
    I: DeserializeOwned + Send + 'static,
    O: Serialize + 'static,
    F: Fn(I, Context) -> R + Send + Sync + 'static,
    R: Future<Output = Result<O, HandlerError>> + Send + 'static,
{
    let function = Arc::new(function);
    Arc::new(move |payload, context| {
        let function = function.clone();
        Box::pin(async move {
            let input = match from_payload::<I>(payload.as_ref()) {
                Ok(input) => input,
                // Every other attempt would get the same payload.
                Err(error) => return failed_for_good("PAYLOAD_MISMATCH", error.to_string()),
            };
            match function(input, context).await {
                Err(error) => error.into_outcome(),
                Ok(result) => match to_payload(&result) {
                    Ok(result) => {
                        outcome::Outcome::Completed(outcome::Completed { result: Some(result), ..Default::default() })
                    }
                    Err(error) => unfit_result(&error),
                },
            }
        })
    })
}

/// Of a function between payloads.
pub(crate) fn payload_handler<F, R>(function: F) -> Handler
where
    F: Fn(Option<Payload>, Context) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Option<Payload>, HandlerError>> + Send + 'static,
{
    let function = Arc::new(function);
    Arc::new(move |payload, context| {
        let function = function.clone();
        Box::pin(async move {
            match function(payload, context).await {
                Ok(result) => match result.as_ref().map_or(Ok(()), check_depth) {
                    Ok(()) => outcome::Outcome::Completed(outcome::Completed { result, ..Default::default() }),
                    Err(error) => unfit_result(&error),
                },
                Err(error) => error.into_outcome(),
            }
        })
    })
}

fn unfit_result(error: &PayloadError) -> outcome::Outcome {
    failed_for_good("INVALID_RESULT", format!("the handler's result does not fit: {error}"))
}

/// A failure that no further attempt would mend.
pub(crate) fn failed_for_good(error_type: &str, message: impl Into<String>) -> outcome::Outcome {
    HandlerError::terminal(message).with_type(error_type).into_outcome()
}

/// A task that is given back.
pub(crate) fn released(reason: &str) -> outcome::Outcome {
    outcome::Outcome::Released(outcome::Released { delay: None, reason: reason.into() })
}

/// An attempt's outcome as a message.
pub(crate) fn outcome_of(task_id: &str, attempt: i32, outcome: outcome::Outcome) -> Outcome {
    Outcome { task_id: task_id.into(), attempt, outcome: Some(outcome) }
}

/// At most so many bytes, and no part of a character.
fn cut(mut text: String, bytes: usize) -> String {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_becomes_a_failure_with_its_type_message_and_causes() {
        let error = HandlerError::from(std::io::Error::other("no stock"));
        let outcome::Outcome::Failed(failed) = error.into_outcome() else { panic!("not failed") };
        let error = failed.error.unwrap();
        assert_eq!((error.r#type.as_str(), error.message.as_str()), ("std::io::error::Error", "no stock"));
        assert!(!failed.terminal);
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("яя".into(), 3), "я");
        assert_eq!(cut("ab".into(), 3), "ab");
    }
}
