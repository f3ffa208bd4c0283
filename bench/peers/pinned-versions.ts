/**
 * The versions of the servers that the recorded figures were measured with. Others are measured as well, and the table says so.
 * Those of the client packages are pinned by `clients/package-lock.json`.
 */
export const pinnedVersions: Readonly<Record<string, string>> = {
  "rabbitmq-server": "3.10.8",
  "nats-server": "2.15.3",
  "redis-server": "7.0.15",
  postgres: "15.18",
  beanstalkd: "1.12",
};
