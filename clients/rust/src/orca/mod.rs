//! Reports of the load of a gRPC server to its clients, at the end of each call and out of band: ORCA,
//! [gRFC A51](https://github.com/grpc/proposal/blob/master/A51-custom-backend-metrics.md). Clients with client-side weighted round robin
//! (A58) call the instances that have most room by them.
//!
//! ```no_run
//! # async fn example() -> Result<(), tonic::transport::Error> {
//! let reports = sitq::orca::LoadReports::new(50);
//! let server = tonic::transport::Server::builder().layer(reports.layer()).add_service(reports.service());
//! server.serve("127.0.0.1:8080".parse().unwrap()).await
//! # }
//! ```

mod calls;
mod meter;
mod service;

use std::{
    sync::{atomic::Ordering, Arc, Mutex, PoisonError},
    time::Instant,
};

use crate::Worker;
pub use calls::{CountedCalls, CountingLayer};
use meter::Meter;
pub use service::OpenRcaService;

/// `xds.data.orca.v3.OrcaLoadReport`, as far as it is used here, by its published numbers.
#[derive(Clone, PartialEq, prost::Message)]
struct OrcaLoadReport {
    #[prost(double, tag = "6")]
    rps_fractional: f64,
    #[prost(double, tag = "7")]
    eps: f64,
    #[prost(double, tag = "9")]
    application_utilization: f64,
}

/// The reports of one gRPC server. Clones share what they count.
///
/// Each has `application_utilization`, the share of the capacity that is taken: by tasks or what the application says, and by calls as a mean
/// over about five seconds; and `rps_fractional` and `eps`, how many calls began and failed by the server's fault in a second.
#[derive(Clone)]
pub struct LoadReports {
    capacity: usize,
    busy_with: Arc<dyn Fn() -> usize + Send + Sync>,
    calls: Arc<Mutex<Meter>>,
}

impl LoadReports {
    /// Those of a process that takes so many calls at a time, as it is registered.
    ///
    /// # Panics
    /// If the capacity is 0.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a capacity of 0 takes no calls");
        Self { capacity, busy_with: Arc::new(|| 0), calls: Arc::new(Mutex::new(Meter::new(Instant::now()))) }
    }

    /// Those of a process with a worker: its running tasks count, and the capacity is its own.
    pub fn of_worker(worker: &Worker) -> Self {
        let running = worker.running_count();
        Self::new(worker.capacity()).busy_with(move || running.load(Ordering::Relaxed))
    }

    /// What else the process is busy with, in calls, in place of a worker's tasks. It is asked for each report.
    #[must_use]
    pub fn busy_with(mut self, busy_with: impl Fn() -> usize + Send + Sync + 'static) -> Self {
        self.busy_with = Arc::new(busy_with);
        self
    }

    /// What the process has in hand now: calls, and tasks or what the application says.
    pub fn load(&self) -> usize {
        (self.busy_with)() + self.meter(|meter| meter.under_way()) as usize
    }

    /// For `tonic::transport::Server::layer`: counts the calls of the server, and reports at the end of each. Calls of gRPC's own services,
    /// such as health checks, do not count.
    pub fn layer(&self) -> CountingLayer {
        CountingLayer::new(self.clone())
    }

    /// For `add_service`: reports out of band to clients that ask for it.
    pub fn service(&self) -> OpenRcaService {
        OpenRcaService::new(self.clone())
    }

    fn report(&self) -> OrcaLoadReport {
        let rates = self.meter(|meter| meter.read(Instant::now()));
        // A capacity is far below what a double holds exactly.
        #[allow(clippy::cast_precision_loss)]
        let (busy, capacity) = ((self.busy_with)() as f64, self.capacity as f64);
        OrcaLoadReport {
            rps_fractional: rates.per_second,
            eps: rates.failed_per_second,
            application_utilization: (busy + rates.under_way) / capacity,
        }
    }

    fn meter<T>(&self, act: impl FnOnce(&mut Meter) -> T) -> T {
        act(&mut self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
