use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use crate::contract::{work_request, TaskProgress};

/// How often one attempt's progress is sent.
const INTERVAL: Duration = Duration::from_secs(1);
/// The most reports of one message.
const MOST: usize = 500;

struct Report {
    attempt: i32,
    fraction: f64,
    message: String,
    is_due: bool,
    /// From when it may be sent.
    from: Instant,
}

/// What handlers last said of how far they are: the first report of each attempt goes out at once, then the newest once a second.
pub(crate) struct ProgressReports {
    reports: HashMap<String, Report>,
}

impl ProgressReports {
    pub(crate) fn new() -> Self {
        Self { reports: HashMap::new() }
    }

    pub(crate) fn report(&mut self, task_id: String, attempt: i32, fraction: f64, message: String) {
        let from = match self.reports.get(&task_id) {
            Some(report) if report.attempt == attempt => report.from,
            _ => Instant::now(),
        };
        self.reports.insert(task_id, Report { attempt, fraction, message, is_due: true, from });
    }

    /// Forgets a task whose handler has ended.
    pub(crate) fn forget(&mut self, task_id: &str) {
        if !self.reports.is_empty() {
            self.reports.remove(task_id);
        }
    }

    /// Sends everything again over the next stream.
    pub(crate) fn send_again(&mut self) {
        self.reports.values_mut().for_each(|report| report.is_due = true);
    }

    /// When the next report is to be sent.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.reports.values().filter(|report| report.is_due).map(|report| report.from).min()
    }

    /// The reports that are to be sent now.
    pub(crate) fn take(&mut self) -> Vec<work_request::Progress> {
        let now = Instant::now();
        let mut taken = Vec::new();
        for (task_id, report) in
            self.reports.iter_mut().filter(|(_, report)| report.is_due && report.from <= now).take(MOST)
        {
            report.is_due = false;
            report.from = now + INTERVAL;
            let progress =
                TaskProgress { fraction: report.fraction, message: report.message.clone(), ..TaskProgress::default() };
            taken.push(work_request::Progress {
                task_id: task_id.clone(),
                attempt: report.attempt,
                progress: Some(progress),
            });
        }
        taken
    }
}
