//! A real server in a process of its own, for tests.

use std::{
    env,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use uuid::Uuid;

use crate::connect::{Client, ConnectOptions};

/// A server on a free port of 127.0.0.1, with a database of its own. Both are gone when it is dropped.
///
/// The program is that of `SITQ_BIN`, or the `sitq` on the PATH.
pub struct Server {
    child: Child,
    directory: PathBuf,
    address: String,
    args: Vec<String>,
}

impl Server {
    /// Starts one.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start() -> Self {
        Self::start_with::<String>([])
    }

    /// Starts one with further arguments of `sitq serve`.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start_with<A: Into<String>>(args: impl IntoIterator<Item = A>) -> Self {
        let directory = env::temp_dir().join(format!("sitq-rust-{}", Uuid::new_v4().simple()));
        std::fs::create_dir(&directory).expect("a temporary directory can be made");
        let args: Vec<String> = args.into_iter().map(Into::into).collect();
        let (child, address) = serve(&directory, "127.0.0.1:0", &args);
        Self { child, directory, address, args }
    }

    /// Where it listens: `127.0.0.1:40123`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A directory of its own, for files of the test.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// A client of it. Call it within a Tokio runtime.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn client(&self) -> Client {
        Client::connect(ConnectOptions::new(&self.address)).expect("its address is a valid one")
    }

    /// Ends it at once, as a crash does. Harmless if it has ended.
    pub fn kill(&mut self) {
        // It has ended, which is what was asked for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Kills it, and starts it again on the same address and the same database.
    ///
    /// # Panics
    /// If it does not start.
    pub fn restart(&mut self) {
        self.kill();
        (self.child, _) = serve(&self.directory, &self.address, &self.args);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        // What is left lies in the system's own directory for such things.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn serve(directory: &Path, listen: &str, args: &[String]) -> (Child, String) {
    let program = env::var("SITQ_BIN").ok().filter(|path| !path.is_empty()).unwrap_or_else(|| "sitq".into());
    let mut command = Command::new(&program);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SITQ_")) {
        command.env_remove(name);
    }
    let mut child = command
        .args(["serve", "--listen", listen, "--log-level", "warn", "--db"])
        .arg(directory.join("sitq.db"))
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; install sitq, or set SITQ_BIN to the program"));
    let output = child.stdout.take().expect("its output is a pipe");
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let address = lines.find_map(|line| line.split_once("listens on").map(|(_, address)| address.trim().to_owned()));
    let Some(address) = address else {
        let status = child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        panic!("the server ended before it listened: {status}");
    };
    // It may print more; what it prints is read, so that it never waits.
    std::thread::spawn(move || lines.for_each(drop));
    (child, address)
}
