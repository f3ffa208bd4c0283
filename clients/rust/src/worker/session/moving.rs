//! How a worker leaves a server that stops: for another one, once there is a connection to it.

use std::{future::Future, pin::Pin, time::Duration};

use tokio::time::timeout;
use tracing::info;

use super::{Session, STEADY};
use crate::connect::Service;

/// How long the connection to another server may take while the one that stops is still there.
const CONNECT: Duration = Duration::from_secs(2);

/// A connection to another server, and how many addresses further it is.
pub(super) type Found = Option<(usize, Service)>;
/// The search for it.
pub(super) type Moving = Pin<Box<dyn Future<Output = Found> + Send>>;

/// Resolves when the search is over.
pub(super) async fn found(moving: &mut Option<Moving>) -> Found {
    match moving {
        Some(search) => search.await,
        None => None,
    }
}

impl Session {
    /// Begins to look for a connection to another server. Without one the worker stays at the server that stops, until its end. What failed
    /// before may work by now; only a server that stops is not exchanged for another that stops without end.
    pub(super) fn look_for_another_server(&mut self) {
        if !self.is_successor || self.began.elapsed() >= STEADY {
            self.servers.begin_round();
        }
        let (client, others) = (self.client.clone(), self.servers.rest());
        if others.is_empty() {
            return;
        }
        self.moving = Some(Box::pin(async move {
            for (place, address) in others.iter().enumerate() {
                if let Ok(Some(service)) = timeout(CONNECT, client.connected(address)).await {
                    return Some((place + 1, service));
                }
            }
            None
        }));
    }

    /// Takes in what was found. Answers whether the stream is to be left for it.
    pub(super) fn moved_to(&mut self, found: Found) -> bool {
        self.moving = None;
        let Some((places, service)) = found else { return false };
        for _ in 0..places {
            self.servers.leave();
        }
        info!("the worker {} goes on at {}", self.identity.worker_id, self.servers.current());
        self.successor = Some(service);
        true
    }
}
