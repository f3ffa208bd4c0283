//! Spans by OpenTelemetry, with a real server.
#![cfg(feature = "otel")]

use std::{collections::HashMap, time::Duration};

use opentelemetry::{global, trace::SpanKind};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use sitq::{
    contract::{
        workflow_service_client::WorkflowServiceClient, GetWorkflowRequest, StartWorkflowRequest, WorkflowStep,
    },
    testing::Server,
    Client, HandlerError, NewTask,
};

/// In short, sorted: the kind, the name, the names of the span above and of those that it links to.
fn lines(spans: &[SpanData]) -> Vec<String> {
    let names: HashMap<_, _> = spans.iter().map(|span| (span.span_context.span_id(), span.name.as_ref())).collect();
    let mut lines: Vec<String> = spans
        .iter()
        .map(|span| {
            let above = names.get(&span.parent_span_id).unwrap_or(&"nothing");
            let links = span
                .links
                .iter()
                .map(|link| format!(", links to {}", names.get(&link.span_context.span_id()).unwrap_or(&"unknown")));
            format!("{:?} {} below {above}{}", span.span_kind, span.name, links.collect::<String>())
        })
        .collect();
    lines.sort();
    lines
}

fn attribute(span: &SpanData, name: &str) -> String {
    span.attributes.iter().find(|each| each.key.as_str() == name).map(|each| each.value.to_string()).unwrap_or_default()
}

/// One test, since the provider of tracers is the program's.
#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_from_the_producer_through_handlers_to_what_they_enqueue_and_from_step_to_step() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    global::set_tracer_provider(provider);
    let server = Server::start();
    let client = server.client();

    follow_a_task(&client).await;
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(
        lines(&spans),
        [
            "Client send next below process orders, links to create next, links to create next",
            "Client settle orders below process orders, links to send orders",
            "Client settle orders below process orders, links to send orders",
            "Consumer process orders below send orders, links to send orders",
            "Consumer process orders below send orders, links to send orders",
            "Producer create next below process orders",
            "Producer create next below process orders",
            "Producer send next below process orders",
            "Producer send orders below nothing",
        ]
    );
    for span in spans.iter().filter(|span| span.name.ends_with("orders")) {
        assert_eq!(attribute(span, "messaging.message.conversation_id"), "order-7");
        assert_eq!(attribute(span, "sitq.task.type"), "pack");
        let is_failed = span.span_kind == SpanKind::Consumer && attribute(span, "sitq.task.outcome") == "failed";
        assert_eq!(attribute(span, "error.type"), if is_failed { "NoBox" } else { "" });
    }

    exporter.reset();
    follow_a_workflow(&client).await;
    assert_eq!(
        // It was started outside of any trace: the second step goes on with that of the first.
        lines(&exporter.get_finished_spans().unwrap()),
        [
            "Client settle steps below process steps",
            "Client settle steps below process steps, links to process steps",
            "Consumer process steps below nothing",
            "Consumer process steps below process steps, links to process steps",
        ]
    );

    exporter.reset();
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let headers = HashMap::from([("traceparent".to_owned(), parent.to_owned())]);
    let producer = client.producer();
    let task = producer.enqueue(NewTask::new("own", "pack").headers(headers)).await.unwrap();
    assert_eq!(producer.task(&task.id).await.unwrap().headers["traceparent"], parent);
    let expected = ["Client send own below nothing, links to unknown"];
    assert_eq!(lines(&exporter.get_finished_spans().unwrap()), expected);
}

async fn follow_a_task(client: &Client) {
    let producer = client.producer();
    let inner = producer.clone();
    let worker = client
        .worker(["orders"])
        .handle("pack", move |_: (), context| {
            let producer = inner.clone();
            async move {
                if context.attempt() == 1 {
                    return Err(HandlerError::retry_after(Duration::ZERO, "no box").with_type("NoBox"));
                }
                producer.enqueue_all(vec![NewTask::new("next", "a"), NewTask::new("next", "b")], false).await?;
                Ok(producer.enqueue(NewTask::new("next", "c")).await?.id)
            }
        })
        .start()
        .await
        .unwrap();
    let task = producer.enqueue(NewTask::new("orders", "pack").correlation_id("order-7")).await.unwrap();
    producer.result::<String>(&task.id).await.unwrap();
    worker.stop().await.unwrap();
}

async fn follow_a_workflow(client: &Client) {
    let worker = client.worker(["steps"]).handle("step", |_: (), _| async { Ok("done") }).start().await.unwrap();
    let step = |id: &str, depends_on: Vec<String>| WorkflowStep {
        step_id: id.into(),
        service_name: "steps".into(),
        action: "step".into(),
        depends_on,
        ..Default::default()
    };
    let mut workflows = WorkflowServiceClient::new(client.service());
    let steps = vec![step("a", vec![]), step("b", vec!["a".into()])];
    let request = StartWorkflowRequest { name: "chain".into(), steps, ..Default::default() };
    let started = workflows.start_workflow(request).await.unwrap().into_inner().workflow.unwrap();
    let request = GetWorkflowRequest { workflow_id: started.id };
    let found = workflows.get_workflow(request).await.unwrap().into_inner().workflow.unwrap();
    client.producer().ended(&found.steps[1].task_id).await.unwrap();
    worker.stop().await.unwrap();
}
