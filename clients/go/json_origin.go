package sitq

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// isFloat reports whether the number at a place of a value's JSON was made of a float. The digits alone do not say: encoding/json writes
// whole floats below 1e21 as it writes integers.
func isFloat(of any, place []any) bool {
	value := plainOf(reflect.ValueOf(of))
	for _, step := range place {
		switch step := step.(type) {
		case int:
			if kind := value.Kind(); kind != reflect.Slice && kind != reflect.Array {
				return false
			}
			value = value.Index(step)
		case string:
			value = memberOf(value, step)
		}
		value = plainOf(value)
	}
	return value.IsValid() && value.CanFloat()
}

// plainOf follows pointers and interfaces. What makes its own JSON is none: it may be laid out in another way.
func plainOf(value reflect.Value) reflect.Value {
	for value.IsValid() {
		of := reflect.PointerTo(value.Type())
		switch {
		case of.Implements(reflect.TypeFor[json.Marshaler]()), of.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
			return reflect.Value{}
		case value.Kind() != reflect.Pointer && value.Kind() != reflect.Interface:
			return value
		}
		value = value.Elem()
	}
	return value
}

// memberOf is the member of a map or a struct that has a name in JSON; none, if there is no such member.
func memberOf(value reflect.Value, name string) reflect.Value {
	switch value.Kind() {
	case reflect.Map:
		for each := value.MapRange(); each.Next(); {
			if fmt.Sprint(each.Key()) == name {
				return each.Value()
			}
		}
	case reflect.Struct:
		for _, field := range reflect.VisibleFields(value.Type()) {
			tagged, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !field.IsExported() || tagged != name && (tagged != "" || field.Name != name) {
				continue
			}
			member, err := value.FieldByIndexErr(field.Index)
			if err == nil {
				return member
			}
		}
	}
	return reflect.Value{}
}
