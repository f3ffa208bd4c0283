import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  AccessService,
  PrincipalSchema,
  Principal as ProtoPrincipal,
  TokenSchema,
} from "../../../gen/sitq/v1/access_service_pb.js";
import { type AuditLog, credentialText } from "../../access/audit-log.ts";
import type { Directory, PrincipalDraft } from "../../access/directory.ts";
import { tokenIdIn } from "../../access/token-text.ts";
import type { StoredPrincipal, Token } from "../../domain/access/stored-principal.ts";
import { invalidField } from "../../domain/errors.ts";
import { authenticationOff } from "../../domain/refusals/access.ts";
import type { ServiceHandlers } from "../../grpc/handlers.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import { parsePageSize } from "../convert/checks.ts";
import { changesOf } from "../convert/field-mask.ts";
import { fromDuration, toTimestamps } from "../convert/times.ts";
import { fromPageToken, toPageToken } from "../paging/page-token.ts";
import { listAuditEntries } from "./audit-entries.ts";
import { fromGrants, toGrant } from "./grants.ts";

const leastLifeMs = 1_000;
const mostLifeMs = 10 * 366 * 86_400_000;

/** The fields of a principal that an update can change. */
const changeable = {
  grants: {
    path: "grants",
    isSet: ({ grants }: ProtoPrincipal) => grants.length > 0,
    read: ({ grants }: ProtoPrincipal) => fromGrants("principal.grants", grants),
  },
  certificateUris: {
    path: "certificate_uris",
    isSet: ({ certificateUris }: ProtoPrincipal) => certificateUris.length > 0,
    read: ({ certificateUris }: ProtoPrincipal) => certificateUris,
  },
  certificateDnsNames: {
    path: "certificate_dns_names",
    isSet: ({ certificateDnsNames }: ProtoPrincipal) => certificateDnsNames.length > 0,
    read: ({ certificateDnsNames }: ProtoPrincipal) => certificateDnsNames,
  },
};

/** The handlers of sitq.v1.AccessService. @param known `null`: authentication is off */
export function accessServiceHandlers(
  known: Directory | null,
  auditLog: Pick<AuditLog, "list">,
): ServiceHandlers<typeof AccessService, RpcContext> {
  /** @throws SitqError AUTHENTICATION_OFF */
  const open = (): Directory => {
    if (known === null) throw authenticationOff();
    return known;
  };
  /** As it is now, whichever server has changed it last. @throws SitqError AUTHENTICATION_OFF, STORE_UNREACHABLE */
  const fresh = async (): Promise<Directory> => {
    const directory = open();
    await directory.load();
    return directory;
  };
  return {
    async getIdentity(_request, { principal: { name, grants, credential } }) {
      const times = toTimestamps({ expireTime: credential.expireMs });
      return { principal: name, grants: grants.map(toGrant), credential: credentialText(credential), ...times };
    },

    async createPrincipal({ principal }) {
      return { principal: toPrincipal(await open().create(fromPrincipal(principal))) };
    },

    async getPrincipal({ name }) {
      return { principal: toPrincipal((await fresh()).get(name, "name")) };
    },

    async listPrincipals({ pageSize, pageToken }) {
      const principals = (await fresh()).listPrincipals();
      const page = pageOf({ list: "principals" }, principals, ({ name }) => name, pageSize, pageToken);
      return { principals: page.items.map(toPrincipal), nextPageToken: page.nextPageToken };
    },

    async updatePrincipal({ principal, updateMask }) {
      if (principal === undefined) throw invalidField("principal", "is required");
      return {
        principal: toPrincipal(await open().update(principal.name, changesOf(principal, updateMask, changeable))),
      };
    },

    async deletePrincipal({ name }) {
      return { tokenCount: await open().delete(name) };
    },

    async createToken({ principal, grants, timeToLive }) {
      const lifeMs = fromDuration("time_to_live", timeToLive, leastLifeMs, mostLifeMs);
      const { token, text } = await open().createToken(principal, fromGrants("grants", grants), lifeMs);
      return { token: toToken(token), secret: text };
    },

    async listTokens({ principal, pageSize, pageToken }) {
      const tokens = (await fresh()).listTokens(principal === "" ? null : principal);
      const page = pageOf({ list: "tokens", principal }, tokens, ({ id }) => id, pageSize, pageToken);
      return { tokens: page.items.map(toToken), nextPageToken: page.nextPageToken };
    },

    listAuditEntries: (request) => listAuditEntries(auditLog, request),

    async revokeToken({ tokenId }) {
      return { token: toToken(await open().revokeToken(tokenIdIn(tokenId))) };
    },
  };
}

/** A page behind the item that a token names; where that is gone, the list begins again. */
function pageOf<T>(
  query: unknown,
  items: readonly T[],
  keyOf: (item: T) => string,
  pageSize: number,
  pageToken: string,
) {
  const limit = parsePageSize(pageSize);
  const after = fromPageToken(query, pageToken);
  const begin = after === null ? 0 : items.findIndex((item) => keyOf(item) === after) + 1;
  const page = items.slice(begin, begin + limit);
  const last = begin + limit < items.length ? page.at(-1) : undefined;
  return { items: page, nextPageToken: toPageToken(query, last === undefined ? null : keyOf(last)) };
}

function fromPrincipal(principal: ProtoPrincipal | undefined): PrincipalDraft {
  if (principal === undefined) throw invalidField("principal", "is required");
  const { name, grants, certificateUris, certificateDnsNames } = principal;
  return { name, grants: fromGrants("principal.grants", grants), certificateUris, certificateDnsNames };
}

function toPrincipal(principal: StoredPrincipal): MessageInitShape<typeof PrincipalSchema> {
  const { name, grants, certificateUris, certificateDnsNames, createMs, updateMs } = principal;
  return {
    name,
    grants: grants.map(toGrant),
    certificateUris: [...certificateUris],
    certificateDnsNames: [...certificateDnsNames],
    ...toTimestamps({ createTime: createMs, updateTime: updateMs }),
  };
}

function toToken({
  id,
  principal,
  createMs,
  expireMs,
  lastUseMs,
  revokeMs,
}: Token): MessageInitShape<typeof TokenSchema> {
  const times = { createTime: createMs, expireTime: expireMs, lastUseTime: lastUseMs, revokeTime: revokeMs };
  return { tokenId: id, principal, ...toTimestamps(times) };
}
