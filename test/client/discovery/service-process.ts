/** One instance of a service in a process of its own: it serves, and keeps itself registered by the SDK. */

import { connect, createRegistration } from "../../../src/client/index.ts";
import { serveSmall } from "./service.ts";

const [address = "", service = "", instanceId = ""] = process.argv.slice(2);
const { address: own } = await serveSmall(instanceId);
const registration = createRegistration(connect({ address }), { service, instanceId, address: own, ttlMs: 1_000 });
await registration.start();
process.send?.("registered");
process.on("disconnect", () => process.exit());
