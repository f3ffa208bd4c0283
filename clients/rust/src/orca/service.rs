use std::{
    convert::Infallible,
    future::{ready, Future, Ready},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{
    body::Body,
    codegen::{http, Service},
    server::{Grpc, NamedService, ServerStreamingService},
    Request, Response, Status,
};
use tonic_prost::ProstCodec;

use super::{LoadReports, OrcaLoadReport};

/// From one report to the next where the client does not say, at least and at most.
const INTERVAL: Duration = Duration::from_secs(10);
const LEAST_INTERVAL: Duration = Duration::from_secs(1);
const MOST_INTERVAL: Duration = Duration::from_secs(3_600);

/// `xds.service.orca.v3.OrcaLoadReportRequest`, as far as it is used here, by its published numbers.
#[derive(Clone, PartialEq, prost::Message)]
struct OrcaLoadReportRequest {
    #[prost(message, optional, tag = "1")]
    report_interval: Option<prost_types::Duration>,
}

/// `xds.service.orca.v3.OpenRcaService`: reports out of band to clients that ask for it.
#[derive(Clone)]
pub struct OpenRcaService {
    reports: LoadReports,
}

impl OpenRcaService {
    pub(super) fn new(reports: LoadReports) -> Self {
        Self { reports }
    }
}

impl NamedService for OpenRcaService {
    const NAME: &'static str = "xds.service.orca.v3.OpenRcaService";
}

impl Service<http::Request<Body>> for OpenRcaService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = StreamCoreMetrics(self.reports.clone());
        Box::pin(async move {
            if request.uri().path() != "/xds.service.orca.v3.OpenRcaService/StreamCoreMetrics" {
                return Ok(Status::unimplemented("the service has no such method").into_http());
            }
            let codec = ProstCodec::<OrcaLoadReport, OrcaLoadReportRequest>::default();
            Ok(Grpc::new(codec).server_streaming(method, request).await)
        })
    }
}

struct StreamCoreMetrics(LoadReports);

impl ServerStreamingService<OrcaLoadReportRequest> for StreamCoreMetrics {
    type Response = OrcaLoadReport;
    type ResponseStream = ReceiverStream<Result<OrcaLoadReport, Status>>;
    type Future = Ready<Result<Response<Self::ResponseStream>, Status>>;

    /// Reports at once, and again after each interval, as long as the client is there and reads.
    fn call(&mut self, request: Request<OrcaLoadReportRequest>) -> Self::Future {
        let asked =
            request.into_inner().report_interval.map_or(INTERVAL, |interval| interval.try_into().unwrap_or_default());
        let interval = asked.clamp(LEAST_INTERVAL, MOST_INTERVAL);
        let reports = self.0.clone();
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            while let Ok(place) = sender.reserve().await {
                place.send(Ok(reports.report()));
                tokio::select! {
                    () = sender.closed() => return,
                    () = tokio::time::sleep(interval) => {}
                }
            }
        });
        ready(Ok(Response::new(ReceiverStream::new(receiver))))
    }
}
