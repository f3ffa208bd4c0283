use std::{future::Future, time::Duration};

use tokio::time::{sleep, timeout, Instant};
use tonic::{Code, Response, Status};

use crate::{backoff::Backoff, error::Error};

/// The longest pause between two tries, beyond what the server asks for.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// Repeats a call while that may help, until a deadline. The call must be idempotent. `has_others`: a repeat goes to another server if this
/// one is at fault, so that it does not wait for as long as this one asks for.
pub(crate) async fn retry<T, F>(
    has_others: bool,
    deadline: Instant,
    call_timeout: Duration,
    mut call: impl FnMut() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let mut backoff = Backoff::new(LONGEST_PAUSE);
    loop {
        let error = match timeout(call_timeout, call()).await {
            Ok(Ok(response)) => return Ok(response.into_inner()),
            Ok(Err(status)) => Error::from(status),
            Err(_) => Error::new(Code::DeadlineExceeded, "", "the server does not answer"),
        };
        let is_elsewhere = has_others && error.is_fault_of_server();
        let pause = backoff.next(error.retry_after.filter(|_| !is_elsewhere));
        if !error.is_retryable() || Instant::now() + pause > deadline {
            return Err(error);
        }
        sleep(pause).await;
    }
}
