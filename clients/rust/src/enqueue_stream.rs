use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use prost::Message;
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Streaming};

use crate::{
    backoff::Backoff,
    connect::{Client, MAX_MESSAGE},
    contract::{
        queue_service_client::QueueServiceClient, EnqueueRequest, EnqueueStreamRequest, EnqueueStreamResponse,
        EnqueueStreamResult,
    },
    error::Error,
    retry::LONGEST_PAUSE,
    servers::Rotation,
};

/// The most tasks and bytes of one message: the server takes 1000, and 4 MiB at its default.
const MOST_TASKS: usize = 1000;
const MOST_BYTES: usize = 3 << 20;
/// What every server takes in one message.
const LEAST_BYTES: usize = 64 << 10;
/// Messages under way: while the server stores some, others are on the way. It reads up to 16 unanswered ones of a stream.
const MOST_UNANSWERED: usize = 4;
/// A stream that was not used for so long is closed.
const IDLE: Duration = Duration::from_secs(5);

/// One task on its way.
pub(crate) struct Item {
    pub(crate) request: EnqueueRequest,
    /// Whether the request id is of the producer's own making: then a task that is there already by it is this one, of an earlier try.
    pub(crate) is_own_id: bool,
    pub(crate) answer: oneshot::Sender<Result<EnqueueStreamResult, Error>>,
    /// Until when it is repeated, from its first failure on.
    pub(crate) until: Option<Instant>,
}

/// How long things may take.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) retry: Duration,
    pub(crate) silence: Duration,
}

/// Sends tasks over one stream after the other, in shared messages, and repeats what was not answered. It ends when no sender is left.
pub(crate) async fn send_all(client: Client, mut items: mpsc::Receiver<Item>, times: Times) {
    let mut waiting = VecDeque::new();
    let mut backoff = Backoff::new(LONGEST_PAUSE);
    let mut servers = Rotation::new(client.addresses());
    let mut most_bytes = MOST_BYTES;
    loop {
        waiting.retain(is_awaited);
        if waiting.is_empty() {
            match items.recv().await {
                None => return,
                Some(item) => waiting.push_back(item),
            }
        }
        let mut stream = OpenStream { unanswered: VecDeque::new(), waiting, times, most_bytes };
        let ended = stream.run(&client, &mut items, &mut backoff, &mut servers).await;
        let OpenStream { mut unanswered, waiting: left, .. } = stream;
        let too_large = ended.as_ref().err().filter(|error| error.is_too_large());
        if let Some(error) = too_large {
            fit(&mut unanswered, &mut most_bytes, error);
        }
        let is_smaller = too_large.is_some();
        // In their order: what was sent first goes first again.
        waiting = unanswered.into_iter().flatten().chain(left).collect();
        let Err(error) = ended else { continue };
        if is_smaller {
            continue;
        }
        let is_at_once = error.is_fault_of_server() && servers.leave();
        let pause = if is_at_once { Duration::ZERO } else { backoff.next(error.retry_after) };
        waiting = keep_retryable(waiting, &error, pause, times.retry);
        sleep(pause).await;
    }
}

/// Whether the caller is still there.
fn is_awaited(item: &Item) -> bool {
    !item.answer.is_closed()
}

fn bytes_of(item: &Item) -> usize {
    item.request.encoded_len() + 8
}

/// Makes messages smaller after one was too large for the server, the largest of those without an answer. A task that was alone in it fits into
/// none, and fails.
fn fit(unanswered: &mut VecDeque<Vec<Item>>, most_bytes: &mut usize, error: &Error) {
    let bytes = |batch: &Vec<Item>| batch.iter().map(bytes_of).sum::<usize>();
    let Some(largest) = unanswered.iter_mut().max_by_key(|batch| bytes(batch)) else { return };
    let size = bytes(largest);
    if largest.len() > 1 && size > LEAST_BYTES {
        *most_bytes = (size / 2).clamp(LEAST_BYTES, *most_bytes);
        return;
    }
    for item in largest.drain(..) {
        // The caller may have gone.
        let _ = item.answer.send(Err(error.clone()));
    }
}

/// Answers those whose time is over, or whom a repeat cannot help, with the error.
fn keep_retryable(items: VecDeque<Item>, error: &Error, pause: Duration, retry: Duration) -> VecDeque<Item> {
    let now = Instant::now();
    let mut kept = VecDeque::new();
    for mut item in items {
        let until = *item.until.get_or_insert(now + retry);
        if error.is_retryable() && now + pause <= until {
            kept.push_back(item);
        } else {
            // The caller may have gone.
            let _ = item.answer.send(Err(error.clone()));
        }
    }
    kept
}

struct OpenStream {
    /// The messages that were sent and not answered, in order.
    unanswered: VecDeque<Vec<Item>>,
    /// What was not sent over this stream.
    waiting: VecDeque<Item>,
    times: Times,
    /// What a message may hold.
    most_bytes: usize,
}

impl OpenStream {
    /// From the opening of a stream to its end. `Ok`: it was idle, or no sender is left and everything is answered.
    async fn run(
        &mut self,
        client: &Client,
        items: &mut mpsc::Receiver<Item>,
        backoff: &mut Backoff,
        servers: &mut Rotation,
    ) -> Result<(), Error> {
        // A connection of its own: one that went silent is not used again.
        let mut calls =
            QueueServiceClient::new(client.open_connection(servers.current())?).max_decoding_message_size(MAX_MESSAGE);
        let (sender, receiver) = mpsc::channel(MOST_UNANSWERED);
        self.send(&sender).await?;
        let silent = || Error::new(Code::DeadlineExceeded, "", "the server does not answer");
        let opening = timeout(self.times.silence, calls.enqueue_stream(ReceiverStream::new(receiver)));
        let mut responses: Streaming<EnqueueStreamResponse> = opening.await.map_err(|_| silent())??.into_inner();
        let mut batch = Vec::new();
        loop {
            let has_room = self.unanswered.len() < MOST_UNANSWERED;
            let longest = if self.unanswered.is_empty() { IDLE } else { self.times.silence };
            tokio::select! {
                biased;
                response = responses.message() => match response? {
                    None => return Err(Error::new(Code::Unavailable, "", "the stream has ended")),
                    Some(response) => {
                        self.answered(response)?;
                        backoff.reset();
                        servers.begin_round();
                    }
                },
                count = items.recv_many(&mut batch, MOST_TASKS), if has_room && self.waiting.is_empty() => {
                    if count == 0 && self.unanswered.is_empty() {
                        return Ok(());
                    }
                    if count > 0 && count < MOST_TASKS {
                        // Callers that are ready now share the message.
                        tokio::task::yield_now().await;
                        while batch.len() < MOST_TASKS {
                            let Ok(item) = items.try_recv() else { break };
                            batch.push(item);
                        }
                    }
                    self.waiting.extend(batch.drain(..));
                    if count == 0 {
                        // No sender is left; what is under way is still answered.
                        self.read_rest(&mut responses).await?;
                        return Ok(());
                    }
                }
                _ = sleep(longest) => {
                    return if self.unanswered.is_empty() { Ok(()) } else { Err(silent()) };
                }
            }
            while self.unanswered.len() < MOST_UNANSWERED && !self.waiting.is_empty() {
                self.send(&sender).await?;
            }
        }
    }

    async fn read_rest(&mut self, responses: &mut Streaming<EnqueueStreamResponse>) -> Result<(), Error> {
        while !self.unanswered.is_empty() {
            let next = timeout(self.times.silence, responses.message()).await;
            let silent = |_| Error::new(Code::DeadlineExceeded, "", "the server does not answer");
            match next.map_err(silent)?? {
                None => return Err(Error::new(Code::Unavailable, "", "the stream has ended")),
                Some(response) => self.answered(response)?,
            }
        }
        Ok(())
    }

    /// Sends one message of what waits.
    async fn send(&mut self, sender: &mpsc::Sender<EnqueueStreamRequest>) -> Result<(), Error> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some(item) = self.waiting.front() {
            if !is_awaited(item) {
                self.waiting.pop_front();
                continue;
            }
            let size = bytes_of(item);
            if !batch.is_empty() && (bytes + size > self.most_bytes || batch.len() == MOST_TASKS) {
                break;
            }
            bytes += size;
            batch.extend(self.waiting.pop_front());
        }
        if batch.is_empty() {
            return Ok(());
        }
        let requests = batch.iter().map(|item| item.request.clone()).collect();
        self.unanswered.push_back(batch);
        let request = EnqueueStreamRequest { requests, ..Default::default() };
        let ended = |_| Error::new(Code::Unavailable, "", "the stream has ended");
        sender.send(request).await.map_err(ended)
    }

    /// Hands the answers of one message to its items; items that may be repeated wait for the next stream or message.
    fn answered(&mut self, response: EnqueueStreamResponse) -> Result<(), Error> {
        let Some(batch) = self.unanswered.pop_front() else { return Ok(()) };
        if let Some(status) = &response.error {
            let error = Error::from_rpc(status);
            // As a whole: the pause counts for all that follows too.
            self.unanswered.push_front(batch);
            return Err(error);
        }
        let mut results = response.results.into_iter();
        for item in batch {
            let answer = match results.next() {
                None => Err(Error::new(Code::Internal, "", "the answer has fewer results than the request had tasks")),
                Some(EnqueueStreamResult { error: Some(status), .. }) => Err(Error::of_item(&status)),
                Some(mut result) => {
                    result.created |= item.is_own_id && result.request_id == item.request.request_id;
                    Ok(result)
                }
            };
            // The caller may have gone.
            let _ = item.answer.send(answer);
        }
        Ok(())
    }
}
