use std::{
    any::Any,
    collections::{HashMap, HashSet, VecDeque},
    future::poll_fn,
    panic::{catch_unwind, AssertUnwindSafe},
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    task::Poll,
};

use tokio::{runtime::Handle, sync::mpsc::UnboundedSender};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{
    handler::{outcome_of, released, Context, Handler, HandlerError},
    session::Event,
};
use crate::{
    contract::{outcome, Outcome, Task, TaskLease},
    spans::{Processing, Settling},
};

struct Held {
    attempt: i32,
    /// `None`: no handler has begun.
    running: Option<CancellationToken>,
}

/// Runs the handlers of the tasks whose leases the worker holds, on the runtime of the program: never more than `capacity` at a time.
///
/// A handler whose lease is gone is dropped at its next await. Until then it takes a place, which the server counts as free; so tasks can wait.
pub(crate) struct Attempts {
    capacity: usize,
    handlers: HashMap<String, Handler>,
    worker_id: Arc<str>,
    events: UnboundedSender<Event>,
    runtime: Handle,
    held: HashMap<String, Held>,
    waiting: VecDeque<Task>,
    /// Shared with the worker, which shows it.
    running: Arc<AtomicUsize>,
    overstaying: usize,
    unknown_types: HashSet<String>,
    is_closed: bool,
}

impl Attempts {
    pub(crate) fn new(
        capacity: usize,
        handlers: HashMap<String, Handler>,
        worker_id: &str,
        events: UnboundedSender<Event>,
        runtime: Handle,
        running: Arc<AtomicUsize>,
    ) -> Self {
        Self {
            capacity,
            handlers,
            worker_id: worker_id.into(),
            events,
            runtime,
            held: HashMap::new(),
            waiting: VecDeque::new(),
            running,
            overstaying: 0,
            unknown_types: HashSet::new(),
            is_closed: false,
        }
    }

    /// Handlers that have not ended.
    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    /// What the server may hand out at a time: a handler that stays on after its lease is gone still takes a place.
    pub(crate) fn capacity(&self) -> usize {
        if self.is_closed {
            0
        } else {
            self.capacity.saturating_sub(self.overstaying)
        }
    }

    pub(crate) fn leases(&self) -> impl Iterator<Item = TaskLease> + '_ {
        self.held.iter().map(|(task_id, held)| TaskLease { task_id: task_id.clone(), attempt: held.attempt })
    }

    /// Takes tasks in. Answers the outcomes of those that no handler takes.
    pub(crate) fn accept(&mut self, tasks: Vec<Task>) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for task in tasks {
            match self.held.get(&task.id) {
                Some(held) if held.attempt == task.attempt => continue,
                // The server knows best: a newer attempt means that the older one is over.
                Some(held) => self.give_up(&TaskLease { task_id: task.id.clone(), attempt: held.attempt }),
                None => {}
            }
            if self.is_closed {
                outcomes.push(outcome_of(&task.id, task.attempt, released("")));
            } else if !self.handlers.contains_key(&task.r#type) {
                if self.unknown_types.insert(task.r#type.clone()) {
                    warn!(r#type = %task.r#type, "no handler for this type of task; its tasks are released");
                }
                outcomes.push(outcome_of(&task.id, task.attempt, released("NO_HANDLER")));
            } else {
                self.held.insert(task.id.clone(), Held { attempt: task.attempt, running: None });
                self.waiting.push_back(task);
            }
        }
        self.begin_waiting();
        outcomes
    }

    /// Gives up a lease, and cancels its handler. Unknown ones are passed over.
    pub(crate) fn give_up(&mut self, lease: &TaskLease) {
        if self.held.get(&lease.task_id).is_none_or(|held| held.attempt != lease.attempt) {
            return;
        }
        let held = self.held.remove(&lease.task_id);
        if let Some(token) = held.and_then(|held| held.running) {
            self.overstaying += 1;
            token.cancel();
        }
    }

    /// Notes that a handler has ended. Answers the outcome that counts, with the span of its sending: none if the lease is gone.
    pub(crate) fn ended(
        &mut self,
        task_id: &str,
        attempt: i32,
        outcome: Option<outcome::Outcome>,
        span: Processing,
    ) -> Option<(Outcome, Settling)> {
        self.running.fetch_sub(1, Ordering::Relaxed);
        let is_held = self.held.get(task_id).is_some_and(|held| held.attempt == attempt && held.running.is_some());
        let answer = if is_held {
            self.held.remove(task_id);
            // It was cancelled by this side, when the worker stops.
            let mut outcome = outcome.unwrap_or_else(|| released(""));
            if let outcome::Outcome::Failed(failed) = &outcome {
                let error = failed.error.as_ref().map(|error| error.message.as_str()).unwrap_or_default();
                warn!(task_id, attempt, terminal = failed.terminal, "a task failed: {error}");
            }
            let settling = span.end(&mut outcome);
            Some((outcome_of(task_id, attempt, outcome), settling))
        } else {
            span.abandon();
            self.overstaying -= 1;
            None
        };
        self.begin_waiting();
        answer
    }

    /// Takes no more tasks. Answers the releases of those that no handler has begun.
    pub(crate) fn close(&mut self) -> Vec<Outcome> {
        self.is_closed = true;
        self.waiting.clear();
        let idle = self.held.iter().filter(|(_, held)| held.running.is_none());
        let leases: Vec<(String, i32)> = idle.map(|(task_id, held)| (task_id.clone(), held.attempt)).collect();
        for (task_id, _) in &leases {
            self.held.remove(task_id);
        }
        leases.iter().map(|(task_id, attempt)| outcome_of(task_id, *attempt, released(""))).collect()
    }

    /// Cancels every handler; its task is released when it has ended.
    pub(crate) fn cancel_all(&self) {
        self.held.values().filter_map(|held| held.running.as_ref()).for_each(CancellationToken::cancel);
    }

    /// Gives up everything. Answers the releases.
    pub(crate) fn release_all(&mut self) -> Vec<Outcome> {
        let leases: Vec<TaskLease> = self.leases().collect();
        for lease in &leases {
            self.give_up(lease);
        }
        leases.iter().map(|lease| outcome_of(&lease.task_id, lease.attempt, released(""))).collect()
    }

    fn begin_waiting(&mut self) {
        while self.running() < self.capacity {
            let Some(task) = self.waiting.pop_front() else { return };
            let Some(held) = self.held.get_mut(&task.id).filter(|held| held.attempt == task.attempt) else { continue };
            let Some(handler) = self.handlers.get(&task.r#type).cloned() else { continue };
            let token = CancellationToken::new();
            held.running = Some(token.clone());
            self.running.fetch_add(1, Ordering::Relaxed);
            let span = Processing::begin(&task, &self.worker_id);
            self.runtime.spawn(run(task, handler, token, span, self.events.clone()));
        }
    }
}

/// Runs a handler until it has ended or is cancelled, and says so, whatever it does.
async fn run(
    mut task: Task,
    handler: Handler,
    token: CancellationToken,
    span: Processing,
    events: UnboundedSender<Event>,
) {
    let (task_id, attempt) = (task.id.clone(), task.attempt);
    let payload = task.payload.take();
    let context = Context { task: Arc::new(task), cancelled: token.clone(), events: events.clone() };
    let guarded = async {
        let mut future = match catch_unwind(AssertUnwindSafe(|| handler(payload, context))) {
            Ok(future) => future,
            Err(panic) => return panicked(&*panic),
        };
        poll_fn(move |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(poll) => poll,
            Err(panic) => Poll::Ready(panicked(&*panic)),
        })
        .await
    };
    let outcome = tokio::select! {
        biased;
        outcome = span.around(guarded) => Some(outcome),
        () = token.cancelled() => None,
    };
    // A worker that has ended waits for nobody.
    let _ = events.send(Event::Ended { task_id, attempt, outcome, span });
}

fn panicked(panic: &(dyn Any + Send)) -> outcome::Outcome {
    let text =
        panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
    HandlerError::failed(text.unwrap_or_else(|| "the handler panicked".into())).with_type("panic").into_outcome()
}
