package sitq

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/structpb"
)

// largestInteger is the largest whole number to which all smaller ones are exact in a JSON number of the contract, a double.
const largestInteger = 1 << 53

// deepestJSON is how many lists and objects may lie within each other.
const deepestJSON = 30

// jsonValueOf encodes a value as encoding/json does, as the contract has it. Whole numbers that a double cannot hold are refused:
// they would change without a word.
func jsonValueOf(value any) (*structpb.Value, error) {
	switch value := value.(type) {
	case string:
		if utf8.ValidString(value) {
			return structpb.NewStringValue(value), nil
		}
	case bool:
		return structpb.NewBoolValue(value), nil
	case int:
		if value <= largestInteger && value >= -largestInteger {
			return structpb.NewNumberValue(float64(value)), nil
		}
	case float64:
		if !math.IsNaN(value) && !math.IsInf(value, 0) {
			return structpb.NewNumberValue(value), nil
		}
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, &PayloadError{Message: err.Error(), cause: err}
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var plain any
	if err := decoder.Decode(&plain); err != nil {
		return nil, &PayloadError{Message: err.Error(), cause: err}
	}
	return (&jsonEncoder{of: value}).value(plain)
}

// jsonEncoder encodes what encoding/json made of a value.
type jsonEncoder struct {
	of any
	// The keys and indexes on the way to what is encoded.
	place []any
}

func (e *jsonEncoder) value(plain any) (*structpb.Value, error) {
	if err := checkDepth(len(e.place), plain); err != nil {
		return nil, err
	}
	switch plain := plain.(type) {
	case string:
		return structpb.NewStringValue(plain), nil
	case bool:
		return structpb.NewBoolValue(plain), nil
	case json.Number:
		return e.number(plain)
	case []any:
		values := make([]*structpb.Value, len(plain))
		for i, each := range plain {
			value, err := e.within(i, each)
			if err != nil {
				return nil, err
			}
			values[i] = value
		}
		return structpb.NewListValue(&structpb.ListValue{Values: values}), nil
	case map[string]any:
		fields := make(map[string]*structpb.Value, len(plain))
		for key, each := range plain {
			value, err := e.within(key, each)
			if err != nil {
				return nil, err
			}
			fields[key] = value
		}
		return structpb.NewStructValue(&structpb.Struct{Fields: fields}), nil
	}
	return structpb.NewNullValue(), nil
}

// within encodes a member or an item.
func (e *jsonEncoder) within(step, plain any) (*structpb.Value, error) {
	e.place = append(e.place, step)
	value, err := e.value(plain)
	e.place = e.place[:len(e.place)-1]
	return value, err
}

func (e *jsonEncoder) number(number json.Number) (*structpb.Value, error) {
	value, err := number.Float64()
	if err != nil {
		return nil, &PayloadError{Field: e.path(), Message: err.Error(), cause: err}
	}
	isExact := math.Abs(value) < largestInteger || isDouble(string(number), value)
	if !isExact && !isFloat(e.of, e.place) {
		return nil, &PayloadError{Field: e.path(), Message: fmt.Sprintf("%s is beyond 2^53: carry it as text", number)}
	}
	return structpb.NewNumberValue(value), nil
}

// isDouble reports whether digits beyond 2^53 are not those of an integer that its double may not hold.
func isDouble(digits string, value float64) bool {
	if whole, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return whole == largestInteger || whole == -largestInteger
	}
	// One that is larger than an int64: the digits of a uint64 or a big.Int, or of a float.
	whole, isWhole := new(big.Int).SetString(digits, 10)
	return !isWhole || new(big.Float).SetInt(whole).Cmp(big.NewFloat(value)) == 0
}

// path is the place as errors name it: "lines[3].qty".
func (e *jsonEncoder) path() string {
	var path strings.Builder
	for _, step := range e.place {
		if index, ok := step.(int); ok {
			fmt.Fprintf(&path, "[%d]", index)
			continue
		}
		if path.Len() > 0 {
			path.WriteByte('.')
		}
		fmt.Fprint(&path, step)
	}
	return path.String()
}

// checkDepth refuses lists and objects that lie too deep: a server cannot even read a message that is nested much deeper, and ends the
// stream over which it came.
func checkDepth(depth int, plain any) error {
	if depth < deepestJSON {
		return nil
	}
	switch plain.(type) {
	case []any, map[string]any, *structpb.Value_ListValue, *structpb.Value_StructValue:
		return &PayloadError{Message: fmt.Sprintf("it is more than %d levels deep", deepestJSON)}
	}
	return nil
}

// checkJSON refuses a value that was not made here and cannot be sent: it would end the stream, and be sent again over the next.
func checkJSON(value *structpb.Value, path string, depth int) error {
	if err := checkDepth(depth, value.GetKind()); err != nil {
		return err
	}
	switch kind := value.GetKind().(type) {
	case *structpb.Value_NumberValue:
		if math.IsNaN(kind.NumberValue) || math.IsInf(kind.NumberValue, 0) {
			return &PayloadError{Field: path, Message: fmt.Sprintf("%v is no number of JSON", kind.NumberValue)}
		}
	case *structpb.Value_StringValue:
		return checkText(kind.StringValue, path)
	case *structpb.Value_ListValue:
		for i, each := range kind.ListValue.GetValues() {
			if err := checkJSON(each, fmt.Sprintf("%s[%d]", path, i), depth+1); err != nil {
				return err
			}
		}
	case *structpb.Value_StructValue:
		for key, each := range kind.StructValue.GetFields() {
			if err := checkText(key, path); err != nil {
				return err
			}
			inner := key
			if path != "" {
				inner = path + "." + key
			}
			if err := checkJSON(each, inner, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkText(text, path string) error {
	if utf8.ValidString(text) {
		return nil
	}
	return &PayloadError{Field: path, Message: fmt.Sprintf("%q is not valid UTF-8", text)}
}

// appendJSON writes a value as JSON, whole numbers as whole numbers, so that encoding/json reads them into integers.
func appendJSON(b []byte, value *structpb.Value) []byte {
	switch kind := value.GetKind().(type) {
	case *structpb.Value_BoolValue:
		return strconv.AppendBool(b, kind.BoolValue)
	case *structpb.Value_NumberValue:
		return appendNumber(b, kind.NumberValue)
	case *structpb.Value_StringValue:
		return appendString(b, kind.StringValue)
	case *structpb.Value_ListValue:
		b = append(b, '[')
		for i, each := range kind.ListValue.GetValues() {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, each)
		}
		return append(b, ']')
	case *structpb.Value_StructValue:
		b = append(b, '{')
		first := true
		for key, each := range kind.StructValue.GetFields() {
			if !first {
				b = append(b, ',')
			}
			first = false
			b = append(appendString(b, key), ':')
			b = appendJSON(b, each)
		}
		return append(b, '}')
	}
	return append(b, "null"...)
}

func appendNumber(b []byte, number float64) []byte {
	if math.IsNaN(number) || math.IsInf(number, 0) {
		return append(b, "null"...)
	}
	format := byte('f')
	if size := math.Abs(number); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, number, format, -1, 64)
}

func appendString(b []byte, text string) []byte {
	plain := !slices.ContainsFunc([]byte(text), func(c byte) bool { return c < 0x20 || c >= 0x7f || c == '"' || c == '\\' })
	if plain {
		b = append(b, '"')
		b = append(b, text...)
		return append(b, '"')
	}
	quoted, _ := json.Marshal(text) // Text of a string cannot fail.
	return append(b, quoted...)
}
