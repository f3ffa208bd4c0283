package sitq

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// What a field takes beside its content, at most: its tag and its length.
const fieldBytes = 8

// outcomeSize is what an outcome takes at most. Protobuf's own function finds the content of a oneof by reflection, which cost a third of the
// processor time of a task that does nothing: it is asked only where the size matters.
func outcomeSize(outcome *sitqv1.Outcome) int {
	size := len(outcome.TaskId) + 4*fieldBytes
	switch kind := outcome.Outcome.(type) {
	case *sitqv1.Outcome_Completed_:
		size += payloadSize(kind.Completed.GetResult())
	case *sitqv1.Outcome_Failed_:
		failure := kind.Failed.GetError()
		size += len(failure.GetMessage()) + len(failure.GetType()) + len(failure.GetStackTrace()) + 8*fieldBytes
	case *sitqv1.Outcome_Released_:
		size += len(kind.Released.GetReason()) + 4*fieldBytes
	}
	if size <= leastMessageBytes {
		return size
	}
	return proto.Size(outcome) + fieldBytes
}

func payloadSize(payload *sitqv1.Payload) int {
	switch kind := payload.GetKind().(type) {
	case *sitqv1.Payload_Binary:
		return len(kind.Binary) + 2*fieldBytes
	case *sitqv1.Payload_Message:
		return len(kind.Message.GetTypeUrl()) + len(kind.Message.GetValue()) + 4*fieldBytes
	case *sitqv1.Payload_Json:
		return valueSize(kind.Json) + 2*fieldBytes
	}
	return fieldBytes
}

func valueSize(value *structpb.Value) int {
	size := 2 * fieldBytes // A number too.
	switch kind := value.GetKind().(type) {
	case *structpb.Value_StringValue:
		size += len(kind.StringValue)
	case *structpb.Value_ListValue:
		for _, each := range kind.ListValue.GetValues() {
			size += valueSize(each)
		}
	case *structpb.Value_StructValue:
		for name, each := range kind.StructValue.GetFields() {
			size += len(name) + valueSize(each) + 2*fieldBytes
		}
	}
	return size
}
