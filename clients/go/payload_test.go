package sitq

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

type inner struct {
	Zip int `json:"zip"`
}

type outer struct {
	Name    string           `json:"name"`
	Address *inner           `json:"address,omitempty"`
	Counts  []int            `json:"counts"`
	Big     int64            `json:"big"`
	Part    float64          `json:"part"`
	More    map[string]inner `json:"more,omitempty"`
}

func TestPayloadRoundTrip(t *testing.T) {
	value := outer{
		Name: "größe \"<\n>", Address: &inner{7}, Counts: []int{1, 2}, Big: 1 << 53, Part: 1e-9, More: map[string]inner{"a\"b": {1}},
	}
	payload, err := EncodePayload(value)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := DecodePayload[outer](payload); err != nil || !reflect.DeepEqual(back, value) {
		t.Errorf("%+v %v", back, err)
	}
	for _, each := range []any{"x", 7.0, true, nil, []byte{1, 2}, []any{1.0, "a"}, map[string]any{"a": nil}} {
		payload, err := EncodePayload(each)
		if err != nil {
			t.Error(err)
		}
		if back, err := DecodePayload[any](payload); err != nil || !reflect.DeepEqual(back, each) {
			t.Errorf("%v is %v: %v", each, back, err)
		}
	}
	if none, err := DecodePayload[outer](nil); err != nil || none.Name != "" {
		t.Error(none, err)
	}
	if payload, err := EncodePayload(struct{}{}); err != nil || payload.Kind != nil {
		t.Error(payload, err)
	}
}

func TestPayloadMessages(t *testing.T) {
	payload, err := EncodePayload(durationpb.New(1))
	if err != nil {
		t.Fatal(err)
	}
	if back, err := DecodePayload[*durationpb.Duration](payload); err != nil || back.AsDuration() != 1 {
		t.Error(back, err)
	}
	if _, err := DecodePayload[*timestamppb.Timestamp](payload); err == nil {
		t.Error("a duration is a time")
	}
	// As a person types it.
	typed := &sitqv1.Payload{Kind: &sitqv1.Payload_Json{Json: structpb.NewStringValue("1.5s")}}
	if back, err := DecodePayload[*durationpb.Duration](typed); err != nil || back.AsDuration() != 1_500_000_000 {
		t.Error(back, err)
	}
	// Maps are written in one order, so that a repeated request is the same.
	fields := map[string]any{}
	for _, key := range "abcdefghijklmnop" {
		fields[string(key)] = string(key)
	}
	message, err := structpb.NewStruct(fields)
	if err != nil {
		t.Fatal(err)
	}
	first, _ := EncodePayload(message)
	for range 20 {
		if again, _ := EncodePayload(message); !proto.Equal(first, again) {
			t.Fatal("another encoding")
		}
	}
}

func object(name string, value *structpb.Value) *structpb.Value {
	return structpb.NewStructValue(&structpb.Struct{Fields: map[string]*structpb.Value{name: value}})
}

func list(value *structpb.Value) *structpb.Value {
	return structpb.NewListValue(&structpb.ListValue{Values: []*structpb.Value{value}})
}

func TestPayloadDepth(t *testing.T) {
	var plain any = 1
	raw := structpb.NewNumberValue(1)
	for range 30 {
		plain, raw = []any{plain}, list(raw)
	}
	for _, each := range []any{plain, raw} {
		if _, err := EncodePayload(each); err != nil {
			t.Error(err)
		}
	}
	for _, each := range []any{[]any{plain}, list(raw)} {
		var failure *PayloadError
		if _, err := EncodePayload(each); !errors.As(err, &failure) {
			t.Errorf("31 levels: %v", err)
		}
	}
	if _, err := EncodePayload(map[string]any{"large": 1e20}); err != nil {
		t.Error(err)
	}
}

func TestPayloadAny(t *testing.T) {
	payload, err := EncodePayload(durationpb.New(1))
	if err != nil {
		t.Fatal(err)
	}
	if back, err := DecodePayload[*anypb.Any](payload); err != nil || !proto.Equal(back, payload.GetMessage()) {
		t.Error(back, err)
	}
	if _, err := DecodePayload[*anypb.Any](&sitqv1.Payload{}); err == nil {
		t.Error("nothing is a message")
	}
}

func TestPayloadRefusals(t *testing.T) {
	for name, value := range map[string]any{
		"orders[1].id": map[string]any{"orders": []any{map[string]any{"id": 1}, map[string]any{"id": int64(1)<<53 + 1}}},
		"id":           map[string]any{"id": uint64(math.MaxInt64)},
		"":             math.NaN(),
		"all":          map[string]any{"all": uint64(math.MaxUint64)},
		"whole":        map[string]any{"whole": new(big.Int).Lsh(big.NewInt(math.MaxInt64), 40)},
		"raw":          &sitqv1.Payload{Kind: &sitqv1.Payload_Json{Json: object("raw", structpb.NewStringValue("a\xff"))}},
		"outer[0].in":  object("outer", list(object("in", structpb.NewStringValue("a\xff")))),
	} {
		var failure *PayloadError
		if _, err := EncodePayload(value); !errors.As(err, &failure) || failure.Field != name {
			t.Errorf("%v: %v", value, err)
		}
	}
	payload, _ := EncodePayload(map[string]any{"name": "x", "address": map[string]any{"zip": "7"}})
	var failure *PayloadError
	if _, err := DecodePayload[outer](payload); !errors.As(err, &failure) || failure.Field != "address.zip" {
		t.Error(err)
	}
	if _, err := DecodePayload[[]byte](payload); err == nil {
		t.Error("JSON is bytes")
	}
	bytes, _ := EncodePayload([]byte("x"))
	if _, err := DecodePayload[outer](bytes); err == nil {
		t.Error("bytes are JSON")
	}
}

type measured struct {
	numbered
	Float  float64            `json:"float"`
	Single float32            `json:",omitempty"`
	Named  map[string]float64 `json:"named"`
	List   []any              `json:"list"`
	Any    *any               `json:"any"`
}

// Whole floats beyond 2^53 are what they are at the top, wherever they lie; integers are refused there.
func TestPayloadWholeFloats(t *testing.T) {
	const large = 1 << 60
	var inner any = map[string]any{"deep": []float64{large}}
	value := measured{Float: large, Single: large, Named: map[string]float64{"a.b": large}, List: []any{1, 1.5e20 + 1<<16, inner}, Any: &inner}
	for _, each := range []any{float64(large), []float64{large}, value, &value} {
		if _, err := EncodePayload(each); err != nil {
			t.Error(err)
		}
	}
	payload, err := EncodePayload(value)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := DecodePayload[measured](payload); err != nil || back.Float != large || back.Single != large || back.Named["a.b"] != large {
		t.Error(back, err)
	}
	for name, each := range map[string]any{
		"number":       measured{numbered: numbered{large}, Float: large},
		"list[1].deep": measured{List: []any{large * 1.0, map[string]any{"deep": int64(large)}}},
		"any":          map[string]any{"any": json.Number("1152921504606846976")},
		"infinite":     &sitqv1.Payload{Kind: &sitqv1.Payload_Json{Json: object("infinite", structpb.NewNumberValue(math.Inf(1)))}},
	} {
		var failure *PayloadError
		if _, err := EncodePayload(each); !errors.As(err, &failure) || failure.Field != name {
			t.Errorf("%v: %v", each, err)
		}
	}
}

type numbered struct {
	Number int `json:"number"`
}

type line struct {
	numbered
	Qty int       `json:"qty"`
	At  time.Time `json:"at"`
}

// whole decodes itself, and wants all of its members.
type whole struct{ from, to int }

func (w *whole) UnmarshalJSON(text []byte) error {
	var read struct{ From, To *int }
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	if read.From == nil || read.To == nil {
		return errors.New("from and to belong together")
	}
	w.from, w.to = *read.From, *read.To
	return nil
}

type nested struct {
	Lines  []line            `json:"lines"`
	Grid   [][]*line         `json:"grid"`
	Stock  map[string][]line `json:"stock"`
	Years  map[int]string    `json:"years"`
	Pair   [2]int            `json:"pair"`
	Ranges []whole           `json:"ranges"`
}

// What cannot be decoded is named with its index and its key, through slices, maps, embedded structs and types that decode themselves.
func TestPayloadFaults(t *testing.T) {
	lines := func(last string) string { return `[{"qty": 1}, {"number": 2}, {"at": null}, ` + last + `]` }
	for text, want := range map[string]string{
		`{"lines": ` + lines(`{"qty": "x"}`) + `}`:                      "payload.lines[3].qty: expected int, got string",
		`{"lines": ` + lines(`{"number": 1.5, "qty": 2}`) + `}`:         "payload.lines[3].number: expected int, got number 1.5",
		`{"lines": ` + lines(`7`) + `}`:                                 "payload.lines[3]: expected sitq.line, got number",
		`{"lines": {"qty": 1}}`:                                         "payload.lines: expected []sitq.line, got object",
		`{"grid": [[], [null, {"qty": 1}, {"qty": {}}]]}`:               "payload.grid[1][2].qty: expected int, got object",
		`{"stock": {"lamp": ` + lines(`{"qty": [1]}`) + `, "bed": []}}`: "payload.stock.lamp[3].qty: expected int, got array",
		`{"years": {"1": "one", "two": "2"}}`:                           "payload.years.two: expected int, got number two",
		`{"pair": [1, true]}`:                                           "payload.pair[1]: expected int, got bool",
		`{"ranges": [{"from": 1, "to": 2}, {"from": 1}]}`:               "payload.ranges[1]: from and to belong together",
		`{"ranges": [{"from": 1, "to": "2"}]}`:                          "payload.ranges[0]: expected int, got string",
		`[1]`:                                                           "payload: expected sitq.nested, got array",
	} {
		if _, err := DecodePayload[nested](jsonPayload(t, text)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	if _, err := DecodePayload[[]line](jsonPayload(t, lines(`{"qty": "x"}`))); err == nil || err.Error() != "payload[3].qty: expected int, got string" {
		t.Error(err)
	}
	var failure *PayloadError
	_, err := DecodePayload[nested](jsonPayload(t, `{"lines": [{"at": "yesterday"}]}`))
	if !errors.As(err, &failure) || failure.Field != "lines[0].at" || failure.Unwrap() == nil {
		t.Error(err)
	}
}

func jsonPayload(t *testing.T, text string) *sitqv1.Payload {
	t.Helper()
	value := &structpb.Value{}
	if err := value.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return &sitqv1.Payload{Kind: &sitqv1.Payload_Json{Json: value}}
}
