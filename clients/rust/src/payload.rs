use std::fmt;

use prost_types::{value::Kind, ListValue, Struct, Value as ProtoValue};
use serde::{de::DeserializeOwned, Serialize};
use serde_json::{Map, Number, Value};

use crate::contract::{payload, Payload};

/// A payload that does not fit its type.
#[derive(Debug, Clone)]
pub struct PayloadError {
    /// The path of the field: `items[2].sku`. Empty: the payload as a whole.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => write!(f, "payload: {}", self.message),
            field => write!(f, "payload.{field}: {}", self.message),
        }
    }
}

impl std::error::Error for PayloadError {}

impl PayloadError {
    fn of_whole(message: impl Into<String>) -> Self {
        Self { field: String::new(), message: message.into() }
    }

    /// Of what lies in a member or an item: `[2]`.
    fn within(mut self, outer: &str) -> Self {
        let joint = if self.field.is_empty() || self.field.starts_with('[') { "" } else { "." };
        self.field = format!("{outer}{joint}{}", self.field);
        self
    }
}

/// The largest whole number up to which a double holds every one.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;
/// How many lists and objects may lie within each other. A server cannot even read a message that is nested much deeper, and ends the stream
/// over which it came.
const DEEPEST: usize = 30;

/// Encodes a value as JSON. Numbers travel as doubles, so a whole number beyond 2^53 is refused: send it as text.
pub fn to_payload<T: Serialize + ?Sized>(value: &T) -> Result<Payload, PayloadError> {
    let json = serde_json::to_value(value).map_err(|error| PayloadError::of_whole(error.to_string()))?;
    Ok(Payload { kind: Some(payload::Kind::Json(to_proto(json, 0)?)) })
}

/// Decodes a JSON payload; none, or an empty one, reads as null. Whole numbers stay whole.
pub fn from_payload<T: DeserializeOwned>(payload: Option<&Payload>) -> Result<T, PayloadError> {
    let json = match payload.and_then(|payload| payload.kind.as_ref()) {
        None => Value::Null,
        Some(payload::Kind::Json(value)) => from_proto(value),
        Some(payload::Kind::Binary(_)) => return Err(PayloadError::of_whole("it is binary, not JSON")),
        Some(payload::Kind::Message(any)) => {
            return Err(PayloadError::of_whole(format!("it is a message {}, not JSON", any.type_url)));
        }
    };
    serde_path_to_error::deserialize(json).map_err(|error| {
        let path = error.path().to_string();
        PayloadError { field: if path == "." { String::new() } else { path }, message: error.inner().to_string() }
    })
}

/// Refuses a payload that was not made here and is nested too deep.
pub(crate) fn check_depth(payload: &Payload) -> Result<(), PayloadError> {
    match payload.kind.as_ref() {
        Some(payload::Kind::Json(value)) if is_deeper(value, DEEPEST) => Err(too_deep()),
        _ => Ok(()),
    }
}

fn is_deeper(value: &ProtoValue, levels: usize) -> bool {
    match value.kind.as_ref() {
        Some(Kind::ListValue(list)) => levels == 0 || list.values.iter().any(|item| is_deeper(item, levels - 1)),
        Some(Kind::StructValue(members)) => {
            levels == 0 || members.fields.values().any(|member| is_deeper(member, levels - 1))
        }
        _ => false,
    }
}

fn too_deep() -> PayloadError {
    PayloadError::of_whole(format!("it is more than {DEEPEST} levels deep"))
}

fn to_proto(value: Value, depth: usize) -> Result<ProtoValue, PayloadError> {
    if depth == DEEPEST && matches!(value, Value::Array(_) | Value::Object(_)) {
        return Err(too_deep());
    }
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(value) => Kind::BoolValue(value),
        Value::String(value) => Kind::StringValue(value),
        Value::Number(number) => Kind::NumberValue(to_double(&number)?),
        Value::Array(items) => {
            let values = items
                .into_iter()
                .enumerate()
                .map(|(n, item)| to_proto(item, depth + 1).map_err(|error| error.within(&format!("[{n}]"))));
            Kind::ListValue(ListValue { values: values.collect::<Result<_, _>>()? })
        }
        Value::Object(members) => {
            let fields = members.into_iter().map(|(key, value)| {
                let value = to_proto(value, depth + 1).map_err(|error| error.within(&key))?;
                Ok((key, value))
            });
            Kind::StructValue(Struct { fields: fields.collect::<Result<_, _>>()? })
        }
    };
    Ok(ProtoValue { kind: Some(kind) })
}

fn to_double(number: &Number) -> Result<f64, PayloadError> {
    let double = number.as_f64().unwrap_or(f64::NAN);
    let is_exact = number.is_f64() || double.abs() <= MAX_SAFE_INTEGER;
    if double.is_finite() && is_exact {
        return Ok(double);
    }
    Err(PayloadError::of_whole(format!("{number} cannot be kept as a double; send it as text")))
}

fn from_proto(value: &ProtoValue) -> Value {
    match value.kind.as_ref() {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(value)) => Value::Bool(*value),
        Some(Kind::StringValue(value)) => Value::String(value.clone()),
        Some(Kind::NumberValue(value)) => from_double(*value),
        Some(Kind::ListValue(list)) => Value::Array(list.values.iter().map(from_proto).collect()),
        Some(Kind::StructValue(members)) => {
            let members = members.fields.iter().map(|(key, value)| (key.clone(), from_proto(value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
    }
}

fn from_double(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() <= MAX_SAFE_INTEGER {
        return Value::Number(Number::from(value as i64));
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Order {
        id: u32,
        items: Vec<Item>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Item {
        sku: String,
        price: f64,
    }

    #[test]
    fn a_value_comes_back_as_it_was_and_whole_numbers_stay_whole() {
        let order = Order { id: 7, items: vec![Item { sku: "lamp".into(), price: 12.0 }] };
        assert_eq!(from_payload::<Order>(Some(&to_payload(&order).unwrap())).unwrap(), order);
        let value = json!({"n": 7, "half": 0.5, "list": [null, true, "x"]});
        assert_eq!(from_payload::<Value>(Some(&to_payload(&value).unwrap())).unwrap(), value);
        assert_eq!(from_payload::<Value>(None).unwrap(), Value::Null);
    }

    #[test]
    fn what_is_nested_too_deep_is_refused() {
        let nested = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        let payload = to_payload(&nested(DEEPEST)).unwrap();
        assert!(check_depth(&payload).is_ok());
        assert!(to_payload(&nested(DEEPEST + 1)).is_err());
        let Some(payload::Kind::Json(inner)) = payload.kind else { panic!("no JSON") };
        let outer = ProtoValue { kind: Some(Kind::ListValue(ListValue { values: vec![inner] })) };
        assert!(check_depth(&Payload { kind: Some(payload::Kind::Json(outer)) }).is_err());
    }

    #[test]
    fn what_does_not_fit_names_its_field() {
        let payload = to_payload(&json!({"id": 7, "items": [{"sku": 4, "price": 1}]})).unwrap();
        let error = from_payload::<Order>(Some(&payload)).unwrap_err();
        assert_eq!(error.field, "items[0].sku");
        let missing = from_payload::<Order>(Some(&to_payload(&json!({"items": []})).unwrap())).unwrap_err();
        assert!(missing.to_string().contains("`id`"), "{missing}");
    }

    #[test]
    fn a_whole_number_that_a_double_cannot_hold_is_refused() {
        let error = to_payload(&json!({"ids": [{"n": 9_007_199_254_740_993_i64}]})).unwrap_err();
        assert_eq!(error.field, "ids[0].n");
        assert!(to_payload(&9_007_199_254_740_991_i64).is_ok());
    }
}
