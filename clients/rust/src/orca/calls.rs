use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use http_body::{Frame, SizeHint};
use prost::Message;
use tonic::{
    body::Body,
    codegen::{http, Bytes, Service},
    metadata::{BinaryMetadataValue, MetadataMap},
    Code, Status,
};
use tower_layer::Layer;

use super::LoadReports;

const TRAILER: &str = "endpoint-load-metrics-bin";

/// Counts the calls of a server, and reports at the end of each.
#[derive(Clone)]
pub struct CountingLayer {
    reports: LoadReports,
}

impl CountingLayer {
    pub(super) fn new(reports: LoadReports) -> Self {
        Self { reports }
    }
}

impl<S> Layer<S> for CountingLayer {
    type Service = CountedCalls<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CountedCalls { inner, reports: self.reports.clone() }
    }
}

/// A service whose calls are counted. Made by [`CountingLayer`].
#[derive(Clone)]
pub struct CountedCalls<S> {
    inner: S,
    reports: LoadReports,
}

impl<S, B> Service<http::Request<B>> for CountedCalls<S>
where
    S: Service<http::Request<B>, Response = http::Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let path = request.uri().path();
        // What gRPC and xDS ask for by themselves is not work: health checks, reflection, these reports.
        if path.starts_with("/grpc.") || path.starts_with("/xds.") {
            return Box::pin(self.inner.call(request));
        }
        let mut call = Call::begin(self.reports.clone());
        let answering = self.inner.call(request);
        Box::pin(async move {
            let response = answering.await?;
            let (mut parts, body) = response.into_parts();
            // Of a call that is refused at once the status stands here.
            if parts.headers.contains_key("grpc-status") {
                call.report_in(&mut parts.headers);
            }
            Ok(http::Response::from_parts(parts, Body::new(ReportingBody { body, call })))
        })
    }
}

/// A call, until it has ended or is dropped because its client has left.
struct Call {
    reports: LoadReports,
    is_over: bool,
}

impl Call {
    fn begin(reports: LoadReports) -> Self {
        reports.meter(|meter| meter.begin(Instant::now()));
        Self { reports, is_over: false }
    }

    fn end(&mut self, has_failed: bool) {
        if !std::mem::replace(&mut self.is_over, true) {
            self.reports.meter(|meter| meter.end(Instant::now(), has_failed));
        }
    }

    /// Ends the call as its trailers say, and adds the report to them.
    fn report_in(&mut self, trailers: &mut http::HeaderMap) {
        self.end(is_failure(Status::from_header_map(trailers).map_or(Code::Unknown, |status| status.code())));
        let mut metadata = MetadataMap::with_capacity(1);
        metadata.insert_bin(TRAILER, BinaryMetadataValue::from_bytes(&self.reports.report().encode_to_vec()));
        trailers.extend(metadata.into_headers());
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end(false);
    }
}

/// Whether the server is to blame, or another instance might have done better: clients call one that reports errors the less.
fn is_failure(code: Code) -> bool {
    matches!(
        code,
        Code::Unknown
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
    )
}

/// A response whose trailers get the report.
struct ReportingBody {
    body: Body,
    call: Call,
}

impl http_body::Body for ReportingBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match polled {
            Poll::Ready(Some(Ok(mut frame))) => {
                if let Some(trailers) = frame.trailers_mut() {
                    self.call.report_in(trailers);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
