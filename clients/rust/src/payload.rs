use std::fmt;

use prost_types::{value::Kind, Value as ProtoValue};
use serde::{de::DeserializeOwned, Serialize};
use serde_json::{Map, Number, Value};

use crate::contract::{payload, Payload};

mod containers;
mod encode;

use encode::Encoder;

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

/// The largest integer to which all smaller ones are exact in a double.
const LARGEST_INTEGER: u64 = 1 << 53;
/// How many lists and objects may lie within each other. A server cannot even read a message that is nested much deeper, and ends the stream
/// over which it came.
const DEEPEST: usize = 30;

/// Encodes a value as JSON. Numbers travel as doubles, so an integer beyond 2^53 is refused: send it as text. So are NaN and infinities.
pub fn to_payload<T: Serialize + ?Sized>(value: &T) -> Result<Payload, PayloadError> {
    Ok(Payload { kind: Some(payload::Kind::Json(value.serialize(Encoder::TOP)?)) })
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

/// Whole numbers stay whole, as far as Rust has them.
fn from_double(value: f64) -> Value {
    const END: f64 = (1_u64 << 63) as f64;
    let number = match value {
        _ if value.fract() != 0.0 => Number::from_f64(value),
        _ if value.abs() < END => Some(Number::from(value as i64)),
        _ if value > 0.0 && value < 2.0 * END => Some(Number::from(value as u64)),
        _ => Number::from_f64(value),
    };
    number.map_or(Value::Null, Value::Number)
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
        let outer = ProtoValue { kind: Some(Kind::ListValue(prost_types::ListValue { values: vec![inner] })) };
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
    fn an_integer_that_a_double_cannot_hold_is_refused() {
        let error = to_payload(&json!({"ids": [{"n": 9_007_199_254_740_993_i64}]})).unwrap_err();
        assert_eq!(error.field, "ids[0].n");
        assert!(error.message.ends_with("is beyond 2^53: carry it as text"), "{error}");
        for largest in [1_i64 << 53, -(1_i64 << 53)] {
            assert_eq!(from_payload::<i64>(Some(&to_payload(&largest).unwrap())).unwrap(), largest);
        }
        assert!(to_payload(&u128::MAX).is_err());
    }

    #[test]
    fn whole_floats_beyond_2_53_are_taken_and_stay_whole() {
        let payload = to_payload(&json!({"float": 1e17, "list": [1.5e300]})).unwrap();
        assert_eq!(
            from_payload::<Value>(Some(&payload)).unwrap(),
            json!({"float": 100_000_000_000_000_000_i64, "list": [1.5e300]})
        );
        assert_eq!(from_payload::<u64>(Some(&to_payload(&1e19).unwrap())).unwrap(), 10_000_000_000_000_000_000);
        assert_eq!(from_payload::<f64>(Some(&to_payload(&1e17).unwrap())).unwrap(), 1e17);
        assert_eq!(from_payload::<Value>(Some(&to_payload(&0.1_f32).unwrap())).unwrap(), json!(0.1));
    }

    #[test]
    fn nan_and_infinities_are_refused() {
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(to_payload(&odd).is_err());
            assert!(to_payload(&(odd as f32)).is_err());
            let order = Order { id: 1, items: vec![Item { sku: "lamp".into(), price: odd }] };
            assert_eq!(to_payload(&order).unwrap_err().field, "items[0].price");
        }
    }

    #[derive(Serialize)]
    enum Shape {
        Point,
        Circle(f64),
        Line(f64, f64),
        Box { width: f64 },
    }

    #[test]
    fn variants_keys_and_numbers_with_all_digits_are_what_serde_json_makes_of_them() {
        let shapes = [Shape::Point, Shape::Circle(1.0), Shape::Line(1.0, 2.5), Shape::Box { width: 3.0 }];
        let value = (shapes, std::collections::BTreeMap::from([(7, 'x')]), Some(()), [1_u8, 2]);
        let back: Value = from_payload(Some(&to_payload(&value).unwrap())).unwrap();
        let shapes = json!(["Point", {"Circle": 1}, {"Line": [1, 2.5]}, {"Box": {"width": 3}}]);
        assert_eq!(back, json!([shapes, {"7": "x"}, null, [1, 2]]));
        for (shape, field) in [
            (Shape::Circle(f64::NAN), "Circle"),
            (Shape::Line(1.0, f64::NAN), "Line[1]"),
            (Shape::Box { width: f64::NAN }, "Box.width"),
        ] {
            assert_eq!(to_payload(&shape).unwrap_err().field, field);
        }

        #[derive(Serialize)]
        #[serde(rename = "$serde_json::private::Number")]
        struct Digits {
            #[serde(rename = "$serde_json::private::Number")]
            digits: &'static str,
        }
        let number =
            |digits| to_payload(&[Digits { digits }]).and_then(|payload| from_payload::<Value>(Some(&payload)));
        assert_eq!(number("1.50").unwrap(), json!([1.5]));
        assert_eq!(number("9007199254740993").unwrap_err().field, "[0]");
    }
}
