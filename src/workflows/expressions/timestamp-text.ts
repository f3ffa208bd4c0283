/** A moment as google.protobuf.Timestamp has it. */
export interface Moment {
  readonly seconds: bigint;
  readonly nanos: number;
}

const pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Reads RFC 3339; `null`: that is none, or a date or time that there is not, such as 30 February or 24:00. */
export function parseTimestamp(text: string): Moment | null {
  const found = pattern.exec(text);
  if (found === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const [offsetHours, offsetMinutes] = [Number(found[9] ?? 0), Number(found[10] ?? 0)];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A month or day that there is not moves the date on.
  const isDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isDate || hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) return null;
  const offset = (offsetHours * 3_600 + offsetMinutes * 60) * (found[8] === "-" ? -1 : 1);
  const seconds = BigInt(date.getTime() / 1_000 + hour * 3_600 + minute * 60 + second - offset);
  // Those of years 1 to 9999.
  if (seconds < -62_135_596_800n || seconds > 253_402_300_799n) return null;
  return { seconds, nanos: Number((found[7] ?? "").padEnd(9, "0")) };
}
