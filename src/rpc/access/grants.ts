import type { MessageInitShape } from "@bufbuild/protobuf";
import type { GrantSchema, Grant as ProtoGrant } from "../../../gen/sitq/v1/access_pb.js";
import { roleNames } from "../../contract/grant-text.ts";
import type { Grant } from "../../domain/access/grant.ts";
import { invalidField } from "../../domain/errors.ts";

/** Reads grants; what they say is checked elsewhere. @throws SitqError INVALID_FIELD of a role that there is not */
export function fromGrants(field: string, grants: readonly ProtoGrant[]): Grant[] {
  return grants.map((grant, index) => {
    const role = roleNames.words[grant.role];
    if (role === undefined) throw invalidField(`${field}[${index}].role`, "is required");
    const { payloads, queues, eventTypes, services } = grant;
    return { role, payloads, queue: queues, event_type: eventTypes, service: services };
  });
}

/** Writes a grant. */
export function toGrant({ role, payloads, queue, event_type, service }: Grant): MessageInitShape<typeof GrantSchema> {
  const patterns = { queues: [...queue], eventTypes: [...event_type], services: [...service] };
  return { role: roleNames.values[role], payloads, ...patterns };
}
