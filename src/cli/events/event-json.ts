import type { JsonObject } from "@bufbuild/protobuf";
import { type Delivery, DeliverySchema, type Event, EventSchema } from "../../client/index.ts";
import { messageJson } from "../terminal/json.ts";
import { payloadJson } from "../terminal/payload-text.ts";

/** An event in Protobuf's JSON. */
export function eventJson({ data, ...rest }: Event): JsonObject {
  return { ...messageJson(EventSchema, rest), ...(data && { data: payloadJson(data) }) };
}

/** A delivery in Protobuf's JSON. */
export function deliveryJson({ result, ...rest }: Delivery): JsonObject {
  return { ...messageJson(DeliverySchema, rest), ...(result && { result: payloadJson(result) }) };
}
