mod moving;
mod protocol;

use std::time::Duration;

use tokio::{
    sync::{
        mpsc::{self, UnboundedReceiver},
        oneshot, watch,
    },
    time::{sleep_until, timeout_at, Instant},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Streaming};
use tracing::{error, info};

use moving::{found, Moving};
use protocol::{closed, say};

use super::{attempts::Attempts, outbox::Outbox, progress::ProgressReports};
use crate::{
    backoff::Backoff,
    connect::{Client, Service, MAX_MESSAGE},
    contract::{
        outcome, work_request, work_response, worker_service_client::WorkerServiceClient, WorkRequest, WorkResponse,
    },
    error::Error,
    retry::LONGEST_PAUSE,
    servers::Rotation,
    spans::Processing,
};

/// How long the server has for its welcome.
const WELCOME: Duration = Duration::from_secs(10);
/// Outcomes are gathered while other handlers run, for at most so many steps: messages with several cost the server half as much each.
const GATHER_STEPS: usize = 6;
const GATHER_STEP: Duration = Duration::from_micros(50);
/// A stream that lasted so long was a good one: pauses begin at the shortest again.
const STEADY: Duration = Duration::from_secs(10);
/// How long handlers have to end once they are cancelled.
const CANCEL_GRACE: Duration = Duration::from_secs(1);
/// How long a stopping worker tries to have its outcomes settled.
const SETTLE: Duration = Duration::from_secs(10);
/// How long a stream that looks silent is still read before it counts as dead.
const READ_FIRST: Duration = Duration::from_millis(100);
/// The most leases that `hello` may name.
const MOST_HELD: usize = 10_000;
/// Messages that wait for the connection to take them; heartbeats and outcomes are held back meanwhile.
const ROOM: usize = 16;

/// What handlers and the program say to the session.
pub(crate) enum Event {
    Ended { task_id: String, attempt: i32, outcome: Option<outcome::Outcome>, span: Processing },
    Progress { task_id: String, attempt: i32, fraction: f64, message: String },
    Stop { grace: Duration },
}

/// The worker's side of the protocol: it outlives every stream.
pub(crate) struct Session {
    pub(crate) client: Client,
    /// The part of `hello` that is always the same.
    pub(crate) identity: work_request::Hello,
    pub(crate) attempts: Attempts,
    pub(crate) events: UnboundedReceiver<Event>,
    pub(crate) welcomed: Option<oneshot::Sender<Result<(), Error>>>,
    pub(crate) is_connected: watch::Sender<bool>,
    outbox: Outbox,
    progress: ProgressReports,
    announced: usize,
    was_welcome: bool,
    servers: Rotation,
    /// When the stream was opened.
    began: Instant,
    /// The search for another server, while the one of the stream stops.
    moving: Option<Moving>,
    /// The connection to the next server, made before the former one was left.
    successor: Option<Service>,
    /// The server in use was taken in place of one that stops.
    is_successor: bool,
    /// The reason that was logged last of a disconnect.
    said: Option<String>,
    stop: Option<Stop>,
}

/// A stop that is under way.
struct Stop {
    /// When handlers are cancelled, then given up, then what is not settled too.
    deadlines: [Instant; 3],
    passed: usize,
}

impl Session {
    pub(crate) fn new(
        client: Client,
        identity: work_request::Hello,
        attempts: Attempts,
        events: UnboundedReceiver<Event>,
        welcomed: oneshot::Sender<Result<(), Error>>,
        is_connected: watch::Sender<bool>,
    ) -> Self {
        Self {
            servers: Rotation::new(client.addresses()),
            began: Instant::now(),
            moving: None,
            successor: None,
            is_successor: false,
            client,
            identity,
            attempts,
            events,
            welcomed: Some(welcomed),
            is_connected,
            outbox: Outbox::new(),
            progress: ProgressReports::new(),
            announced: 0,
            was_welcome: false,
            said: None,
            stop: None,
        }
    }

    /// One stream after the other, until the worker has stopped (`Ok`), or the server refuses it for good.
    pub(crate) async fn run(mut self) -> Result<(), Error> {
        let mut backoff = Backoff::new(LONGEST_PAUSE);
        let mut denied = Backoff::of_refusals();
        loop {
            self.began = Instant::now();
            let ended = self.stream().await;
            self.moving = None;
            self.is_connected.send_replace(false);
            self.outbox.send_again(ended.as_ref().err());
            if self.is_done() {
                return Ok(());
            }
            let error = match ended {
                Ok(()) => Error::new(Code::Unavailable, "", "the server ended the stream"),
                Err(error) => error,
            };
            if self.is_final(&error) {
                error!("the worker {} is refused: {error}", self.identity.worker_id);
                for lease in self.attempts.leases().collect::<Vec<_>>() {
                    self.attempts.give_up(&lease);
                }
                self.outbox.abandon();
                if let Some(welcomed) = self.welcomed.take() {
                    // The program may have stopped waiting.
                    let _ = welcomed.send(Err(error.clone()));
                }
                return Err(error);
            }
            if self.began.elapsed() >= STEADY {
                backoff.reset();
                denied.reset();
                self.servers.begin_round();
            }
            if self.successor.is_some() {
                continue;
            }
            let is_lasting = error.is_denied() || error.reason == "HEADERS_TOO_LARGE";
            let is_at_once = self.servers.leave() && !is_lasting;
            let backoff = if is_lasting { &mut denied } else { &mut backoff };
            let pause = if is_at_once { Duration::ZERO } else { backoff.next(error.retry_after) };
            self.say_disconnected(&error);
            self.wait(pause).await;
            if self.is_done() {
                return Ok(());
            }
        }
    }

    fn is_final(&self, error: &Error) -> bool {
        let renews = error.code == Code::Unauthenticated && self.client.has_token();
        let refused = matches!(
            error.code,
            Code::InvalidArgument | Code::Unimplemented | Code::Unauthenticated | Code::PermissionDenied
        );
        error.reason == "WORKER_REPLACED" || (!self.was_welcome && refused && !renews)
    }

    /// Waits before the next stream, and takes events meanwhile.
    async fn wait(&mut self, pause: Duration) {
        let until = Instant::now() + pause;
        while !self.is_done() {
            let stop = self.next_deadline();
            tokio::select! {
                () = sleep_until(until) => return,
                Some(event) = self.events.recv() => self.on_event(event),
                () = sleep_until(stop.unwrap_or(until)), if stop.is_some() => self.pass_deadline(),
            }
            if self.stop.is_some() && !self.outbox.is_empty() {
                // What is left is settled over a stream, so the pause is over.
                return;
            }
        }
    }

    /// One stream, from its opening to its end. `Ok`: it ended well.
    async fn stream(&mut self) -> Result<(), Error> {
        // A connection of its own, dropped with the stream.
        self.is_successor = self.successor.is_some();
        let service = match self.successor.take() {
            Some(connected) => connected,
            None => self.client.open_connection(self.servers.current())?,
        };
        let mut client = WorkerServiceClient::new(service).max_decoding_message_size(MAX_MESSAGE);
        let (sender, receiver) = mpsc::channel(ROOM);
        sender.try_send(self.hello()).map_err(|_| closed())?;
        let silent = |_| Error::new(Code::DeadlineExceeded, "SERVER_SILENT", "the server did not welcome the worker");
        let until = Instant::now() + WELCOME;
        let call = async {
            let mut responses = client.work(ReceiverStream::new(receiver)).await?.into_inner();
            let welcome = first_welcome(&mut responses).await?;
            Ok::<_, Error>((responses, welcome))
        };
        let (mut responses, welcome) = timeout_at(until, call).await.map_err(silent)??;
        let interval =
            welcome.heartbeat_interval.and_then(|span| span.try_into().ok()).unwrap_or(Duration::from_secs(10));
        self.on_welcome(&welcome);
        self.talk(&mut responses, &sender, interval).await
    }

    fn on_welcome(&mut self, welcome: &work_response::Welcome) {
        self.was_welcome = true;
        self.said = None;
        self.is_connected.send_replace(true);
        info!("the worker {} is connected", self.identity.worker_id);
        for lease in &welcome.lost {
            self.attempts.give_up(lease);
            self.outbox.lost(lease);
        }
        self.progress.send_again();
        if let Some(welcomed) = self.welcomed.take() {
            // The program may have stopped waiting.
            let _ = welcomed.send(Ok(()));
        }
    }

    async fn talk(
        &mut self,
        responses: &mut Streaming<WorkResponse>,
        sender: &mpsc::Sender<WorkRequest>,
        interval: Duration,
    ) -> Result<(), Error> {
        let mut spoke = Instant::now();
        let mut silent_at = spoke + interval * 2;
        let mut is_doubted = false;
        let mut owes_heartbeat = false;
        let mut gathered = Vec::new();
        loop {
            if self.is_done() {
                return Ok(());
            }
            if owes_heartbeat || spoke.elapsed() >= interval {
                let heartbeat = work_request::Message::Heartbeat(work_request::Heartbeat::default());
                if say(sender, heartbeat)? {
                    owes_heartbeat = false;
                    spoke = Instant::now();
                }
            }
            if self.flush(sender)? {
                spoke = Instant::now();
            }
            let stop = self.next_deadline();
            let due = self.progress.next_due();
            let has_room = sender.capacity() > 0;
            tokio::select! {
                biased;
                message = responses.message() => match message? {
                    None => return Ok(()),
                    Some(response) => {
                        silent_at = Instant::now() + interval * 2;
                        is_doubted = false;
                        owes_heartbeat |= self.on_message(response);
                    }
                },
                _ = self.events.recv_many(&mut gathered, 1024) => {
                    self.gather(&mut gathered);
                    for event in gathered.drain(..) {
                        self.on_event(event);
                    }
                }
                connected = found(&mut self.moving), if self.moving.is_some() => {
                    if self.moved_to(connected) {
                        return Err(Error::new(Code::Unavailable, "", "the server is stopping"));
                    }
                }
                permit = sender.reserve(), if !has_room => drop(permit.map_err(|_| closed())?),
                () = sleep_until(spoke + interval) => {}
                () = sleep_until(due.unwrap_or(spoke)), if due.is_some() => {}
                () = sleep_until(stop.unwrap_or(spoke)), if stop.is_some() => self.pass_deadline(),
                () = sleep_until(silent_at) => {
                    if is_doubted {
                        let text = format!("nothing was heard of the server for {:?}", interval * 2);
                        return Err(Error::new(Code::DeadlineExceeded, "SERVER_SILENT", text));
                    }
                    // A process that stood still has not read what came meanwhile: a task of the connection's does that first.
                    is_doubted = true;
                    silent_at = Instant::now() + READ_FIRST;
                }
            }
        }
    }

    /// Takes the events that come at about the same time, until there are enough for a message: half of what the worker takes, so that
    /// the server stores one half while the worker is at the other.
    fn gather(&mut self, gathered: &mut Vec<Event>) {
        let enough = (self.attempts.capacity() / 2).clamp(16, 64);
        for _ in 0..GATHER_STEPS {
            let is_last = self.attempts.running() <= gathered.len();
            if gathered.is_empty() || is_last || self.outbox.unsent() + gathered.len() >= enough {
                return;
            }
            let before = gathered.len();
            // This thread has nothing else to do: it sleeps for less than a timer of the runtime can.
            std::thread::sleep(GATHER_STEP);
            while let Ok(event) = self.events.try_recv() {
                gathered.push(event);
            }
            if gathered.len() == before {
                return;
            }
        }
    }
}

/// The welcome of a stream. What a newer server may say before is passed over.
async fn first_welcome(responses: &mut Streaming<WorkResponse>) -> Result<work_response::Welcome, Error> {
    while let Some(response) = responses.message().await? {
        if let Some(work_response::Message::Welcome(welcome)) = response.message {
            return Ok(welcome);
        }
    }
    Err(Error::new(Code::Unavailable, "", "the stream ended without a welcome"))
}
