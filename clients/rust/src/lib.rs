//! Client of [sitq](https://github.com/sitq/sitq): durable tasks for producers and workers.
//!
//! A [`Producer`] gathers single enqueues into shared messages and repeats what may be repeated; nothing is stored twice. A worker holds
//! one stream open, keeps each outcome until the server has it on its disk, and reconnects by itself. What else the contract offers is in
//! [`contract`], over [`Client::service`].

#![warn(missing_docs)]
#![forbid(unsafe_code)]

mod backoff;
mod connect;
mod enqueue_stream;
mod error;
mod new_task;
#[cfg(feature = "orca")]
pub mod orca;
mod payload;
mod producer;
mod retry;
mod servers;
#[cfg_attr(feature = "otel", path = "spans/otel.rs")]
#[cfg_attr(not(feature = "otel"), path = "spans/none.rs")]
mod spans;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
mod worker;

/// The contract's messages and calls, generated from `proto/sitq/v1`.
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod contract {
    include!("contract/sitq.v1.rs");
}

pub use connect::{Client, ConnectOptions, Service, Tls};
pub use error::{Error, Violation};
pub use new_task::NewTask;
pub use payload::{from_payload, to_payload, PayloadError};
pub use producer::{Enqueued, Producer, ProducerOptions};
pub use token::TokenProvider;
pub use worker::{Context, HandlerError, Worker, WorkerBuilder};

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
