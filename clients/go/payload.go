package sitq

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// PayloadError is a payload or a result that is not what its type can hold.
type PayloadError struct {
	// Field is the path of the member at fault: "lines[3].qty". Empty: the payload as a whole.
	Field string
	// Message says what is wrong.
	Message string
	cause   error
}

// Error returns the field and the text.
func (e *PayloadError) Error() string {
	switch {
	case e.Field == "":
		return "payload: " + e.Message
	case e.Field[0] == '[':
		return "payload" + e.Field + ": " + e.Message
	}
	return "payload." + e.Field + ": " + e.Message
}

// Unwrap returns what the decoder said.
func (e *PayloadError) Unwrap() error { return e.cause }

// EncodePayload makes the payload of a value: nothing for struct{}, null for nil, bytes for []byte, a typed message for a Protobuf message,
// otherwise the JSON of encoding/json. Typed messages are encoded deterministically, so that a repeated request is the same request.
func EncodePayload(value any) (*sitqv1.Payload, error) {
	switch value := value.(type) {
	case nil:
		return &sitqv1.Payload{Kind: &sitqv1.Payload_Json{Json: structpb.NewNullValue()}}, nil
	case struct{}:
		return &sitqv1.Payload{}, nil
	case *sitqv1.Payload:
		return value, checkJSON(value.GetJson(), "", 0)
	case []byte:
		return &sitqv1.Payload{Kind: &sitqv1.Payload_Binary{Binary: value}}, nil
	case *structpb.Value:
		if err := checkJSON(value, "", 0); err != nil {
			return nil, err
		}
		return &sitqv1.Payload{Kind: &sitqv1.Payload_Json{Json: value}}, nil
	case *anypb.Any:
		return &sitqv1.Payload{Kind: &sitqv1.Payload_Message{Message: value}}, nil
	case proto.Message:
		packed := &anypb.Any{}
		if err := anypb.MarshalFrom(packed, value, proto.MarshalOptions{Deterministic: true}); err != nil {
			return nil, &PayloadError{Message: err.Error(), cause: err}
		}
		return &sitqv1.Payload{Kind: &sitqv1.Payload_Message{Message: packed}}, nil
	}
	encoded, err := jsonValueOf(value)
	if err != nil {
		return nil, err
	}
	return &sitqv1.Payload{Kind: &sitqv1.Payload_Json{Json: encoded}}, nil
}

// fieldPayload makes the payload of a field that may be left out: nil is nothing.
func fieldPayload(field string, value any) (*sitqv1.Payload, error) {
	if value == nil {
		return nil, nil
	}
	payload, err := EncodePayload(value)
	if err != nil {
		return nil, invalid(field, err.Error())
	}
	return payload, nil
}

// DecodePayload reads a payload as T: JSON by encoding/json, bytes as []byte, a typed message as that message, also where it came as
// JSON. T may be any: then JSON comes as encoding/json has it, bytes as []byte and a typed message as *anypb.Any; or *anypb.Any, which
// takes any typed message; or *sitqv1.Payload, or struct{}, which takes everything.
//
// Where T or *T has a method Validate() error, it is called after JSON was read: encoding/json itself demands no member.
func DecodePayload[T any](payload *sitqv1.Payload) (T, error) {
	var out T
	switch into := any(&out).(type) {
	case *struct{}:
		return out, nil
	case **sitqv1.Payload:
		*into = payload
		return out, nil
	case *any:
		return out, decodePlain(payload, into)
	case **anypb.Any:
		if _, ok := payload.GetKind().(*sitqv1.Payload_Message); !ok {
			return out, unexpected("a message", payload)
		}
		*into = payload.GetMessage()
		return out, nil
	case *[]byte:
		if _, ok := payload.GetKind().(*sitqv1.Payload_Binary); !ok {
			return out, unexpected("bytes", payload)
		}
		*into = payload.GetBinary()
		return out, nil
	}
	if message, ok := any(out).(proto.Message); ok {
		made := message.ProtoReflect().New().Interface()
		if err := decodeMessage(payload, made); err != nil {
			return out, err
		}
		return made.(T), nil
	}
	if err := decodeJSON(payload, &out); err != nil {
		return out, err
	}
	return out, validate(&out)
}

func validate(value any) error {
	checked, ok := value.(interface{ Validate() error })
	if !ok {
		return nil
	}
	err := checked.Validate()
	var payload *PayloadError
	if err == nil || errors.As(err, &payload) {
		return err
	}
	return &PayloadError{Message: err.Error(), cause: err}
}

func decodePlain(payload *sitqv1.Payload, into *any) error {
	switch kind := payload.GetKind().(type) {
	case *sitqv1.Payload_Binary:
		*into = kind.Binary
	case *sitqv1.Payload_Message:
		*into = kind.Message
	case *sitqv1.Payload_Json:
		*into = kind.Json.AsInterface()
	}
	return nil
}

func decodeMessage(payload *sitqv1.Payload, into proto.Message) error {
	name := string(into.ProtoReflect().Descriptor().FullName())
	switch kind := payload.GetKind().(type) {
	case *sitqv1.Payload_Message:
		if string(kind.Message.MessageName()) != name {
			return &PayloadError{Message: fmt.Sprintf("expected a %s, not a %s", name, kind.Message.MessageName())}
		}
		if err := kind.Message.UnmarshalTo(into); err != nil {
			return &PayloadError{Message: fmt.Sprintf("it is not a valid %s: %v", name, err), cause: err}
		}
		return nil
	case *sitqv1.Payload_Json:
		text := appendJSON(nil, kind.Json)
		if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(text, into); err != nil {
			// protojson varies its spaces on purpose.
			text := strings.ReplaceAll(err.Error(), "\u00a0", " ")
			return &PayloadError{Message: fmt.Sprintf("it is not a valid %s: %s", name, text), cause: err}
		}
		return nil
	}
	return unexpected("a "+name, payload)
}

func decodeJSON(payload *sitqv1.Payload, into any) error {
	var value *structpb.Value
	switch kind := payload.GetKind().(type) {
	case *sitqv1.Payload_Json:
		value = kind.Json
	case nil: // An empty payload is read as null.
	default:
		return unexpected("JSON", payload)
	}
	if json.Unmarshal(appendJSON(nil, value), into) == nil {
		return nil
	}
	return faultOf(value, reflect.TypeOf(into).Elem())
}

func unexpected(expected string, payload *sitqv1.Payload) error {
	got := "an empty payload"
	switch kind := payload.GetKind().(type) {
	case *sitqv1.Payload_Binary:
		got = "bytes"
	case *sitqv1.Payload_Json:
		got = "JSON"
	case *sitqv1.Payload_Message:
		got = "a " + string(kind.Message.MessageName())
	}
	return &PayloadError{Message: fmt.Sprintf("expected %s, not %s", expected, got)}
}
