import { useEffect } from "preact/hooks";
import type { Server } from "../../../../gen/sitq/v1/admin_service_pb.js";
import { wallMs } from "../../live/clock.ts";
import { useReread } from "../../live/use-live.ts";
import { rpc } from "../../rpc/clients.ts";
import { Age } from "../../ui/age.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { count } from "../../ui/text.ts";
import { useLoad } from "../../ui/use-load.ts";

/** The servers that share the storage, where it can be shared and there are several. They are read again every two seconds, as each renews its time. */
export function ServerList() {
  const { value, reload } = useLoad("servers", async (signal) => (await rpc.admin.listServers({}, { signal })).servers);
  const servers = value ?? [];
  const reread = useReread(servers.some(({ id }) => id !== 0) ? reload : null);
  useEffect(() => wallMs.subscribe(() => reread()), [reread]);
  if (servers.length < 2) return null;
  return (
    <>
      <h2>Servers</h2>
      <Table caption="Servers" columns={columns} rows={servers} rowKey={({ id }) => String(id)} empty="" />
    </>
  );
}

const columns: readonly Column<Server>[] = [
  { title: "Server", cell: ({ id }) => id, isShort: true },
  { title: "Address", cell: ({ address }) => <Foreign text={address} /> },
  { title: "Leads", cell: ({ leading }) => (leading ? "yes" : "") },
  { title: "State", cell: State },
  { title: "Workers", cell: ({ workers }) => count(workers), align: "end" },
  { title: "Running", cell: ({ inFlight }) => count(inFlight), align: "end" },
  { title: "Started", cell: ({ startTime }) => <Age at={startTime} suffix=" ago" />, align: "end", isExtra: true },
  { title: "Expires", cell: ({ expireTime }) => <Age at={expireTime} />, align: "end", isExtra: true },
  { title: "Version", cell: ({ version }) => <Foreign text={version} />, isExtra: true },
];

function State({ answering, heard, sinceTime }: Server) {
  if (answering) return <span class="server-state heard">answers</span>;
  return (
    <>
      <span class={`server-state ${heard ? "heard" : "unheard"}`}>{heard ? "heard" : "not heard"}</span>
      <div class="sub">
        for <Age at={sinceTime} />
      </div>
    </>
  );
}
