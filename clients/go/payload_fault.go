package sitq

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/structpb"
)

// faultOf returns why a type cannot hold a JSON value, with the path of the member at fault. encoding/json names fields alone: neither an index
// nor the key of a map, and nothing of what a type's own method refuses. So each member is decoded with nothing beside it, from the
// outermost inwards: the one that fails is at fault.
func faultOf(value *structpb.Value, of reflect.Type) error {
	decode := func(value *structpb.Value) error {
		return json.Unmarshal(appendJSON(nil, value), reflect.New(of).Interface())
	}
	path, err := faultIn(value, decode)
	path = strings.TrimPrefix(path, ".")
	var mismatch *json.UnmarshalTypeError
	if !errors.As(err, &mismatch) {
		return &PayloadError{Field: path, Message: err.Error(), cause: err}
	}
	if path == "" {
		path = mismatch.Field // Of a type that decodes its members itself.
	}
	return &PayloadError{Field: path, Message: fmt.Sprintf("expected %s, got %s", mismatch.Type, mismatch.Value), cause: err}
}

// faultIn returns the path of what is at fault in a value that cannot be decoded, and its error.
func faultIn(value *structpb.Value, decode func(*structpb.Value) error) (string, error) {
	switch kind := value.GetKind().(type) {
	case *structpb.Value_ListValue:
		list := func(values ...*structpb.Value) error {
			return decode(structpb.NewListValue(&structpb.ListValue{Values: values}))
		}
		if list() != nil {
			break
		}
		for i, each := range kind.ListValue.GetValues() {
			if list(each) != nil {
				path, err := faultIn(each, func(value *structpb.Value) error { return list(value) })
				return fmt.Sprintf("[%d]%s", i, path), err
			}
		}
	case *structpb.Value_StructValue:
		object := func(fields map[string]*structpb.Value) error {
			return decode(structpb.NewStructValue(&structpb.Struct{Fields: fields}))
		}
		if object(nil) != nil {
			break
		}
		fields := kind.StructValue.GetFields()
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			member := func(value *structpb.Value) error { return object(map[string]*structpb.Value{key: value}) }
			if member(fields[key]) != nil {
				path, err := faultIn(fields[key], member)
				return "." + key + path, err
			}
		}
	}
	return "", decode(value)
}
