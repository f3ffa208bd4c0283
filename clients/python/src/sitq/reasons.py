"""One class for each reason of the server, named after it: ``except sitq.reasons.QueueFull``. docs/errors.md has them all."""

from . import errors


class InvalidField(errors.InvalidArgumentError):
    """A field is missing, malformed or out of bounds."""


class MalformedMessage(errors.InvalidArgumentError):
    """The bytes are not a message of this method, not what their compression says, or nested too deeply."""


class InvalidPageToken(errors.InvalidArgumentError):
    """The token belongs to another query."""


class PayloadTooLarge(errors.InvalidArgumentError):
    """A payload or result is over `--max-payload-bytes`."""


class HelloExpected(errors.InvalidArgumentError):
    """The first message of a Work stream is not `hello`."""


class HelloRepeated(errors.InvalidArgumentError):
    """A second `hello` on one stream."""


class TaskNotFound(errors.NotFoundError):
    """No task has this id."""


class QueueNotFound(errors.NotFoundError):
    """No queue has this name."""


class WorkflowNotFound(errors.NotFoundError):
    """No workflow has this id."""


class ServiceNotFound(errors.NotFoundError):
    """The service has no instance, or none with these metadata."""


class InstanceNotFound(errors.NotFoundError):
    """The instance was never registered, or was silent for ten times its `ttl`."""


class WorkerNotFound(errors.NotFoundError):
    """No such worker is connected."""


class EventNotFound(errors.NotFoundError):
    """No event has this id, or not from this source."""


class SubscriptionNotFound(errors.NotFoundError):
    """No subscription has this name."""


class RequestIdReused(errors.AlreadyExistsError):
    """The `request_id` made a task or started a workflow with other content."""


class DuplicateTask(errors.AlreadyExistsError):
    """An unfinished task has the `deduplication_key`."""


class EventIdReused(errors.AlreadyExistsError):
    """The source published another event under the id."""


class SubscriptionExists(errors.AlreadyExistsError):
    """A subscription of this name has other content."""


class BatchRefused(errors.AbortedError):
    """Another item of an `atomic` batch was refused, so none was stored."""


class TaskFinished(errors.FailedPreconditionError):
    """A finished task cannot be cancelled, or changed."""


class TaskRunning(errors.FailedPreconditionError):
    """A running task cannot be deleted, or changed."""


class TaskUnfinished(errors.FailedPreconditionError):
    """Only a finished task can be run again."""


class TaskBlocked(errors.FailedPreconditionError):
    """The time of a task that waits for other tasks cannot be changed."""


class TaskIsDelivery(errors.FailedPreconditionError):
    """The task delivers an event: it stays in the queue of its subscription, and is not run again alone."""


class TaskNotRetryable(errors.FailedPreconditionError):
    """The task is not failed, cancelled or waiting for a retry."""


class TaskInWorkflow(errors.FailedPreconditionError):
    """The step of a workflow cannot be retried or deleted alone."""


class WorkflowFinished(errors.FailedPreconditionError):
    """A workflow that is completed or failed cannot be cancelled."""


class WorkflowNotRetryable(errors.FailedPreconditionError):
    """The workflow is not at rest, is completed, or its steps have been compensated."""


class Stale(errors.FailedPreconditionError):
    """The caller does not hold this attempt."""


class InstanceReplaced(errors.FailedPreconditionError):
    """Another process has registered under the same service and instance id."""


class BackupRunning(errors.FailedPreconditionError):
    """One backup at a time."""


class ReadOnly(errors.FailedPreconditionError):
    """The server only shows a file, and the call would change something or is about what runs."""


class SubscriptionBehind(errors.FailedPreconditionError):
    """The subscription has a backlog of events from 100 earlier filters."""


class PositionExpired(errors.FailedPreconditionError):
    """Events after the start are no longer kept."""


class MessageTooLarge(errors.ResourceExhaustedError):
    """One message is larger than `--max-receive-bytes`, decompressed."""


class Overloaded(errors.ResourceExhaustedError):
    """Too many enqueues."""


class QueueFull(errors.ResourceExhaustedError):
    """The queue holds `max_depth` unfinished tasks."""


class DiskLow(errors.ResourceExhaustedError):
    """New work would touch the reserve of a nearly full disk."""


class DiskFull(errors.ResourceExhaustedError):
    """The server's disk is full, or has no room for a backup (`needed_bytes` in the metadata)."""


class WatchTooSlow(errors.ResourceExhaustedError):
    """The watcher reads more slowly than changes occur."""


class TooManyWatchers(errors.ResourceExhaustedError):
    """`--max-watchers` watches are open."""


class TooManyUnfinishedBytes(errors.ResourceExhaustedError):
    """Large messages of the principal or address, as many as `--max-unfinished-bytes` takes, did not become whole in time."""


class TooManyIdleMessages(errors.ResourceExhaustedError):
    """One stream sent more than `--max-idle-messages` messages without work in a minute."""


class ServiceFull(errors.ResourceExhaustedError):
    """All healthy instances are at their capacity."""


class Draining(errors.UnavailableError):
    """The server is stopping."""


class NoHealthyInstance(errors.UnavailableError):
    """The service has instances, but all missed their heartbeat."""


class StoreFailed(errors.UnavailableError):
    """The server's storage failed."""


class StoreUnreachable(errors.UnavailableError):
    """The server cannot reach its database; nothing was changed."""


class FirstMessageTimeout(errors.DeadlineExceededError):
    """The first message of a call stalled for `--first-message-timeout`."""


class HeartbeatTimeout(errors.DeadlineExceededError):
    """A worker was silent for `--lease-duration`."""


class WorkerReplaced(errors.AbortedError):
    """Another process sent `hello` with the same `worker_id`."""


class StreamReplaced(errors.AbortedError):
    """The same process of a worker opened another stream."""


class UnknownMethod(errors.UnimplementedError):
    """The server has no such service or method, or its reflection is off."""


class UnsupportedEncoding(errors.UnimplementedError):
    """The message's compression is not in the trailer `grpc-accept-encoding`."""


class UnsupportedOverHttp(errors.UnimplementedError):
    """The path does not take this HTTP method or content type, or the method is a stream in both directions."""


class BackupUnsupported(errors.UnimplementedError):
    """The data are in PostgreSQL, of which sitq makes no backups."""


class CredentialsRequired(errors.UnauthenticatedError):
    """The call has no token and no client certificate."""


class InvalidCredentials(errors.UnauthenticatedError):
    """The token, certificate or JWT proves no principal."""


class CredentialsExpired(errors.UnauthenticatedError):
    """The token or JWT has expired, before the call or while its stream was open."""


class CredentialsRevoked(errors.UnauthenticatedError):
    """The token was revoked, or its principal deleted."""


class CredentialsDisagree(errors.UnauthenticatedError):
    """The client certificate and the token belong to two principals."""


class RoleRequired(errors.PermissionDeniedError):
    """No grant of the principal has a role that may call the method (`roles` in the metadata)."""


class CrossOrigin(errors.PermissionDeniedError):
    """A page of another origin has made a browser send the request."""


class OutOfScope(errors.PermissionDeniedError):
    """The queue, event type or service of the field, or what its id stands for, is in no grant's scope."""


class PrincipalNotFound(errors.NotFoundError):
    """There is no such principal."""


class TokenNotFound(errors.NotFoundError):
    """There is no such token."""


class PrincipalExists(errors.AlreadyExistsError):
    """There is a principal of this name, with other grants."""


class CertificateInUse(errors.AlreadyExistsError):
    """Another principal has this certificate name."""


class AuthenticationOff(errors.FailedPreconditionError):
    """A call about principals or tokens while authentication is off."""


class IssuerUnavailable(errors.UnavailableError):
    """A JWT names a key that is not known, and the issuer's keys cannot be read."""


class DataLoss(errors.DataLossError):
    """The database is too damaged for a usable backup (the message names some of the damage)."""


class Internal(errors.InternalError):
    """A bug or I/O."""


class HeadersTooLarge(errors.ResourceExhaustedError):
    """The headers of the call are beyond `--max-header-bytes` or `--max-header-fields` (`max_bytes` and `max_fields` in the metadata)."""


class TooManyConnections(errors.ResourceExhaustedError):
    """The principal calls over `--max-connections-per-principal` other connections."""


class TooManyFailedSignIns(errors.ResourceExhaustedError):
    """The credentials are not valid, as others from the same address were (`--max-failed-sign-ins`)."""
