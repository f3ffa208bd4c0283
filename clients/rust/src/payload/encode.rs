use std::{collections::BTreeMap, fmt};

use prost_types::{value::Kind, Struct, Value};
use serde::ser::{self, Serialize};

use super::containers::{Items, Members};
use super::{too_deep, PayloadError, DEEPEST, LARGEST_INTEGER};

/// As what serde_json serializes numbers with all of their digits (its feature `arbitrary_precision`), and JSON that is not parsed.
pub(super) const DIGITS: &str = "$serde_json::private::Number";
pub(super) const RAW: &str = "$serde_json::private::RawValue";

/// Encodes what serde serializes as JSON of the contract. What JSON would change without a word is refused: NaN, infinities, and integers that
/// a double does not hold.
#[derive(Clone, Copy)]
pub(super) struct Encoder {
    /// How many lists and objects lie around the value.
    depth: usize,
}

impl Encoder {
    pub(super) const TOP: Self = Self { depth: 0 };

    fn within(self) -> Result<Self, PayloadError> {
        if self.depth == DEEPEST {
            return Err(too_deep());
        }
        Ok(Self { depth: self.depth + 1 })
    }

    fn items(self, variant: Option<&'static str>) -> Result<Items, PayloadError> {
        let outer = if variant.is_some() { self.within()? } else { self };
        Ok(Items { inner: outer.within()?, values: Vec::new(), variant })
    }

    fn members(self, name: &'static str, variant: Option<&'static str>) -> Result<Members, PayloadError> {
        let outer = if variant.is_some() { self.within()? } else { self };
        // A number or raw JSON is no object.
        let inner = if name == DIGITS || name == RAW { outer } else { outer.within()? };
        Ok(Members { inner, fields: BTreeMap::new(), key: String::new(), name, variant })
    }
}

pub(super) fn of(kind: Kind) -> Value {
    Value { kind: Some(kind) }
}

fn whole(size: u128, number: f64, digits: impl fmt::Display) -> Result<Value, PayloadError> {
    if size > LARGEST_INTEGER as u128 {
        return Err(PayloadError::of_whole(format!("{digits} is beyond 2^53: carry it as text")));
    }
    Ok(of(Kind::NumberValue(number)))
}

fn float(number: f64) -> Result<Value, PayloadError> {
    if !number.is_finite() {
        return Err(PayloadError::of_whole(format!("{number} is no number of JSON")));
    }
    Ok(of(Kind::NumberValue(number)))
}

pub(super) fn digits(text: &str) -> Result<Value, PayloadError> {
    let number = text.parse::<f64>().map_err(<PayloadError as ser::Error>::custom)?;
    match text.parse::<i128>() {
        Ok(integer) => whole(integer.unsigned_abs(), number, text),
        Err(_) => float(number),
    }
}

pub(super) fn text_of(key: &(impl Serialize + ?Sized)) -> Result<String, PayloadError> {
    match serde_json::to_value(key) {
        Ok(serde_json::Value::String(text)) => Ok(text),
        Ok(serde_json::Value::Number(number)) => Ok(number.to_string()),
        Ok(serde_json::Value::Bool(value)) => Ok(value.to_string()),
        _ => Err(PayloadError::of_whole("it has a key that is no text")),
    }
}

/// What a variant of an enum with content becomes: an object with the variant's name.
pub(super) fn tagged(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        None => value,
        Some(variant) => of(Kind::StructValue(Struct { fields: BTreeMap::from([(variant.to_owned(), value)]) })),
    }
}

impl ser::Error for PayloadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::of_whole(message.to_string())
    }
}

/// The methods that encode an integer, or a float.
macro_rules! numbers {
    ($($method:ident $type:ty => $make:expr;)*) => {
        $(fn $method(self, number: $type) -> Result<Value, PayloadError> {
            $make(number)
        })*
    };
}

impl ser::Serializer for Encoder {
    type Ok = Value;
    type Error = PayloadError;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Members;
    type SerializeStruct = Members;
    type SerializeStructVariant = Members;

    numbers! {
        serialize_i8 i8 => |n| float(f64::from(n));
        serialize_i16 i16 => |n| float(f64::from(n));
        serialize_i32 i32 => |n| float(f64::from(n));
        serialize_u8 u8 => |n| float(f64::from(n));
        serialize_u16 u16 => |n| float(f64::from(n));
        serialize_u32 u32 => |n| float(f64::from(n));
        serialize_i64 i64 => |n: i64| whole(n.unsigned_abs().into(), n as f64, n);
        serialize_u64 u64 => |n: u64| whole(n.into(), n as f64, n);
        serialize_i128 i128 => |n: i128| whole(n.unsigned_abs(), n as f64, n);
        serialize_u128 u128 => |n: u128| whole(n, n as f64, n);
        serialize_f64 f64 => float;
    }

    fn serialize_f32(self, number: f32) -> Result<Value, PayloadError> {
        // Its own digits, not those of the double next to it.
        float(if number.is_finite() { number.to_string().parse().unwrap_or(f64::NAN) } else { number.into() })
    }

    fn serialize_bool(self, value: bool) -> Result<Value, PayloadError> {
        Ok(of(Kind::BoolValue(value)))
    }

    fn serialize_char(self, value: char) -> Result<Value, PayloadError> {
        Ok(of(Kind::StringValue(value.to_string())))
    }

    fn serialize_str(self, value: &str) -> Result<Value, PayloadError> {
        Ok(of(Kind::StringValue(value.to_owned())))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value, PayloadError> {
        bytes.serialize(self)
    }

    fn serialize_none(self) -> Result<Value, PayloadError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, PayloadError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, PayloadError> {
        Ok(of(Kind::NullValue(0)))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, PayloadError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, PayloadError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, PayloadError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, PayloadError> {
        let value = value.serialize(self.within()?).map_err(|error| error.within(variant))?;
        Ok(tagged(Some(variant), value))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, PayloadError> {
        self.items(None)
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, PayloadError> {
        self.items(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items, PayloadError> {
        self.items(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items, PayloadError> {
        self.items(Some(variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members, PayloadError> {
        self.members("", None)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Members, PayloadError> {
        self.members(name, None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members, PayloadError> {
        self.members("", Some(variant))
    }
}
