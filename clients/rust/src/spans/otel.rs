//! Spans by OpenTelemetry, and the trace that travels with tasks. They are made where the application has set a provider of tracers; names are
//! those of the semantic conventions for messaging: docs/tracing.md.

use std::{collections::HashMap, future::Future, str::FromStr};

use opentelemetry::{
    global::{self, BoxedSpan, BoxedTracer},
    trace::{
        FutureExt, Link, Span, SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags,
        TraceId, TraceState, Tracer,
    },
    Context, InstrumentationScope, KeyValue,
};
use prost_types::value::Kind;

use crate::{
    contract::{outcome, EnqueueRequest, Task},
    error::Error,
};

const SCHEMA: &str = "https://opentelemetry.io/schemas/1.44.0";
const PARENT: &str = "traceparent";
const STATE: &str = "tracestate";
/// The longest `tracestate` that is passed on: what W3C Trace Context has every system pass on.
const LONGEST_STATE: usize = 512;
/// The bounds of headers, within which those of a trace have to fit.
const MOST_HEADERS: usize = 64;
const MOST_BYTES: usize = 16_384;

/// The sending of tasks. Dropped before it is answered, it ends.
pub(crate) struct Sending {
    span: BoxedSpan,
    /// Of a batch: the spans in which its tasks are created; `None` in the place of one that names its own.
    created: Vec<Option<BoxedSpan>>,
}

impl Sending {
    /// Begins to send one task, which this span creates unless it names another one.
    pub(crate) fn one(request: &mut EnqueueRequest) -> Self {
        let tracer = tracer();
        let task = request.task.get_or_insert_default();
        let own = span_in(&task.headers);
        let kind = if own.is_some() { SpanKind::Client } else { SpanKind::Producer };
        let builder = builder("send", &task.queue, kind, facts(task)).with_links(links(own.clone()));
        let span = tracer.build_with_context(builder, &Context::current());
        if own.is_none() {
            add_trace(task, span.span_context());
        }
        Self { span, created: Vec::new() }
    }

    /// Begins to send a batch: in a span for each task, in which it is created, and one for the sending.
    pub(crate) fn all(requests: &mut [EnqueueRequest]) -> Self {
        let tracer = tracer();
        let mut created = Vec::with_capacity(requests.len());
        let mut linked = Vec::with_capacity(requests.len());
        for request in requests.iter_mut() {
            let task = request.task.get_or_insert_default();
            if let Some(own) = span_in(&task.headers) {
                linked.push(own);
                created.push(None);
                continue;
            }
            let builder = builder("create", &task.queue, SpanKind::Producer, facts(task));
            let span = tracer.build_with_context(builder, &Context::current());
            add_trace(task, span.span_context());
            linked.push(span.span_context().clone());
            created.push(Some(span));
        }
        let mut queues = requests.iter().filter_map(|request| request.task.as_ref()).map(|task| task.queue.as_str());
        let first = queues.next().unwrap_or_default();
        let common = if queues.all(|queue| queue == first) { first } else { "" };
        let count = i64::try_from(requests.len()).unwrap_or(i64::MAX);
        let facts = vec![KeyValue::new("messaging.batch.message_count", count)];
        let builder = builder("send", common, SpanKind::Client, facts).with_links(links(linked));
        Self { span: tracer.build_with_context(builder, &Context::current()), created }
    }

    /// Notes the id that the server gave to a task, or why it refused it.
    pub(crate) fn answered(&mut self, place: usize, answer: Result<&str, &Error>) {
        let span = if self.created.is_empty() { Some(&mut self.span) } else { self.created[place].as_mut() };
        let Some(span) = span else { return };
        match answer {
            Ok(id) => span.set_attribute(KeyValue::new("messaging.message.id", id.to_owned())),
            Err(error) => note(span, error),
        }
    }

    /// Ends it. `failure`: why nothing was sent.
    pub(crate) fn end(mut self, failure: Option<&Error>) {
        if let Some(error) = failure {
            note(&mut self.span, error);
        }
        // What is dropped ends.
    }
}

/// The span of an attempt.
pub(crate) struct Processing(Box<Attempt>);

struct Attempt {
    context: Context,
    is_recorded: bool,
    is_step: bool,
    queue: String,
    facts: Vec<KeyValue>,
    creation: Option<SpanContext>,
}

impl Processing {
    /// Begins an attempt, below the span that created its task.
    pub(crate) fn begin(task: &Task, worker_id: &str) -> Self {
        let created = span_in(&headers_of(task));
        let mut steps: Vec<_> = task.step_traceparents.iter().collect();
        steps.sort();
        let steps = steps.into_iter().filter_map(|(_, parent)| parse(parent, ""));
        let linked: Vec<SpanContext> = created.into_iter().chain(steps).collect();
        // A workflow that was not started in a trace goes on with that of its first step.
        let creation = linked.first().cloned();
        let parent = creation.clone().map_or_else(Context::new, |it| Context::new().with_remote_span_context(it));
        let mut facts = facts(task);
        facts.push(KeyValue::new("messaging.client.id", worker_id.to_owned()));
        facts.push(KeyValue::new("messaging.message.id", task.id.clone()));
        facts.push(KeyValue::new("sitq.task.attempt", i64::from(task.attempt)));
        let origin = task.origin.clone().unwrap_or_default();
        let is_step = !origin.workflow_id.is_empty();
        let texts = [
            ("messaging.destination.subscription.name", origin.subscription),
            ("sitq.event.id", origin.event_id),
            ("sitq.workflow.id", origin.workflow_id),
            ("sitq.workflow.step", origin.step_id),
        ];
        facts.extend(
            texts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| KeyValue::new(name, text)),
        );
        if origin.is_compensation {
            facts.push(KeyValue::new("sitq.workflow.compensation", true));
        }
        let builder = builder("process", &task.queue, SpanKind::Consumer, facts.clone()).with_links(links(linked));
        let span = tracer().build_with_context(builder, &parent);
        let is_recorded = span.is_recording();
        let context = parent.with_span(span);
        Self(Box::new(Attempt { context, is_recorded, is_step, queue: task.queue.clone(), facts, creation }))
    }

    /// A future that runs below the span.
    pub(crate) fn around<F: Future>(&self, future: F) -> impl Future<Output = F::Output> {
        future.with_context(self.0.context.clone())
    }

    /// Ends it with the outcome, which tells the steps that depend on this one of it, and begins the sending of that.
    pub(crate) fn end(self, outcome: &mut outcome::Outcome) -> Settling {
        let Attempt { context, is_recorded, is_step, queue, mut facts, creation } = *self.0;
        let span = context.span();
        let what = match outcome {
            outcome::Outcome::Completed(completed) => {
                if is_step && is_recorded {
                    completed.traceparent = written(span.span_context());
                }
                "completed"
            }
            outcome::Outcome::Failed(failed) => {
                let error = failed.error.clone().unwrap_or_default();
                let exception = [
                    KeyValue::new("exception.type", error.r#type.clone()),
                    KeyValue::new("exception.message", error.message.clone()),
                    KeyValue::new("exception.stacktrace", error.stack_trace),
                ];
                span.add_event("exception", exception.into());
                span.set_attribute(KeyValue::new("error.type", error.r#type));
                span.set_status(Status::error(error.message));
                "failed"
            }
            outcome::Outcome::Released(_) => "released",
        };
        let said = KeyValue::new("sitq.task.outcome", what);
        span.set_attribute(said.clone());
        span.end();
        if !is_recorded {
            return Settling::none();
        }
        facts.push(said);
        let builder = builder("settle", &queue, SpanKind::Client, facts).with_links(links(creation));
        Settling(Some(tracer().build_with_context(builder, &context)))
    }

    /// Ends it: the lease is gone.
    pub(crate) fn abandon(self) {
        let span = self.0.context.span();
        span.set_attribute(KeyValue::new("sitq.task.outcome", "abandoned"));
        span.set_attribute(KeyValue::new("error.type", "LEASE_LOST"));
        span.set_status(Status::error(""));
        span.end();
    }
}

/// The sending of an outcome, until the server has it on its disk: it ends when it is dropped.
pub(crate) struct Settling(Option<BoxedSpan>);

impl Settling {
    /// Of what is not traced.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Ends it, with why the outcome does not stand.
    pub(crate) fn fail(self, why: &str) {
        if let Some(mut span) = self.0 {
            span.set_attribute(KeyValue::new("error.type", why.to_owned()));
            span.set_status(Status::error(""));
        }
    }
}

fn tracer() -> BoxedTracer {
    global::tracer_with_scope(InstrumentationScope::builder("sitq").with_schema_url(SCHEMA).build())
}

fn builder(operation: &'static str, queue: &str, kind: SpanKind, mut facts: Vec<KeyValue>) -> SpanBuilder {
    facts.push(KeyValue::new("messaging.system", "sitq"));
    facts.push(KeyValue::new("messaging.operation.name", operation));
    facts.push(KeyValue::new("messaging.operation.type", operation));
    if queue.is_empty() {
        return SpanBuilder::from_name(operation).with_kind(kind).with_attributes(facts);
    }
    facts.push(KeyValue::new("messaging.destination.name", queue.to_owned()));
    SpanBuilder::from_name(format!("{operation} {queue}")).with_kind(kind).with_attributes(facts)
}

fn facts(task: &Task) -> Vec<KeyValue> {
    let mut facts = vec![KeyValue::new("sitq.task.type", task.r#type.clone())];
    if !task.correlation_id.is_empty() {
        facts.push(KeyValue::new("messaging.message.conversation_id", task.correlation_id.clone()));
    }
    facts
}

fn links(contexts: impl IntoIterator<Item = SpanContext>) -> Vec<Link> {
    contexts.into_iter().map(Link::with_context).collect()
}

/// The headers of the span that created a task: of a delivery, that published its event.
fn headers_of(task: &Task) -> HashMap<String, String> {
    let Some(event) = task.event.as_ref().filter(|_| !task.headers.contains_key(PARENT)) else {
        return task.headers.clone();
    };
    let text = |name: &str| match event.attributes.get(name)?.kind.as_ref()? {
        Kind::StringValue(text) => Some((name.to_owned(), text.clone())),
        _ => None,
    };
    [PARENT, STATE].into_iter().filter_map(text).collect()
}

/// The span that headers name.
fn span_in(headers: &HashMap<String, String>) -> Option<SpanContext> {
    parse(headers.get(PARENT)?, headers.get(STATE).map_or("", String::as_str))
}

/// Reads a `traceparent` of any version.
fn parse(parent: &str, state: &str) -> Option<SpanContext> {
    let mut parts = parent.split('-');
    let mut part = |length: usize| {
        let is_hex = |text: &&str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        parts.next().filter(|text| text.len() == length).filter(is_hex)
    };
    let (version, trace, span, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
    if version == "ff" || (version == "00" && parts.next().is_some()) {
        return None;
    }
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    let state = Some(state).filter(|state| state.len() <= LONGEST_STATE).unwrap_or_default();
    let state = TraceState::from_str(state).unwrap_or_default();
    let context = SpanContext::new(TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?, flags, true, state);
    context.is_valid().then_some(context)
}

/// A span as a `traceparent`.
fn written(span: &SpanContext) -> String {
    format!("00-{}-{}-0{}", span.trace_id(), span.span_id(), u8::from(span.is_sampled()))
}

/// Adds a span to the headers of a task, where it fits.
fn add_trace(task: &mut Task, span: &SpanContext) {
    if !span.is_valid() {
        return;
    }
    let mut headers = task.headers.clone();
    headers.remove(STATE);
    headers.insert(PARENT.to_owned(), written(span));
    let state = span.trace_state().header();
    if !state.is_empty() && state.len() <= LONGEST_STATE {
        headers.insert(STATE.to_owned(), state);
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if headers.len() <= MOST_HEADERS && bytes <= MOST_BYTES {
        task.headers = headers;
    }
}

fn note(span: &mut BoxedSpan, error: &Error) {
    let kind = if error.reason.is_empty() { format!("{:?}", error.code) } else { error.reason.clone() };
    span.set_attribute(KeyValue::new("error.type", kind));
    span.set_status(Status::error(error.message.clone()));
}
