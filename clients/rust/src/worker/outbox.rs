use std::collections::{HashMap, VecDeque};

use prost::Message;
use tracing::error;

use super::handler::{failed_for_good, outcome_of};
use crate::{
    contract::{outcome, Outcome, SettleStatus, SettledOutcome, TaskLease},
    error::Error,
    spans::Settling,
};

/// The most outcomes of one message.
const MOST_OUTCOMES: usize = 1000;
/// The most bytes of one message, below the 4 MiB that the server takes at its default.
const MOST_BYTES: usize = 3 << 20;
/// The largest outcome; one that is larger travels in no message.
const LARGEST: usize = 3 << 20;
/// What a message holds beside its outcomes: tags and lengths.
const FRAME: usize = 64;
/// Messages are not made smaller than this.
const LEAST_BYTES: usize = 16 << 10;

struct Entry {
    outcome: Outcome,
    bytes: usize,
    /// Tells it from an earlier one of the same task.
    number: u64,
    is_sent: bool,
    /// It stands for an outcome that the server rejected.
    is_replacement: bool,
    /// Of its sending; it ends with the entry.
    settling: Settling,
}

impl Entry {
    fn is_release(&self) -> bool {
        matches!(self.outcome.outcome, Some(outcome::Outcome::Released(_)))
    }
}

/// The outcomes that the server has not confirmed as settled. They are sent once, and again over every new stream, until it does. A task has
/// one entry at most: when it is handed out again, what was said of it before has been applied.
pub(crate) struct Outbox {
    entries: HashMap<String, Entry>,
    /// What was not sent over this stream, in order; what is settled or replaced since is passed over.
    unsent: VecDeque<(String, u64)>,
    last_number: u64,
    most_bytes: usize,
    /// The bytes and the tasks of the largest message over this stream: if one was too large, this one was.
    largest: (usize, Vec<String>),
}

impl Outbox {
    pub(crate) fn new() -> Self {
        Self {
            entries: HashMap::new(),
            unsent: VecDeque::new(),
            last_number: 0,
            most_bytes: MOST_BYTES,
            largest: (0, Vec::new()),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many were not sent over this stream, at most.
    pub(crate) fn unsent(&self) -> usize {
        self.unsent.len()
    }

    pub(crate) fn leases(&self) -> impl Iterator<Item = TaskLease> + '_ {
        let lease = |outcome: &Outcome| TaskLease { task_id: outcome.task_id.clone(), attempt: outcome.attempt };
        self.entries.values().map(move |entry| lease(&entry.outcome))
    }

    /// Keeps an outcome. One that fits into no message becomes a terminal failure: every other attempt would have the same.
    pub(crate) fn add(&mut self, outcome: Outcome) {
        self.settle(outcome, Settling::none());
    }

    /// Keeps an outcome, as `add`, with the span of its sending.
    pub(crate) fn settle(&mut self, outcome: Outcome, settling: Settling) {
        self.put(outcome, false, settling);
    }

    /// Forgets what is kept of a task that was handed out again.
    pub(crate) fn forget(&mut self, task_id: &str) {
        self.entries.remove(task_id);
    }

    /// Notes that a lease is gone. A release of it is of no more use, and could end the next lease: a released attempt gives its number back.
    pub(crate) fn lost(&mut self, lease: &TaskLease) {
        if self
            .entries
            .get(&lease.task_id)
            .is_some_and(|entry| entry.is_release() && entry.outcome.attempt == lease.attempt)
        {
            self.entries.remove(&lease.task_id);
        }
    }

    /// Removes what is settled; what the server rejects is replaced by a terminal failure with the reason.
    pub(crate) fn settled(&mut self, outcomes: &[SettledOutcome]) {
        for settled in outcomes {
            let Some(entry) = self.entries.get(&settled.task_id) else { continue };
            if entry.outcome.attempt != settled.attempt || !entry.is_sent {
                continue;
            }
            let is_replacement = entry.is_replacement;
            let settling =
                self.entries.remove(&settled.task_id).map(|entry| entry.settling).unwrap_or_else(Settling::none);
            if settled.status() != SettleStatus::Rejected {
                if settled.status() != SettleStatus::Settled {
                    settling.fail(settled.status().as_str_name().trim_start_matches("SETTLE_STATUS_"));
                }
                continue;
            }
            let why = settled.error.as_ref().map(Error::from_rpc);
            let text = why.as_ref().map_or("no reason given", |why| why.message.as_str());
            error!(task_id = %settled.task_id, "the server rejected the outcome: {text}");
            let reason = why.as_ref().map(|why| why.reason.as_str()).filter(|reason| !reason.is_empty());
            let reason = reason.unwrap_or("OUTCOME_REJECTED");
            settling.fail(reason);
            // Of a replacement nothing is left that it would take: the attempt ends with its lease.
            if !is_replacement {
                let failed = failed_for_good(reason, format!("The server rejected the outcome: {text}"));
                self.put(outcome_of(&settled.task_id, settled.attempt, failed), true, Settling::none());
            }
        }
    }

    /// The outcomes of the next message; empty: everything was sent over this stream.
    pub(crate) fn take(&mut self) -> Vec<Outcome> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some((task_id, number)) = self.unsent.front() {
            let Some(entry) = self.entries.get_mut(task_id).filter(|entry| entry.number == *number) else {
                self.unsent.pop_front();
                continue;
            };
            let is_full = bytes + entry.bytes > self.most_bytes || taken.len() == MOST_OUTCOMES;
            if !taken.is_empty() && is_full {
                break;
            }
            entry.is_sent = true;
            bytes += entry.bytes;
            taken.push(entry.outcome.clone());
            self.unsent.pop_front();
        }
        if bytes > self.largest.0 {
            self.largest = (bytes, taken.iter().map(|outcome| outcome.task_id.clone()).collect());
        }
        taken
    }

    /// Sends everything again over the next stream. `ended`: why the last one has.
    pub(crate) fn send_again(&mut self, ended: Option<&Error>) {
        if let Some(error) = ended.filter(|error| error.is_too_large()) {
            self.fit_into(error.metadata.get("max_bytes").and_then(|bytes| bytes.parse().ok()));
        }
        self.largest = (0, Vec::new());
        let mut order: Vec<(String, u64)> = Vec::with_capacity(self.entries.len());
        for (task_id, entry) in &mut self.entries {
            entry.is_sent = false;
            order.push((task_id.clone(), entry.number));
        }
        order.sort_by_key(|(_, number)| *number);
        self.unsent = order.into();
    }

    /// Keeps nothing any more: there is no server that would take it.
    pub(crate) fn abandon(&mut self) {
        for (_, entry) in self.entries.drain() {
            entry.settling.fail("UNCONFIRMED");
        }
        self.unsent.clear();
    }

    fn put(&mut self, outcome: Outcome, is_replacement: bool, settling: Settling) {
        let mut bytes = outcome.encoded_len() + 8;
        let mut outcome = outcome;
        if bytes > LARGEST {
            let text = format!("The result has {bytes} bytes encoded; at most {LARGEST} can be sent.");
            outcome = outcome_of(&outcome.task_id, outcome.attempt, failed_for_good("PAYLOAD_TOO_LARGE", text));
            bytes = outcome.encoded_len() + 8;
        }
        self.last_number += 1;
        self.unsent.push_back((outcome.task_id.clone(), self.last_number));
        let entry = Entry { bytes, number: self.last_number, is_sent: false, is_replacement, settling, outcome };
        if let Some(former) = self.entries.insert(entry.outcome.task_id.clone(), entry) {
            former.settling.fail("REPLACED");
        }
    }

    /// Makes messages smaller after one was too large, and replaces outcomes that fit into none. `said`: what the server takes.
    fn fit_into(&mut self, said: Option<usize>) {
        let (sent, tasks) = std::mem::take(&mut self.largest);
        // What it says is of no use if less was too large.
        let most = said.filter(|most| *most < sent + FRAME);
        let next = most.map_or(self.most_bytes / 2, |most| most.saturating_sub(FRAME).min(self.most_bytes));
        self.most_bytes = next.max(LEAST_BYTES);
        let unfit: Vec<(String, i32, usize)> = self
            .entries
            .values()
            .filter(|entry| match most {
                Some(most) => entry.bytes + FRAME > most,
                None => entry.bytes > LEAST_BYTES && tasks.as_slice() == [entry.outcome.task_id.clone()],
            })
            .map(|entry| (entry.outcome.task_id.clone(), entry.outcome.attempt, entry.bytes))
            .collect();
        for (task_id, attempt, bytes) in unfit {
            let text = format!("The result has {bytes} bytes encoded, more than the server takes in one message.");
            error!(%task_id, "{text}");
            self.put(outcome_of(&task_id, attempt, failed_for_good("MESSAGE_TOO_LARGE", text)), true, Settling::none());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contract::Payload, worker::handler::released};

    fn completed(task_id: &str, bytes: usize) -> Outcome {
        let payload = Payload { kind: Some(crate::contract::payload::Kind::Binary(vec![0; bytes].into())) };
        outcome_of(
            task_id,
            1,
            outcome::Outcome::Completed(outcome::Completed { result: Some(payload), ..Default::default() }),
        )
    }

    fn settle(task_id: &str, status: SettleStatus) -> SettledOutcome {
        SettledOutcome { task_id: task_id.into(), attempt: 1, status: status.into(), error: None }
    }

    fn failure(outcome: &Outcome) -> Option<&str> {
        match &outcome.outcome {
            Some(outcome::Outcome::Failed(failed)) if failed.terminal => {
                failed.error.as_ref().map(|error| error.r#type.as_str())
            }
            _ => None,
        }
    }

    #[test]
    fn an_outcome_is_sent_once_over_a_stream_and_again_over_the_next_until_it_is_settled() {
        let mut outbox = Outbox::new();
        outbox.add(completed("a", 1));
        assert_eq!(outbox.take().len(), 1);
        assert!(outbox.take().is_empty());
        outbox.send_again(None);
        assert_eq!(outbox.take().len(), 1);
        outbox.settled(&[settle("a", SettleStatus::Stale)]);
        assert!(outbox.is_empty());
        outbox.send_again(None);
        assert!(outbox.take().is_empty());
    }

    #[test]
    fn messages_are_bounded_by_number_and_by_bytes() {
        let mut outbox = Outbox::new();
        (0..1_500).for_each(|n| outbox.add(completed(&n.to_string(), 1)));
        assert_eq!(outbox.take().len(), 1_000);
        assert_eq!(outbox.take().len(), 500);
        (0..4).for_each(|n| outbox.add(completed(&n.to_string(), 1 << 20)));
        assert_eq!(outbox.take().len(), 2);
    }

    #[test]
    fn a_result_that_fits_into_no_message_fails_for_good() {
        let mut outbox = Outbox::new();
        outbox.add(completed("a", 5 << 20));
        assert_eq!(failure(&outbox.take()[0]), Some("PAYLOAD_TOO_LARGE"));
    }

    #[test]
    fn a_message_that_was_too_large_is_never_repeated() {
        let mut outbox = Outbox::new();
        outbox.add(completed("a", 2 << 20));
        outbox.take();
        let mut ended = Error::new(tonic::Code::ResourceExhausted, "MESSAGE_TOO_LARGE", "");
        ended.metadata.insert("max_bytes".into(), "1000000".into());
        outbox.send_again(Some(&ended));
        assert_eq!(failure(&outbox.take()[0]), Some("MESSAGE_TOO_LARGE"));
    }

    #[test]
    fn a_rejected_outcome_is_replaced_once() {
        let mut outbox = Outbox::new();
        outbox.add(completed("a", 1));
        outbox.take();
        outbox.settled(&[settle("a", SettleStatus::Rejected)]);
        assert_eq!(failure(&outbox.take()[0]), Some("OUTCOME_REJECTED"));
        outbox.settled(&[settle("a", SettleStatus::Rejected)]);
        assert!(outbox.is_empty());
    }

    #[test]
    fn a_release_of_a_lost_lease_is_not_repeated_and_a_result_is() {
        let mut outbox = Outbox::new();
        outbox.add(outcome_of("a", 1, released("")));
        outbox.add(completed("b", 1));
        for task_id in ["a", "b"] {
            outbox.lost(&TaskLease { task_id: task_id.into(), attempt: 1 });
        }
        let left: Vec<String> = outbox.leases().map(|lease| lease.task_id).collect();
        assert_eq!(left, ["b"]);
    }
}
