//! The servers of a client: one, or several that share their data.

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll},
};

use tonic::{
    body::Body,
    codegen::{
        http::{Request, Response},
        BoxFuture, Service, StdError,
    },
    transport::Channel,
    Status,
};
use uuid::Uuid;

use crate::{
    connect::{endpoint, invalid, ConnectOptions},
    error::Error,
};

/// The addresses in `HOST:PORT,HOST:PORT`.
pub(crate) fn addresses_of(text: &str) -> Result<Vec<String>, Error> {
    let addresses: Vec<String> = text.split(',').map(str::to_owned).collect();
    if addresses.len() == 1 {
        return Ok(addresses);
    }
    for (place, address) in addresses.iter().enumerate() {
        if address.trim().is_empty() {
            return Err(invalid(format!("address: {text} has no address at place {}", place + 1)));
        }
        if !is_host_and_port(address) {
            return Err(invalid(format!("address: {address:?} is not HOST:PORT")));
        }
        if addresses[..place].contains(address) {
            return Err(invalid(format!("address: {address} is given twice")));
        }
    }
    Ok(addresses)
}

fn is_host_and_port(address: &str) -> bool {
    let is_one_word = !address.contains(|letter: char| letter.is_whitespace() || letter == '/');
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    is_one_word && address.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && is_port(port))
}

/// Addresses in an order of its own, so that clients spread. The first is used until it is left, which makes it the last. In a round each is
/// used once: then it is of no use to go on without a pause.
#[derive(Clone)]
pub(crate) struct Rotation {
    order: VecDeque<String>,
    left: usize,
}

impl Rotation {
    pub(crate) fn new(addresses: &[String]) -> Self {
        let mut shuffled = addresses.to_vec();
        shuffled.sort_by_cached_key(|_| Uuid::new_v4());
        Self { order: shuffled.into(), left: 0 }
    }

    /// The address that is used.
    pub(crate) fn current(&self) -> &str {
        &self.order[0]
    }

    /// The addresses that follow it and were not used in this round.
    pub(crate) fn rest(&self) -> Vec<String> {
        self.order.iter().skip(1).take(self.order.len() - 1 - self.left).cloned().collect()
    }

    /// Uses the next address. Answers whether it is of use to do so at once: it was not used in this round. If it was, it begins another.
    pub(crate) fn leave(&mut self) -> bool {
        let is_at_once = self.left + 1 < self.order.len();
        self.left = if is_at_once { self.left + 1 } else { 0 };
        self.order.rotate_left(1);
        is_at_once
    }

    /// Begins a round with the address that is used.
    pub(crate) fn begin_round(&mut self) {
        self.left = 0;
    }
}

/// Carries calls to a server. Of several servers it is one that can be reached, chosen at random, as long as it works.
#[derive(Clone)]
pub struct Servers(Kind);

#[derive(Clone)]
enum Kind {
    One(Channel),
    Several(Arc<Several>),
}

impl Servers {
    pub(crate) fn one(channel: Channel) -> Self {
        Self(Kind::One(channel))
    }

    pub(crate) fn several(options: Arc<ConnectOptions>, addresses: &[String]) -> Self {
        let state = State { rotation: Rotation::new(addresses), open: None };
        Self(Kind::Several(Arc::new(Several {
            options,
            state: Mutex::new(state),
            connecting: tokio::sync::Mutex::new(()),
        })))
    }
}

impl Service<Request<Body>> for Servers {
    type Response = Response<Body>;
    type Error = StdError;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), StdError>> {
        match &mut self.0 {
            Kind::One(channel) => channel.poll_ready(context).map_err(Into::into),
            Kind::Several(_) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match &mut self.0 {
            Kind::One(channel) => {
                let answer = channel.call(request);
                Box::pin(async move { Ok(answer.await?) })
            }
            Kind::Several(several) => {
                let several = several.clone();
                Box::pin(async move { several.call(request).await })
            }
        }
    }
}

struct Several {
    options: Arc<ConnectOptions>,
    state: Mutex<State>,
    /// Held while a connection is made, which the calls that come meanwhile share.
    connecting: tokio::sync::Mutex<()>,
}

struct State {
    rotation: Rotation,
    /// The connection of all calls, with a name that no other has.
    open: Option<(Uuid, Channel)>,
}

impl Several {
    async fn call(&self, request: Request<Body>) -> Result<Response<Body>, StdError> {
        let (name, mut channel) = self.channel().await?;
        let answer = match poll_fn(|context| channel.poll_ready(context)).await {
            Ok(()) => channel.call(request).await,
            Err(error) => Err(error),
        };
        let is_of_use = match &answer {
            Err(_) => false,
            Ok(response) => Status::from_header_map(response.headers())
                .is_none_or(|status| !Error::from(status).is_fault_of_server()),
        };
        if !is_of_use {
            self.leave(name);
        }
        Ok(answer?)
    }

    /// The connection to the server that is used; where there is none, one is made to the first that can be reached.
    async fn channel(&self) -> Result<(Uuid, Channel), StdError> {
        if let Some(open) = self.state().open.clone() {
            return Ok(open);
        }
        let _guard = self.connecting.lock().await;
        if let Some(open) = self.state().open.clone() {
            return Ok(open);
        }
        loop {
            let address = self.state().rotation.current().to_owned();
            let endpoint = endpoint(&self.options, &address).map_err(|error| Status::new(error.code, error.message))?;
            match endpoint.connect().await {
                Ok(channel) => {
                    let open = (Uuid::new_v4(), channel);
                    let mut state = self.state();
                    state.rotation.begin_round();
                    state.open = Some(open.clone());
                    return Ok(open);
                }
                Err(error) => {
                    if !self.state().rotation.leave() {
                        return Err(error.into());
                    }
                }
            }
        }
    }

    /// Leaves the server of a connection; calls that it has may go on.
    fn leave(&self, name: Uuid) {
        let mut state = self.state();
        if state.open.as_ref().is_some_and(|(open, _)| *open == name) {
            state.open = None;
            state.rotation.leave();
            state.rotation.begin_round();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|broken| broken.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn addresses_are_separated_by_commas() {
        assert_eq!(addresses_of("a:1").unwrap(), ["a:1"]);
        assert_eq!(addresses_of("[::1]:1,[2001:db8::7]:2,a:3").unwrap(), ["[::1]:1", "[2001:db8::7]:2", "a:3"]);
    }

    #[test]
    fn an_address_that_is_not_usable_is_named() {
        for (text, problem) in [
            ("a:1,", "address: a:1, has no address at place 2"),
            (",a:1", "address: ,a:1 has no address at place 1"),
            ("a:1, ,b:1", "has no address at place 2"),
            ("a:1,b", "address: \"b\" is not HOST:PORT"),
            ("a:1,b:0", "address: \"b:0\" is not HOST:PORT"),
            ("a:1, b:2", "address: \" b:2\" is not HOST:PORT"),
            ("a:1,http://b:2", "address: \"http://b:2\" is not HOST:PORT"),
            ("a:1,b:1,a:1", "address: a:1 is given twice"),
        ] {
            let refusal = addresses_of(text).unwrap_err();
            assert!(refusal.message.contains(problem), "{text}: {refusal}");
        }
    }

    #[test]
    fn clients_spread_and_try_each_address_once_in_a_round() {
        let addresses = addresses_of("a:1,b:1,c:1").unwrap();
        let first: HashSet<_> = (0..200).map(|_| Rotation::new(&addresses).current().to_owned()).collect();
        assert_eq!(first.len(), 3);
        let mut rotation = Rotation::new(&addresses);
        let all: HashSet<_> = rotation.rest().into_iter().chain([rotation.current().to_owned()]).collect();
        assert_eq!(all.len(), 3);
        assert!(rotation.leave() && rotation.leave());
        assert!(rotation.rest().is_empty());
        assert!(!rotation.leave());
        assert_eq!(rotation.rest().len(), 2);
        assert!(!Rotation::new(&addresses[..1]).leave());
    }
}
