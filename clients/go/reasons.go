package sitq

import "google.golang.org/grpc/codes"

// Reason is the stable name of an error's cause, as in the ErrorInfo of the server. It is an error itself, to be the target of
// errors.Is: errors.Is(err, sitq.ErrQueueFull).
type Reason string

// Error returns the reason.
func (r Reason) Error() string { return string(r) }

// The reasons of the server. docs/errors.md says when each occurs, and what to do.
const (
	ErrInvalidField           Reason = "INVALID_FIELD"
	ErrMalformedMessage       Reason = "MALFORMED_MESSAGE"
	ErrInvalidPageToken       Reason = "INVALID_PAGE_TOKEN"
	ErrPayloadTooLarge        Reason = "PAYLOAD_TOO_LARGE"
	ErrHelloExpected          Reason = "HELLO_EXPECTED"
	ErrHelloRepeated          Reason = "HELLO_REPEATED"
	ErrTaskNotFound           Reason = "TASK_NOT_FOUND"
	ErrQueueNotFound          Reason = "QUEUE_NOT_FOUND"
	ErrWorkflowNotFound       Reason = "WORKFLOW_NOT_FOUND"
	ErrServiceNotFound        Reason = "SERVICE_NOT_FOUND"
	ErrInstanceNotFound       Reason = "INSTANCE_NOT_FOUND"
	ErrWorkerNotFound         Reason = "WORKER_NOT_FOUND"
	ErrEventNotFound          Reason = "EVENT_NOT_FOUND"
	ErrSubscriptionNotFound   Reason = "SUBSCRIPTION_NOT_FOUND"
	ErrRequestIDReused        Reason = "REQUEST_ID_REUSED"
	ErrDuplicateTask          Reason = "DUPLICATE_TASK"
	ErrEventIDReused          Reason = "EVENT_ID_REUSED"
	ErrSubscriptionExists     Reason = "SUBSCRIPTION_EXISTS"
	ErrBatchRefused           Reason = "BATCH_REFUSED"
	ErrTaskFinished           Reason = "TASK_FINISHED"
	ErrTaskRunning            Reason = "TASK_RUNNING"
	ErrTaskUnfinished         Reason = "TASK_UNFINISHED"
	ErrTaskBlocked            Reason = "TASK_BLOCKED"
	ErrTaskIsDelivery         Reason = "TASK_IS_DELIVERY"
	ErrTaskNotRetryable       Reason = "TASK_NOT_RETRYABLE"
	ErrTaskInWorkflow         Reason = "TASK_IN_WORKFLOW"
	ErrWorkflowFinished       Reason = "WORKFLOW_FINISHED"
	ErrWorkflowNotRetryable   Reason = "WORKFLOW_NOT_RETRYABLE"
	ErrStale                  Reason = "STALE"
	ErrInstanceReplaced       Reason = "INSTANCE_REPLACED"
	ErrBackupRunning          Reason = "BACKUP_RUNNING"
	ErrReadOnly               Reason = "READ_ONLY"
	ErrSubscriptionBehind     Reason = "SUBSCRIPTION_BEHIND"
	ErrPositionExpired        Reason = "POSITION_EXPIRED"
	ErrMessageTooLarge        Reason = "MESSAGE_TOO_LARGE"
	ErrHeadersTooLarge        Reason = "HEADERS_TOO_LARGE"
	ErrTooManyConnections     Reason = "TOO_MANY_CONNECTIONS"
	ErrTooManyFailedSignIns   Reason = "TOO_MANY_FAILED_SIGN_INS"
	ErrOverloaded             Reason = "OVERLOADED"
	ErrQueueFull              Reason = "QUEUE_FULL"
	ErrDiskLow                Reason = "DISK_LOW"
	ErrDiskFull               Reason = "DISK_FULL"
	ErrWatchTooSlow           Reason = "WATCH_TOO_SLOW"
	ErrTooManyWatchers        Reason = "TOO_MANY_WATCHERS"
	ErrTooManyIdleMessages    Reason = "TOO_MANY_IDLE_MESSAGES"
	ErrTooManyUnfinishedBytes Reason = "TOO_MANY_UNFINISHED_BYTES"
	ErrServiceFull            Reason = "SERVICE_FULL"
	ErrDraining               Reason = "DRAINING"
	ErrNoHealthyInstance      Reason = "NO_HEALTHY_INSTANCE"
	ErrStoreFailed            Reason = "STORE_FAILED"
	ErrStoreUnreachable       Reason = "STORE_UNREACHABLE"
	ErrFirstMessageTimeout    Reason = "FIRST_MESSAGE_TIMEOUT"
	ErrHeartbeatTimeout       Reason = "HEARTBEAT_TIMEOUT"
	ErrWorkerReplaced         Reason = "WORKER_REPLACED"
	ErrStreamReplaced         Reason = "STREAM_REPLACED"
	ErrUnknownMethod          Reason = "UNKNOWN_METHOD"
	ErrUnsupportedEncoding    Reason = "UNSUPPORTED_ENCODING"
	ErrUnsupportedOverHTTP    Reason = "UNSUPPORTED_OVER_HTTP"
	ErrBackupUnsupported      Reason = "BACKUP_UNSUPPORTED"
	ErrCredentialsRequired    Reason = "CREDENTIALS_REQUIRED"
	ErrInvalidCredentials     Reason = "INVALID_CREDENTIALS"
	ErrCredentialsExpired     Reason = "CREDENTIALS_EXPIRED"
	ErrCredentialsRevoked     Reason = "CREDENTIALS_REVOKED"
	ErrCredentialsDisagree    Reason = "CREDENTIALS_DISAGREE"
	ErrRoleRequired           Reason = "ROLE_REQUIRED"
	ErrCrossOrigin            Reason = "CROSS_ORIGIN"
	ErrOutOfScope             Reason = "OUT_OF_SCOPE"
	ErrPrincipalNotFound      Reason = "PRINCIPAL_NOT_FOUND"
	ErrTokenNotFound          Reason = "TOKEN_NOT_FOUND"
	ErrPrincipalExists        Reason = "PRINCIPAL_EXISTS"
	ErrCertificateInUse       Reason = "CERTIFICATE_IN_USE"
	ErrAuthenticationOff      Reason = "AUTHENTICATION_OFF"
	ErrIssuerUnavailable      Reason = "ISSUER_UNAVAILABLE"
	ErrDataLoss               Reason = "DATA_LOSS"
	ErrInternal               Reason = "INTERNAL"
)

// The reasons of this package.
const (
	// ErrClosed: the client is closed.
	ErrClosed Reason = "CLOSED"
	// ErrTokenUnavailable: the source of the token failed.
	ErrTokenUnavailable Reason = "TOKEN_UNAVAILABLE"
	// ErrServerSilent: nothing was heard of the server for two heartbeat intervals.
	ErrServerSilent Reason = "SERVER_SILENT"
)

// Code returns the code that the server's errors with the reason have; Unknown for other reasons.
func (r Reason) Code() codes.Code {
	if code, ok := reasonCodes[r]; ok {
		return code
	}
	return codes.Unknown
}

// reasonCodes has each reason of the server with its code.
var reasonCodes = map[Reason]codes.Code{
	ErrInvalidField:           codes.InvalidArgument,
	ErrMalformedMessage:       codes.InvalidArgument,
	ErrInvalidPageToken:       codes.InvalidArgument,
	ErrPayloadTooLarge:        codes.InvalidArgument,
	ErrHelloExpected:          codes.InvalidArgument,
	ErrHelloRepeated:          codes.InvalidArgument,
	ErrTaskNotFound:           codes.NotFound,
	ErrQueueNotFound:          codes.NotFound,
	ErrWorkflowNotFound:       codes.NotFound,
	ErrServiceNotFound:        codes.NotFound,
	ErrInstanceNotFound:       codes.NotFound,
	ErrWorkerNotFound:         codes.NotFound,
	ErrEventNotFound:          codes.NotFound,
	ErrSubscriptionNotFound:   codes.NotFound,
	ErrRequestIDReused:        codes.AlreadyExists,
	ErrDuplicateTask:          codes.AlreadyExists,
	ErrEventIDReused:          codes.AlreadyExists,
	ErrSubscriptionExists:     codes.AlreadyExists,
	ErrBatchRefused:           codes.Aborted,
	ErrTaskFinished:           codes.FailedPrecondition,
	ErrTaskRunning:            codes.FailedPrecondition,
	ErrTaskUnfinished:         codes.FailedPrecondition,
	ErrTaskBlocked:            codes.FailedPrecondition,
	ErrTaskIsDelivery:         codes.FailedPrecondition,
	ErrTaskNotRetryable:       codes.FailedPrecondition,
	ErrTaskInWorkflow:         codes.FailedPrecondition,
	ErrWorkflowFinished:       codes.FailedPrecondition,
	ErrWorkflowNotRetryable:   codes.FailedPrecondition,
	ErrStale:                  codes.FailedPrecondition,
	ErrInstanceReplaced:       codes.FailedPrecondition,
	ErrBackupRunning:          codes.FailedPrecondition,
	ErrReadOnly:               codes.FailedPrecondition,
	ErrSubscriptionBehind:     codes.FailedPrecondition,
	ErrPositionExpired:        codes.FailedPrecondition,
	ErrMessageTooLarge:        codes.ResourceExhausted,
	ErrHeadersTooLarge:        codes.ResourceExhausted,
	ErrTooManyConnections:     codes.ResourceExhausted,
	ErrTooManyFailedSignIns:   codes.ResourceExhausted,
	ErrOverloaded:             codes.ResourceExhausted,
	ErrQueueFull:              codes.ResourceExhausted,
	ErrDiskLow:                codes.ResourceExhausted,
	ErrDiskFull:               codes.ResourceExhausted,
	ErrWatchTooSlow:           codes.ResourceExhausted,
	ErrTooManyWatchers:        codes.ResourceExhausted,
	ErrTooManyIdleMessages:    codes.ResourceExhausted,
	ErrTooManyUnfinishedBytes: codes.ResourceExhausted,
	ErrServiceFull:            codes.ResourceExhausted,
	ErrDraining:               codes.Unavailable,
	ErrNoHealthyInstance:      codes.Unavailable,
	ErrStoreFailed:            codes.Unavailable,
	ErrStoreUnreachable:       codes.Unavailable,
	ErrFirstMessageTimeout:    codes.DeadlineExceeded,
	ErrHeartbeatTimeout:       codes.DeadlineExceeded,
	ErrWorkerReplaced:         codes.Aborted,
	ErrStreamReplaced:         codes.Aborted,
	ErrUnknownMethod:          codes.Unimplemented,
	ErrUnsupportedEncoding:    codes.Unimplemented,
	ErrUnsupportedOverHTTP:    codes.Unimplemented,
	ErrBackupUnsupported:      codes.Unimplemented,
	ErrCredentialsRequired:    codes.Unauthenticated,
	ErrInvalidCredentials:     codes.Unauthenticated,
	ErrCredentialsExpired:     codes.Unauthenticated,
	ErrCredentialsRevoked:     codes.Unauthenticated,
	ErrCredentialsDisagree:    codes.Unauthenticated,
	ErrRoleRequired:           codes.PermissionDenied,
	ErrCrossOrigin:            codes.PermissionDenied,
	ErrOutOfScope:             codes.PermissionDenied,
	ErrPrincipalNotFound:      codes.NotFound,
	ErrTokenNotFound:          codes.NotFound,
	ErrPrincipalExists:        codes.AlreadyExists,
	ErrCertificateInUse:       codes.AlreadyExists,
	ErrAuthenticationOff:      codes.FailedPrecondition,
	ErrIssuerUnavailable:      codes.Unavailable,
	ErrDataLoss:               codes.DataLoss,
	ErrInternal:               codes.Internal,
}
