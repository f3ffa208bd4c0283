use std::{path::PathBuf, sync::Arc, time::Duration};

use tonic::{
    service::interceptor::InterceptedService,
    transport::{Certificate, ClientTlsConfig, Endpoint, Identity},
    Code,
};

use crate::{
    error::Error,
    producer::{Producer, ProducerOptions},
    servers::{addresses_of, Servers},
    token::{token_file, Authorization, TokenProvider},
    worker::WorkerBuilder,
};

/// A connection that puts the token into each call: what the clients of [`crate::contract`] are made with.
pub type Service = InterceptedService<Servers, Authorization>;

/// The largest message that is read. The server sends at most its `--max-receive-bytes`, and some more around it.
pub(crate) const MAX_MESSAGE: usize = 64 << 20;

/// How long nothing may come over a connection before the server is asked whether it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// How the connection is encrypted. All files are PEM.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// The authorities that may have signed the server's certificate. Default: those that the system trusts.
    pub ca_file: Option<PathBuf>,
    /// The client's certificate, with those between it and its authority behind it.
    pub cert_file: Option<PathBuf>,
    /// The key of the certificate.
    pub key_file: Option<PathBuf>,
    /// The name that the server's certificate must be for. Default: the host of the address.
    pub server_name: Option<String>,
}

/// Where the servers are, and how a client is secured.
#[derive(Clone)]
pub struct ConnectOptions {
    /// `HOST:PORT`; of several servers that share their data `HOST:PORT,HOST:PORT`: one is used, and another one once it is out of reach
    /// or stops. Default: `SITQ_ADDRESS`, or `127.0.0.1:50051`.
    pub address: String,
    /// Encrypts. Default: plaintext.
    pub tls: Option<Tls>,
    /// Gives the token of each call. Default: none.
    pub token: Option<TokenProvider>,
    /// Sends the token in clear text to another machine too. Default: that is refused.
    pub insecure: bool,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        let address = std::env::var("SITQ_ADDRESS").unwrap_or_else(|_| "127.0.0.1:50051".to_owned());
        Self { address, tls: None, token: None, insecure: false }
    }
}

impl ConnectOptions {
    /// Of a server at an address, or of several at addresses that are separated by commas.
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into(), ..Self::default() }
    }

    /// Encrypts.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Sends this token with each call.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        let token = token.into();
        self.token = Some(Arc::new(move || Ok(token.clone())));
        self
    }

    /// Sends the token in a file with each call; the file may be replaced at any time.
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.token = Some(token_file(path.into()));
        self
    }

    /// Asks a provider for the token of each call.
    pub fn token_provider(mut self, provider: TokenProvider) -> Self {
        self.token = Some(provider);
        self
    }
}

/// A client of one server, or of several that share their data. Clones share it.
#[derive(Clone)]
pub struct Client {
    options: Arc<ConnectOptions>,
    addresses: Arc<[String]>,
    service: Service,
}

impl Client {
    /// Prepares a client. It connects with its first call, and again whenever it must. Call it within a Tokio runtime.
    ///
    /// # Errors
    /// INVALID_ARGUMENT if an address, a file or a combination of options cannot be used.
    pub fn connect(options: ConnectOptions) -> Result<Self, Error> {
        let sends_in_clear = options.tls.is_none() && options.token.is_some() && !options.insecure;
        let addresses = addresses_of(&options.address)?;
        if let Some(elsewhere) = addresses.iter().find(|each| sends_in_clear && !is_loopback(each)) {
            return Err(invalid(format!("a token to {elsewhere}, another machine, needs tls, or insecure")));
        }
        let options = Arc::new(options);
        // What is not usable is said now, of each address.
        for address in &addresses {
            endpoint(&options, address)?;
        }
        let servers = match addresses.as_slice() {
            [address] => Servers::one(endpoint(&options, address)?.connect_lazy()),
            several => Servers::several(options.clone(), several),
        };
        let service = authorized(&options, servers);
        Ok(Self { options, addresses: addresses.into(), service })
    }

    /// What the generated clients are made with: `contract::queue_service_client::QueueServiceClient::new(client.service())`.
    pub fn service(&self) -> Service {
        self.service.clone()
    }

    /// A producer with the default options.
    pub fn producer(&self) -> Producer {
        Producer::new(self, ProducerOptions::default())
    }

    /// A producer.
    pub fn producer_with(&self, options: ProducerOptions) -> Producer {
        Producer::new(self, options)
    }

    /// Prepares a worker of queues: 1 to 100.
    pub fn worker<Q: Into<String>>(&self, queues: impl IntoIterator<Item = Q>) -> WorkerBuilder {
        WorkerBuilder::new(self.clone(), queues.into_iter().map(Into::into).collect())
    }

    /// Where its servers are.
    pub(crate) fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// A connection of its own to one server, for a stream: a stream that went silent must not be opened again over a dead connection.
    pub(crate) fn open_connection(&self, address: &str) -> Result<Service, Error> {
        Ok(authorized(&self.options, Servers::one(endpoint(&self.options, address)?.connect_lazy())))
    }

    /// As `open_connection`, once there is a connection. `None`: there is none.
    pub(crate) async fn connected(&self, address: &str) -> Option<Service> {
        let channel = endpoint(&self.options, address).ok()?.connect().await.ok()?;
        Some(authorized(&self.options, Servers::one(channel)))
    }

    /// Whether a refused token may be replaced by another one.
    pub(crate) fn has_token(&self) -> bool {
        self.options.token.is_some()
    }
}

fn authorized(options: &ConnectOptions, servers: Servers) -> Service {
    InterceptedService::new(servers, Authorization { provider: options.token.clone() })
}

/// How one of the servers is reached, with what the files hold now.
pub(crate) fn endpoint(options: &ConnectOptions, address: &str) -> Result<Endpoint, Error> {
    let scheme = if options.tls.is_some() { "https" } else { "http" };
    let endpoint = Endpoint::from_shared(format!("{scheme}://{address}"))
        .map_err(|error| invalid(format!("address: {address} is not HOST:PORT: {error}")))?
        .connect_timeout(Duration::from_secs(5))
        .tcp_nodelay(true)
        .initial_stream_window_size(4 << 20)
        .initial_connection_window_size(8 << 20);
    // A server that is silent is found out, where there is another one.
    let endpoint = match options.address.contains(',') {
        true => endpoint.http2_keep_alive_interval(KEEP_ALIVE).keep_alive_timeout(KEEP_ALIVE / 2),
        false => endpoint,
    };
    match &options.tls {
        None => Ok(endpoint),
        Some(tls) => endpoint.tls_config(tls_config(tls)?).map_err(|error| invalid(format!("tls: {error}"))),
    }
}

fn tls_config(tls: &Tls) -> Result<ClientTlsConfig, Error> {
    let read =
        |path: &PathBuf| std::fs::read(path).map_err(|error| invalid(format!("tls: {}: {error}", path.display())));
    let mut config = match &tls.ca_file {
        None => ClientTlsConfig::new().with_native_roots(),
        Some(path) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(path)?)),
    };
    config = match (&tls.cert_file, &tls.key_file) {
        (None, None) => config,
        (Some(cert), Some(key)) => config.identity(Identity::from_pem(read(cert)?, read(key)?)),
        _ => return Err(invalid("tls: a client certificate needs both: cert_file and key_file")),
    };
    if let Some(name) = &tls.server_name {
        config = config.domain_name(name);
    }
    Ok(config)
}

fn is_loopback(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host).trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::InvalidArgument, "INVALID_OPTION", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_goes_to_another_machine_encrypted_or_by_consent_only() {
        let remote = || ConnectOptions::new("sitq.internal:50051").token("secret");
        let refusal = Client::connect(remote()).err().expect("a refusal");
        assert!(!refusal.message.contains("secret"));
        let one_of_them = ConnectOptions::new("127.0.0.1:1,sitq.internal:50051").token("secret");
        assert!(Client::connect(one_of_them).err().expect("a refusal").message.contains("sitq.internal:50051"));
        assert!(Client::connect(remote().tls(Tls::default())).is_ok());
        assert!(Client::connect(ConnectOptions { insecure: true, ..remote() }).is_ok());
        for local in ["127.0.0.1:1", "[::1]:1", "localhost:1"] {
            assert!(Client::connect(ConnectOptions::new(local).token("secret")).is_ok(), "{local}");
        }
    }

    #[tokio::test]
    async fn half_a_client_certificate_is_refused() {
        let tls = Tls { cert_file: Some("client.pem".into()), ..Tls::default() };
        assert!(Client::connect(ConnectOptions::new("localhost:1").tls(tls)).is_err());
    }
}
