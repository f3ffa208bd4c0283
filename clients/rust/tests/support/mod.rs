//! A real server in a process of its own, on a file that is removed with it.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use sitq::{Client, ConnectOptions};

/// A server that ends when it is dropped.
pub struct Server {
    child: Child,
    directory: PathBuf,
    pub address: String,
}

impl Server {
    /// Starts one.
    pub fn start() -> Self {
        let directory = std::env::temp_dir().join(format!("sitq-rust-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&directory).expect("a directory");
        let (child, address) = serve(&directory, "127.0.0.1:0");
        Self { child, directory, address }
    }

    /// Kills it, and starts it again at the same address.
    pub fn restart(&mut self) {
        self.kill();
        (self.child, _) = serve(&self.directory, &self.address);
    }

    pub fn client(&self) -> Client {
        Client::connect(ConnectOptions::new(&self.address)).expect("a client")
    }

    fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        // What is left lies in the system's own directory for such things.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn serve(directory: &Path, listen: &str) -> (Child, String) {
    let command = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bin/sitq");
    let mut child = Command::new(command)
        .args(["serve", "--listen", listen, "--log-level", "warn", "--db"])
        .arg(directory.join("sitq.db"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("bin/sitq runs");
    let output = child.stdout.take().expect("a pipe");
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let address = lines
        .find_map(|line| line.split_once("listens on").map(|(_, address)| address.trim().to_owned()))
        .expect("the server ended before it listened");
    // It may print more; what it prints is read, so that it never waits.
    std::thread::spawn(move || lines.for_each(drop));
    (child, address)
}
