//! Reports of load, read by a client of gRPC for Rust.
#![cfg(feature = "orca")]

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    task::{Context, Poll},
};

use prost::Message;
use sitq::{orca::LoadReports, testing::Server, HandlerError, NewTask};
use tokio::sync::Notify;
use tonic::{
    body::Body,
    codegen::{http, Service},
    metadata::MetadataMap,
    server::{Grpc, NamedService, UnaryService},
    transport::{server::TcpIncoming, Channel},
    Code, Request, Response, Status,
};
use tonic_prost::ProstCodec;

/// What a report says, by the published numbers of its fields.
#[derive(Clone, Copy, PartialEq, Message)]
struct Report {
    #[prost(double, tag = "6")]
    per_second: f64,
    #[prost(double, tag = "7")]
    failed_per_second: f64,
    #[prost(double, tag = "9")]
    utilization: f64,
}

/// Asks for reports as often as there are any.
#[derive(Clone, PartialEq, Message)]
struct ReportRequest {
    #[prost(message, optional, tag = "1")]
    report_interval: Option<prost_types::Duration>,
}

type Answers = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Response<()>, Status>> + Send>> + Send + Sync>;

/// A service with one method, which answers as it is told.
#[derive(Clone)]
struct Shop(Answers);

impl NamedService for Shop {
    const NAME: &'static str = "test.Shop";
}

impl UnaryService<()> for Shop {
    type Response = ();
    type Future = Pin<Box<dyn Future<Output = Result<Response<()>, Status>> + Send>>;

    fn call(&mut self, _: Request<()>) -> Self::Future {
        (self.0)()
    }
}

impl Service<http::Request<Body>> for Shop {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = self.clone();
        Box::pin(async move { Ok(Grpc::new(ProstCodec::<(), ()>::default()).unary(method, request).await) })
    }
}

/// Serves with reports until the end of the test, and connects.
async fn serve<F>(reports: &LoadReports, answer: impl Fn() -> F + Send + Sync + 'static) -> Channel
where
    F: Future<Output = Result<(), Status>> + Send + 'static,
{
    let answers: Answers = Arc::new(move || {
        let answering = answer();
        Box::pin(async move { answering.await.map(Response::new) })
    });
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = incoming.local_addr().unwrap();
    let server = tonic::transport::Server::builder()
        .layer(reports.layer())
        .add_service(reports.service())
        .add_service(Shop(answers));
    tokio::spawn(server.serve_with_incoming(incoming));
    Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

fn report_in(metadata: &MetadataMap) -> Report {
    let report = metadata.get_bin("endpoint-load-metrics-bin").expect("a report").to_bytes().unwrap();
    Report::decode(report).unwrap()
}

/// How a call ended, with its report.
async fn call(channel: &Channel) -> (Code, Report) {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/test.Shop/Name");
    match client.unary(Request::new(()), path, ProstCodec::<(), ()>::default()).await {
        Ok(response) => (Code::Ok, report_in(response.metadata())),
        Err(status) => (status.code(), report_in(status.metadata())),
    }
}

/// The first reports out of band.
async fn out_of_band(channel: &Channel, count: usize) -> Vec<Report> {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/xds.service.orca.v3.OpenRcaService/StreamCoreMetrics");
    let request = ReportRequest { report_interval: Some(prost_types::Duration::default()) };
    let codec = ProstCodec::<ReportRequest, Report>::default();
    let mut reports = client.server_streaming(Request::new(request), path, codec).await.unwrap().into_inner();
    let mut found = Vec::new();
    while found.len() < count {
        found.push(reports.message().await.unwrap().expect("a report"));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tasks_of_a_worker_are_the_load_of_its_process() {
    let server = Server::start();
    let client = server.client();
    let (begun, over) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (handler_begun, handler_over) = (begun.clone(), over.clone());
    let worker = client
        .worker(["mail"])
        .capacity(10)
        .handle("send", move |_: Option<u8>, _| {
            let (begun, over) = (handler_begun.clone(), handler_over.clone());
            async move {
                begun.notify_one();
                over.notified().await;
                Ok::<_, HandlerError>(())
            }
        })
        .start()
        .await
        .unwrap();
    let channel = serve(&LoadReports::of_worker(&worker), || async { Ok(()) }).await;
    assert_eq!(out_of_band(&channel, 1).await, [Report { per_second: 0.0, failed_per_second: 0.0, utilization: 0.0 }]);
    for _ in 0..3 {
        client.producer().enqueue(NewTask::new("mail", "send")).await.unwrap();
        begun.notified().await;
    }
    for report in out_of_band(&channel, 2).await {
        assert!((report.utilization - 0.3).abs() < 1e-9);
    }
    let (code, report) = call(&channel).await;
    assert_eq!(code, Code::Ok);
    assert!(report.utilization >= 0.3 && report.utilization < 0.4, "{report:?}");
    assert!(report.per_second > 0.0);
    for _ in 0..3 {
        over.notify_one();
    }
    worker.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_and_what_the_application_says_are_the_load_without_a_worker() {
    let reports = LoadReports::new(4).busy_with(|| 2);
    let (begun, over) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (handler_begun, handler_over) = (begun.clone(), over.clone());
    let channel = serve(&reports, move || {
        let (begun, over) = (handler_begun.clone(), handler_over.clone());
        async move {
            begun.notify_one();
            over.notified().await;
            Ok(())
        }
    })
    .await;
    assert!((out_of_band(&channel, 1).await[0].utilization - 0.5).abs() < 1e-9);
    let calling = tokio::spawn({
        let channel = channel.clone();
        async move { call(&channel).await }
    });
    begun.notified().await;
    assert_eq!(reports.load(), 3);
    over.notify_one();
    assert!(calling.await.unwrap().1.per_second > 0.0);
    assert_eq!(reports.load(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_fail_by_the_servers_fault_are_reported_as_errors() {
    let reports = LoadReports::new(4);
    let count = Arc::new(AtomicUsize::new(0));
    let channel = serve(&reports, move || {
        let codes = [Code::NotFound, Code::Internal, Code::Ok];
        let code = codes[count.fetch_add(1, Ordering::Relaxed)];
        async move {
            match code {
                Code::Ok => Ok(()),
                code => Err(Status::new(code, "no")),
            }
        }
    })
    .await;
    let (first, second, third) = (call(&channel).await, call(&channel).await, call(&channel).await);
    assert_eq!((first.0, second.0, third.0), (Code::NotFound, Code::Internal, Code::Ok));
    assert!(first.1.failed_per_second < f64::EPSILON);
    assert!(second.1.failed_per_second >= 0.49 * second.1.per_second, "{second:?}");
    assert!(third.1.failed_per_second > 0.0 && third.1.failed_per_second < 0.5 * third.1.per_second, "{third:?}");
    assert_eq!(reports.load(), 0);
}
