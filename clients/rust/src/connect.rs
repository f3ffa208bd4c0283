use std::{path::PathBuf, sync::Arc, time::Duration};

use tonic::{
    service::interceptor::InterceptedService,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
    Code,
};

use crate::{
    error::Error,
    producer::{Producer, ProducerOptions},
    token::{token_file, Authorization, TokenProvider},
    worker::WorkerBuilder,
};

/// A connection that puts the token into each call: what the clients of [`crate::contract`] are made with.
pub type Service = InterceptedService<Channel, Authorization>;

/// The largest message that is read. The server sends at most its `--max-receive-bytes`, and some more around it.
pub(crate) const MAX_MESSAGE: usize = 64 << 20;

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

/// Where the server is, and how a client is secured.
#[derive(Clone)]
pub struct ConnectOptions {
    /// `HOST:PORT`. Default: `SITQ_ADDRESS`, or `127.0.0.1:50051`.
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
    /// Of a server at an address.
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

/// A client of one server. Clones share it.
#[derive(Clone)]
pub struct Client {
    options: Arc<ConnectOptions>,
    service: Service,
}

impl Client {
    /// Prepares a client. It connects with its first call, and again whenever it must. Call it within a Tokio runtime.
    ///
    /// # Errors
    /// INVALID_ARGUMENT if an address, a file or a combination of options cannot be used.
    pub fn connect(options: ConnectOptions) -> Result<Self, Error> {
        let sends_in_clear = options.tls.is_none() && options.token.is_some() && !options.insecure;
        if sends_in_clear && !is_loopback(&options.address) {
            return Err(invalid("a token to another machine needs tls, or insecure"));
        }
        let service = open(&options)?;
        Ok(Self { options: Arc::new(options), service })
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

    /// A connection of its own, for a stream: a stream that went silent must not be opened again over a dead connection.
    pub(crate) fn open_connection(&self) -> Result<Service, Error> {
        open(&self.options)
    }

    /// Whether a refused token may be replaced by another one.
    pub(crate) fn has_token(&self) -> bool {
        self.options.token.is_some()
    }
}

fn open(options: &ConnectOptions) -> Result<Service, Error> {
    let scheme = if options.tls.is_some() { "https" } else { "http" };
    let endpoint = Endpoint::from_shared(format!("{scheme}://{}", options.address))
        .map_err(|error| invalid(format!("address: {} is not HOST:PORT: {error}", options.address)))?
        .connect_timeout(Duration::from_secs(5))
        .tcp_nodelay(true)
        .initial_stream_window_size(4 << 20)
        .initial_connection_window_size(8 << 20);
    let endpoint = match &options.tls {
        None => endpoint,
        Some(tls) => endpoint.tls_config(tls_config(tls)?).map_err(|error| invalid(format!("tls: {error}")))?,
    };
    let authorization = Authorization { provider: options.token.clone() };
    Ok(InterceptedService::new(endpoint.connect_lazy(), authorization))
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

fn invalid(message: impl Into<String>) -> Error {
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
