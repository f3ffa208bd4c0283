//! In the place of `otel.rs` without the feature `otel`: nothing is traced, and nothing of it is left in the program.

use std::future::Future;

use crate::{
    contract::{outcome, EnqueueRequest, Task},
    error::Error,
};

pub(crate) struct Sending;

impl Sending {
    pub(crate) fn one(_request: &mut EnqueueRequest) -> Self {
        Self
    }

    pub(crate) fn all(_requests: &mut [EnqueueRequest]) -> Self {
        Self
    }

    pub(crate) fn answered(&mut self, _place: usize, _answer: Result<&str, &Error>) {}

    pub(crate) fn end(self, _failure: Option<&Error>) {}
}

pub(crate) struct Processing;

impl Processing {
    pub(crate) fn begin(_task: &Task, _worker_id: &str) -> Self {
        Self
    }

    pub(crate) fn around<F: Future>(&self, future: F) -> F {
        future
    }

    pub(crate) fn end(self, _outcome: &mut outcome::Outcome) -> Settling {
        Settling
    }

    pub(crate) fn abandon(self) {}
}

pub(crate) struct Settling;

impl Settling {
    pub(crate) fn none() -> Self {
        Self
    }

    pub(crate) fn fail(self, _why: &str) {}
}
