import type { Instance } from "../../../../gen/sitq/v1/registry_service_pb.js";
import { rpc } from "../../rpc/clients.ts";
import { ask } from "../../ui/confirm.tsx";
import { counted } from "../../ui/text.ts";

/** Asks whether to remove the registration of an instance, and does it. */
export function askToDeregister({ serviceName, instanceId, address, currentLoad }: Instance): void {
  ask({
    title: `Deregister ${instanceId} of ${serviceName}?`,
    body: (
      <>
        <p>
          Callers that discover or pick instances no longer get {address}.{" "}
          {currentLoad > 0 && `The ${counted(currentLoad, "call")} that it has now may end.`}
        </p>
        <p>An instance that is alive registers again by itself: stop the process first.</p>
      </>
    ),
    action: "Deregister it",
    isDestructive: true,
    async run({ signal }) {
      const { removed } = await rpc.registry.deregisterInstance({ serviceName, instanceId }, { signal });
      return removed
        ? `${instanceId} of ${serviceName} is deregistered.`
        : `${instanceId} was not registered any more.`;
    },
  });
}
