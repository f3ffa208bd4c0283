//! Producers and workers with the addresses of several servers.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use sitq::{contract, testing::Server, Client, ConnectOptions, Context, NewTask, ProducerOptions, Tls};

fn together(servers: &[&Server]) -> String {
    servers.iter().map(|server| server.address()).collect::<Vec<_>>().join(",")
}

async fn holds(server: &Server, task_id: &str) -> bool {
    match server.client().producer().task(task_id).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.reason, "TASK_NOT_FOUND", "{error}");
            false
        }
    }
}

async fn has_worker(server: &Server) -> bool {
    let mut calls = contract::worker_service_client::WorkerServiceClient::new(server.client().service());
    !calls.list_workers(contract::ListWorkersRequest::default()).await.unwrap().into_inner().workers.is_empty()
}

/// The address of a port on which nothing listens.
fn dead_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Without repeats.
fn once() -> ProducerOptions {
    ProducerOptions { retry_timeout: Duration::ZERO, ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_go_to_a_server_that_can_be_reached() {
    let mut servers = [Server::start(), Server::start_with(["--listen", "[::1]:0"])];
    let addresses = together(&[&servers[0], &servers[1]]);
    assert!(addresses.contains(",[::1]:"), "{addresses}");
    let client = Client::connect(ConnectOptions::new(&addresses)).unwrap();
    let producer = client.producer();
    let first = producer.enqueue(NewTask::new("several", "t")).await.unwrap();
    let used = usize::from(!holds(&servers[0], &first.id).await);
    servers[used].kill();
    let second = producer.enqueue(NewTask::new("several", "t")).await.unwrap();
    assert!(holds(&servers[1 - used], &second.id).await);
    for _ in 0..6 {
        let client = Client::connect(ConnectOptions::new(format!("{},{addresses}", dead_address()))).unwrap();
        // By the generated client too, which repeats nothing.
        let mut admin = contract::admin_service_client::AdminServiceClient::new(client.service());
        admin.get_server_info(contract::GetServerInfoRequest::default()).await.unwrap();
        client.producer().enqueue(NewTask::new("several", "t")).await.unwrap();
        client.producer_with(once()).enqueue_all(vec![NewTask::new("several", "t")], false).await.unwrap();
    }
    let nowhere = ConnectOptions::new(format!("{},{}", dead_address(), dead_address()));
    let refusal = Client::connect(nowhere).unwrap().producer_with(once()).enqueue(NewTask::new("several", "t")).await;
    assert_eq!(refusal.unwrap_err().code, tonic::Code::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_goes_on_at_another_server() {
    let mut servers = [Server::start(), Server::start()];
    let client = Client::connect(ConnectOptions::new(together(&[&servers[0], &servers[1]]))).unwrap();
    let worker = client
        .worker(["several"])
        .handle("double", |n: u32, _context: Context| async move { Ok(n * 2) })
        .start()
        .await
        .unwrap();
    for _ in 0..2 {
        let used = usize::from(!has_worker(&servers[0]).await);
        for (place, n) in [(used, 4), (1 - used, 5)] {
            if place != used {
                servers[used].kill();
            }
            let producer = servers[place].client().producer();
            let task = producer.enqueue(NewTask::json("several", "double", &n).unwrap()).await.unwrap();
            assert_eq!(producer.result::<u32>(&task.id).await.unwrap(), n * 2);
        }
        servers[used].restart();
    }
    worker.stop().await.unwrap();
}

/// Makes an authority and the certificate of its server.
fn authority(directory: &Path, name: &str) -> PathBuf {
    let files = directory.join(name);
    let program = std::env::var("SITQ_BIN").unwrap_or_else(|_| "sitq".into());
    let made = Command::new(program).args(["tls", "init"]).arg(&files).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    files
}

fn secured(files: &Path, listen: &str) -> Server {
    let file = |name: &str| files.join(name).display().to_string();
    let (cert, key) = (file("server.pem"), file("server-key.pem"));
    Server::start_with(["--listen", listen, "--tls-cert", &cert, "--tls-key", &key])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_of_each_server_is_that_of_its_address() {
    let plain = Server::start();
    let (ours, theirs) = (authority(plain.directory(), "ours"), authority(plain.directory(), "theirs"));
    let mut first = secured(&ours, "127.0.0.1:0");
    let mut second = secured(&ours, "localhost:0");
    let foreign = secured(&theirs, "127.0.0.1:0");
    let tls = Tls { ca_file: Some(ours.join("ca.pem")), ..Tls::default() };
    let options = ConnectOptions::new(together(&[&foreign, &first, &second])).tls(tls);
    let producer = Client::connect(options.clone()).unwrap().producer();
    producer.enqueue(NewTask::new("several", "t")).await.unwrap();
    first.kill();
    producer.enqueue(NewTask::new("several", "t")).await.unwrap();
    second.kill();
    // What is left is not trusted, as if it were the only one.
    let strict = Client::connect(options).unwrap().producer_with(once());
    assert_eq!(strict.enqueue(NewTask::new("several", "t")).await.unwrap_err().code, tonic::Code::Unavailable);
}
