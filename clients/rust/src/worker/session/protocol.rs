//! What a session says and hears, over any number of streams.

use tokio::{
    sync::mpsc::{self, error::TrySendError},
    time::Instant,
};
use tonic::Code;
use tracing::{info, warn};

use super::{Event, Session, Stop, CANCEL_GRACE, MOST_HELD, SETTLE};
use crate::{
    contract::{work_request, work_response, DrainReason, TaskLease, WorkRequest, WorkResponse},
    error::Error,
};

impl Session {
    /// Logs why a stream has ended, once for each reason in a row.
    pub(super) fn say_disconnected(&mut self, error: &Error) {
        if self.said.replace(error.reason.clone()).is_none_or(|said| said != error.reason) {
            warn!("the worker {} is disconnected, trying again: {error}", self.identity.worker_id);
        }
    }

    /// Sends what is to be said, as far as there is room. Answers whether anything was sent.
    pub(super) fn flush(&mut self, sender: &mpsc::Sender<WorkRequest>) -> Result<bool, Error> {
        let mut has_spoken = false;
        while sender.capacity() > 0 {
            let capacity = self.attempts.capacity();
            let message = if capacity != self.announced {
                self.announced = capacity;
                work_request::Message::Capacity(work_request::Capacity {
                    n: i32::try_from(capacity).unwrap_or(i32::MAX),
                })
            } else {
                let outcomes = self.outbox.take();
                let progress = if outcomes.is_empty() { self.progress.take() } else { Vec::new() };
                match (outcomes.is_empty(), progress.is_empty()) {
                    (false, _) => work_request::Message::Outcomes(work_request::Outcomes { outcomes }),
                    (true, false) => work_request::Message::Heartbeat(work_request::Heartbeat { progress }),
                    (true, true) => break,
                }
            };
            say(sender, message)?;
            has_spoken = true;
        }
        Ok(has_spoken)
    }

    /// Takes a message of the server; answers whether it is owed a heartbeat. Unknown kinds read as none.
    pub(super) fn on_message(&mut self, response: WorkResponse) -> bool {
        match response.message {
            Some(work_response::Message::Tasks(tasks)) => {
                for task in &tasks.tasks {
                    self.outbox.forget(&task.id);
                }
                for outcome in self.attempts.accept(tasks.tasks) {
                    self.outbox.add(outcome);
                }
                false
            }
            Some(work_response::Message::Settled(settled)) => {
                self.outbox.settled(&settled.outcomes);
                false
            }
            Some(work_response::Message::Cancel(cancel)) => {
                for task in cancel.tasks {
                    self.attempts.give_up(&TaskLease { task_id: task.task_id, attempt: task.attempt });
                }
                false
            }
            Some(work_response::Message::Drain(drain)) => {
                if drain.reason() == DrainReason::ServerStopping {
                    self.look_for_another_server();
                }
                info!("the server is draining: it sends no more tasks to the worker {}", self.identity.worker_id);
                false
            }
            Some(work_response::Message::Heartbeat(_)) => true,
            Some(work_response::Message::Welcome(_)) | None => false,
        }
    }

    pub(super) fn on_event(&mut self, event: Event) {
        match event {
            Event::Ended { task_id, attempt, outcome, span } => {
                self.progress.forget(&task_id);
                if let Some((outcome, settling)) = self.attempts.ended(&task_id, attempt, outcome, span) {
                    self.outbox.settle(outcome, settling);
                }
            }
            Event::Progress { task_id, attempt, fraction, message } => {
                self.progress.report(task_id, attempt, fraction, message);
            }
            Event::Stop { grace } => {
                let cancel = Instant::now() + grace;
                let deadlines = [cancel, cancel + CANCEL_GRACE, cancel + CANCEL_GRACE + SETTLE];
                let stop = self.stop.get_or_insert(Stop { deadlines, passed: 0 });
                for (earlier, later) in stop.deadlines.iter_mut().zip(deadlines).skip(stop.passed) {
                    *earlier = later.min(*earlier);
                }
                for outcome in self.attempts.close() {
                    self.outbox.add(outcome);
                }
            }
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.stop.as_ref().and_then(|stop| stop.deadlines.get(stop.passed).copied())
    }

    /// One step of a stop: cancels the handlers, then gives them up, then everything.
    pub(super) fn pass_deadline(&mut self) {
        let Some(stop) = self.stop.as_mut() else { return };
        stop.passed += 1;
        match stop.passed {
            1 => self.attempts.cancel_all(),
            2 => {
                for outcome in self.attempts.release_all() {
                    self.outbox.add(outcome);
                }
            }
            _ => self.outbox.abandon(),
        }
    }

    /// Whether a stop is at its end: no handler whose outcome counts, and everything settled.
    pub(super) fn is_done(&self) -> bool {
        self.stop.is_some() && self.attempts.leases().next().is_none() && self.outbox.is_empty()
    }

    pub(super) fn hello(&mut self) -> WorkRequest {
        self.announced = self.attempts.capacity();
        let held = self.outbox.leases().chain(self.attempts.leases()).take(MOST_HELD).collect();
        let capacity = i32::try_from(self.announced).unwrap_or(i32::MAX);
        let hello = work_request::Hello { held, capacity, ..self.identity.clone() };
        WorkRequest { message: Some(work_request::Message::Hello(hello)) }
    }
}

/// Sends a message if there is room. Answers whether there was.
pub(super) fn say(sender: &mpsc::Sender<WorkRequest>, message: work_request::Message) -> Result<bool, Error> {
    match sender.try_send(WorkRequest { message: Some(message) }) {
        Ok(()) => Ok(true),
        Err(TrySendError::Full(_)) => Ok(false),
        Err(TrySendError::Closed(_)) => Err(closed()),
    }
}

pub(super) fn closed() -> Error {
    Error::new(Code::Unavailable, "", "the stream has ended")
}
