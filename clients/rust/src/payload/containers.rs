//! Lists and objects, as [`super::encode::Encoder`] encodes them item by item.

use std::collections::BTreeMap;

use prost_types::{value::Kind, ListValue, Struct, Value};
use serde::ser::{self, Serialize};

use super::encode::{digits, of, tagged, text_of, Encoder, DIGITS, RAW};
use super::PayloadError;

/// A list that is being encoded.
pub(super) struct Items {
    pub(super) inner: Encoder,
    pub(super) values: Vec<Value>,
    /// The variant of an enum that it is the content of.
    pub(super) variant: Option<&'static str>,
}

impl Items {
    fn add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), PayloadError> {
        let place = || format!("[{}]", self.values.len());
        let value = value.serialize(self.inner).map_err(|error| within(error.within(&place()), self.variant))?;
        self.values.push(value);
        Ok(())
    }

    fn whole(self) -> Value {
        tagged(self.variant, of(Kind::ListValue(ListValue { values: self.values })))
    }
}

/// An object that is being encoded.
pub(super) struct Members {
    pub(super) inner: Encoder,
    pub(super) fields: BTreeMap<String, Value>,
    /// The key whose value comes next.
    pub(super) key: String,
    /// The name of the struct.
    pub(super) name: &'static str,
    /// The variant of an enum that it is the content of.
    pub(super) variant: Option<&'static str>,
}

impl Members {
    fn add<T: Serialize + ?Sized>(&mut self, key: String, value: &T) -> Result<(), PayloadError> {
        let value = value.serialize(self.inner).map_err(|error| within(error.within(&key), self.variant))?;
        self.fields.insert(key, value);
        Ok(())
    }

    fn whole(mut self) -> Result<Value, PayloadError> {
        if self.name == DIGITS || self.name == RAW {
            let Some(Value { kind: Some(Kind::StringValue(text)) }) = self.fields.remove(self.name) else {
                return Err(PayloadError::of_whole("it has a number without digits"));
            };
            if self.name == DIGITS {
                return digits(&text);
            }
            return serde_json::from_str::<serde_json::Value>(&text).map_err(ser::Error::custom)?.serialize(self.inner);
        }
        Ok(tagged(self.variant, of(Kind::StructValue(Struct { fields: self.fields }))))
    }
}

fn within(error: PayloadError, variant: Option<&'static str>) -> PayloadError {
    match variant {
        None => error,
        Some(variant) => error.within(variant),
    }
}

macro_rules! items {
    ($($kind:ident $method:ident;)*) => {
        $(impl ser::$kind for Items {
            type Ok = Value;
            type Error = PayloadError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), PayloadError> {
                self.add(value)
            }

            fn end(self) -> Result<Value, PayloadError> {
                Ok(self.whole())
            }
        })*
    };
}

items! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

macro_rules! members {
    ($($kind:ident;)*) => {
        $(impl ser::$kind for Members {
            type Ok = Value;
            type Error = PayloadError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), PayloadError> {
                self.add(key.to_owned(), value)
            }

            fn end(self) -> Result<Value, PayloadError> {
                self.whole()
            }
        })*
    };
}

members! {
    SerializeStruct;
    SerializeStructVariant;
}

impl ser::SerializeMap for Members {
    type Ok = Value;
    type Error = PayloadError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), PayloadError> {
        self.key = text_of(key)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), PayloadError> {
        let key = std::mem::take(&mut self.key);
        self.add(key, value)
    }

    fn end(self) -> Result<Value, PayloadError> {
        self.whole()
    }
}
