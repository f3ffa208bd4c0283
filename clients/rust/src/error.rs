use std::{collections::HashMap, fmt, time::Duration};

use tonic::{Code, Status};
use tonic_types::StatusExt;

/// Why a call failed, with the details that the server sends: `docs/errors.md` lists every reason.
#[derive(Debug, Clone)]
pub struct Error {
    /// The status.
    pub code: Code,
    /// The stable reason of ErrorInfo: `QUEUE_FULL`. Empty: the error has none, as when the server is out of reach.
    pub reason: String,
    /// What went wrong, as text.
    pub message: String,
    /// The invalid fields.
    pub violations: Vec<Violation>,
    /// How long to wait before a repeat, if the server said so.
    pub retry_after: Option<Duration>,
    /// Facts of the reason: the queue, a limit.
    pub metadata: Box<HashMap<String, String>>,
}

/// One invalid field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its path: `task.queue`.
    pub field: String,
    /// What is wrong with it.
    pub description: String,
}

/// Refusals that end by themselves, soon. Others that may be repeated after a wait last as long as their cause: the caller decides.
const PASSING_REASONS: [&str; 7] = [
    "OVERLOADED",
    "TOO_MANY_CONNECTIONS",
    "TOO_MANY_FAILED_SIGN_INS",
    "TOO_MANY_IDLE_MESSAGES",
    "TOO_MANY_UNFINISHED_BYTES",
    "TOO_MANY_WATCHERS",
    "WATCH_TOO_SLOW",
];

impl Error {
    pub(crate) fn new(code: Code, reason: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
            message: message.into(),
            violations: Vec::new(),
            retry_after: None,
            metadata: Box::default(),
        }
    }

    /// The first invalid field; `None`: the refusal names none.
    pub fn field(&self) -> Option<&str> {
        self.violations.first().map(|violation| violation.field.as_str())
    }

    /// Whether the same call may succeed soon, with a pause: the server is out of reach, stopping or overloaded. Calls with a request id
    /// are idempotent, so that a repeat does no harm where the answer was lost.
    pub fn is_retryable(&self) -> bool {
        match self.code {
            Code::Unavailable | Code::DeadlineExceeded => true,
            // What tonic makes of a broken connection and of a GOAWAY that crosses a call. The server's own have a reason.
            Code::Unknown | Code::Internal | Code::Cancelled => self.reason.is_empty(),
            _ => PASSING_REASONS.contains(&self.reason.as_str()),
        }
    }

    /// Whether another server may have no such failure: this one is out of reach, stops or cannot store.
    pub(crate) fn is_fault_of_server(&self) -> bool {
        let is_transport = matches!(
            self.code,
            Code::Unavailable | Code::DeadlineExceeded | Code::Unknown | Code::Internal | Code::Cancelled
        );
        match self.reason.as_str() {
            "" => is_transport,
            reason => ["DRAINING", "STORE_FAILED", "STORE_UNREACHABLE", "TOO_MANY_CONNECTIONS"].contains(&reason),
        }
    }

    /// Whether a message was larger than the server takes. A refusal without a reason is the transport's.
    pub(crate) fn is_too_large(&self) -> bool {
        self.code == Code::ResourceExhausted && matches!(self.reason.as_str(), "" | "MESSAGE_TOO_LARGE")
    }

    /// Whether the server refuses the credentials or rights.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self.code, Code::Unauthenticated | Code::PermissionDenied)
    }

    /// Of an item of a batch; its fields are those of the item.
    pub(crate) fn of_item(status: &tonic_types::Status) -> Self {
        let mut error = Self::from_rpc(status);
        for violation in &mut error.violations {
            violation.field = within_item(&violation.field).to_owned();
        }
        error
    }

    /// Of a status within a message.
    pub(crate) fn from_rpc(status: &tonic_types::Status) -> Self {
        use prost::Message;
        let code = Code::from(status.code);
        Self::from(Status::with_details(code, status.message.clone(), status.encode_to_vec().into()))
    }
}

/// A field without the item's place in a batch, which the caller did not make: `requests[3].task.queue` is `task.queue`.
fn within_item(field: &str) -> &str {
    let inner = field.strip_prefix("requests[").and_then(|rest| rest.split_once("]."));
    inner.map_or(field, |(_, inner)| inner)
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info();
        let violations = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
        Self {
            code: status.code(),
            reason: info.map(|info| info.reason.clone()).unwrap_or_default(),
            message: status.message().to_owned(),
            violations: violations
                .iter()
                .map(|each| Violation { field: each.field.clone(), description: each.description.clone() })
                .collect(),
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
            metadata: Box::new(info.map(|info| info.metadata.clone()).unwrap_or_default()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.reason.is_empty() { format!("{:?}", self.code) } else { self.reason.clone() };
        write!(f, "{name}: {}", self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic_types::ErrorDetails;

    #[test]
    fn reads_every_detail_of_a_refusal() {
        let mut details = ErrorDetails::new();
        details
            .set_error_info("QUEUE_FULL", "sitq", HashMap::from([("queue".to_owned(), "mail".to_owned())]))
            .add_bad_request_violation("task.queue", "is full")
            .set_retry_info(Some(Duration::from_millis(1500)));
        let error = Error::from(Status::with_error_details(Code::ResourceExhausted, "full", details));
        assert_eq!(error.reason, "QUEUE_FULL");
        assert_eq!(error.field(), Some("task.queue"));
        assert_eq!(error.retry_after, Some(Duration::from_millis(1500)));
        assert_eq!(error.metadata["queue"], "mail");
        assert_eq!(error.to_string(), "QUEUE_FULL: full");
        assert!(!error.is_retryable());
    }

    #[test]
    fn repeats_what_a_lost_connection_becomes_and_nothing_that_the_server_refuses() {
        assert!(Error::from(Status::unknown("transport error")).is_retryable());
        assert!(Error::new(Code::ResourceExhausted, "OVERLOADED", "").is_retryable());
        assert!(!Error::new(Code::Internal, "STORE_FAILED", "").is_retryable());
        assert!(!Error::new(Code::InvalidArgument, "INVALID_FIELD", "").is_retryable());
    }

    /// The page of errors is what every client is held against.
    #[test]
    fn repeats_what_the_page_of_errors_says_and_nothing_else() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md")).unwrap();
        let (_, rest) = page.split_once("The SDKs repeat by themselves").expect("the sentence of what they repeat");
        let (thrown, _) = rest.split_once("they throw").expect("the sentence's end");
        let mut rows = 0;
        for line in page.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let (reason, code, repeated) = (cells[1].trim_matches('`'), cells[2], cells[4]);
            let Some(code) = code_named(code) else { continue };
            rows += 1;
            // Only streams of workers meet that, and they are opened again whatever ends them.
            let is_thrown = thrown.contains(&format!("`{reason}`")) || reason == "STREAM_REPLACED";
            let wanted = matches!(repeated, "yes" | "wait") && !is_thrown;
            assert_eq!(Error::new(code, reason, "").is_retryable(), wanted, "{reason} may be repeated: {repeated}");
        }
        assert!(rows > 50, "{rows} rows were read");
    }

    fn code_named(name: &str) -> Option<Code> {
        (0..17).map(Code::from).find(|code| format!("{code:?}").to_uppercase() == name.replace('_', ""))
    }
}
