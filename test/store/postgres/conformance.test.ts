import { describe } from "vitest";
import { describeAudit } from "../conformance/access/audit.ts";
import { describePrincipals } from "../conformance/access/principals.ts";
import { describeInstances } from "../conformance/registry/instances.ts";
import { describeServices } from "../conformance/registry/services.ts";
import { createStoreTest } from "../store-harness.ts";
import { postgresForTests } from "./open-postgres.ts";

describe("PostgreSQL: the contract of storage", () => {
  const test = createStoreTest(postgresForTests());
  describeAudit(test);
  describePrincipals(test);
  describeInstances(test);
  describeServices(test);
});
