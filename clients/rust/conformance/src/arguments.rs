use std::{collections::HashMap, time::Duration};

use sitq::{ConnectOptions, Tls};

/// What the program is to be.
pub enum Mode {
    Worker(WorkerOptions),
    Producer(ProducerOptions),
}

pub struct WorkerOptions {
    pub connect: ConnectOptions,
    pub queue: String,
    pub capacity: usize,
    pub worker_id: Option<String>,
    pub grace: Duration,
}

pub struct ProducerOptions {
    pub connect: ConnectOptions,
    pub queue: String,
    pub count: u64,
    pub deadline: Duration,
}

/// Reads the command line. The error says what is wrong with it.
pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Mode, String> {
    let mode = words.next().ok_or("expected: worker or producer")?;
    let mut options = Options(HashMap::new());
    while let Some(name) = words.next() {
        let value = words.next().ok_or(format!("{name}: a value is missing"))?;
        options.0.insert(name, value);
    }
    let connect = options.connect()?;
    let queue = options.required("--queue")?;
    let mode = match mode.as_str() {
        "worker" => Mode::Worker(WorkerOptions {
            connect,
            queue,
            capacity: options.number("--capacity")?.ok_or("--capacity is required")?,
            worker_id: options.0.remove("--worker-id"),
            grace: options.seconds("--grace", 5.0)?,
        }),
        "producer" => Mode::Producer(ProducerOptions {
            connect,
            queue,
            count: options.number("--count")?.ok_or("--count is required")?,
            deadline: options.seconds("--deadline", 30.0)?,
        }),
        other => return Err(format!("{other}: expected worker or producer")),
    };
    match options.0.keys().next() {
        Some(unknown) => Err(format!("{unknown}: no such option")),
        None => Ok(mode),
    }
}

struct Options(HashMap<String, String>);

impl Options {
    fn required(&mut self, name: &str) -> Result<String, String> {
        self.0.remove(name).ok_or(format!("{name} is required"))
    }

    fn number<T: std::str::FromStr>(&mut self, name: &str) -> Result<Option<T>, String> {
        let parse = |text: String| text.parse().map_err(|_| format!("{name}: {text} is not a whole number"));
        self.0.remove(name).map(parse).transpose()
    }

    fn seconds(&mut self, name: &str, default: f64) -> Result<Duration, String> {
        let seconds = self.number::<f64>(name)?.unwrap_or(default);
        Duration::try_from_secs_f64(seconds).map_err(|error| format!("{name}: {error}"))
    }

    fn connect(&mut self) -> Result<ConnectOptions, String> {
        let mut connect = ConnectOptions::new(self.required("--address")?);
        let cert_file = self.0.remove("--tls-cert").map(Into::into);
        let key_file = self.0.remove("--tls-key").map(Into::into);
        if let Some(ca) = self.0.remove("--tls-ca") {
            connect = connect.tls(Tls { ca_file: Some(ca.into()), cert_file, key_file, server_name: None });
        }
        Ok(match self.0.remove("--token-file") {
            Some(path) => connect.token_file(path),
            None => connect,
        })
    }
}
