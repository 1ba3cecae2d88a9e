/** Numbers, dates and sizes as the screens show them. */

const locale = 'en-GB';
const day = new Intl.DateTimeFormat(locale, {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});
const dayLong = new Intl.DateTimeFormat(locale, {
  timeZone: 'UTC',
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const count = new Intl.NumberFormat(locale);
const timeOfDay = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });

/** `2026-04-30` as "30 Apr 2026"; what is no date stays as it is. */
export function date(iso: string): string {
  return reformat(iso, `${iso}T00:00:00Z`, day);
}

/** `2026-04-30` as "Thursday 30 April 2026". */
export function dateInFull(iso: string): string {
  return reformat(iso, `${iso}T00:00:00Z`, dayLong);
}

/** A local date and time such as `2026-03-03 09:12` as "3 Mar 2026, 09:12". */
export function localTime(local: string): string {
  const [datePart = '', timePart = ''] = local.split(/[ T]/);
  return timePart ? `${date(datePart)}, ${timePart.slice(0, 5)}` : date(datePart);
}

/** An RFC 3339 instant as "3 Mar 2026, 09:12:05 UTC". */
export function utc(instant: string): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return instant;
  return `${day.format(at)}, ${at.toISOString().slice(11, 19)} UTC`;
}

/** An RFC 3339 instant as `2026-03-31 22:00:00Z`, for bounds that are read with care. */
export function instant(rfc3339: string): string {
  const at = new Date(rfc3339);
  return Number.isNaN(at.getTime()) ? rfc3339 : at.toISOString().replace('T', ' ').replace('.000Z', 'Z');
}

/** A time of the desk's clock, `09:40`. */
export function deskTime(at: Date): string {
  return timeOfDay.format(at);
}

/** A position in a call with tenths, `00:12.2` or `1:02:03.4`. */
export function position(ms: number): string {
  const tenths = Math.max(0, Math.floor(ms / 100));
  return `${clock(Math.floor(tenths / 10))}.${tenths % 10}`;
}

/** A length in whole seconds, `14:02` or `1:02:03`. */
export function length(ms: number | null): string {
  return ms === null ? '–' : clock(Math.round(ms / 1000)).replace(/^0(?=\d:)/, '');
}

/** The length of several calls together, "17 min 36 s" or "5 h 20 min". */
export function lengthInWords(ms: number): string {
  const total = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${total % 60} s` : `${total} s`;
}

/** How long something will take, no finer than anybody can know: `about 3 min`. */
export function timeLeft(seconds: number): string {
  if (seconds < 45) return 'less than a minute';
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `about ${minutes} min` : `about ${Math.round(minutes / 60)} h`;
}

/** A short length, `2.1 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** The milliseconds of a typed position: `72.4`, `1:12.4` or `1:02:03`. Null when it is none. */
export function parsePosition(text: string): number | null {
  const parts = text.trim().replace(',', '.').split(':');
  if (parts.length > 3 || !parts.every((part) => /^\d+(\.\d*)?$/.test(part))) return null;
  const total = parts.reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round(total * 1000);
}

/** A position that can be typed again without loss, `1:12.405`. */
export function typedPosition(ms: number): string {
  return `${clock(Math.floor(ms / 1000))}.${String(Math.floor(ms) % 1000).padStart(3, '0')}`;
}

function clock(totalSeconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(totalSeconds / 3600);
  const minutes = Math.floor(totalSeconds / 60) % 60;
  const tail = `${two(minutes)}:${two(totalSeconds % 60)}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** `1,234`. */
export function number(value: number): string {
  return count.format(value);
}

/** `84%`. Rounds down, so that 89.9 never reads like a threshold of 90. */
export function percent(share: number): string {
  return `${Math.floor(share * 100 + 1e-6)}%`;
}

/** `1.1 MB`, in powers of ten. */
export function bytes(size: number | null): string {
  if (size === null) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** The first and last digits of a digest, `3f9a1c…c14e`; the name of the algorithm is in the heading. */
export function shortDigest(digest: string): string {
  const digits = digest.replace(/^sha256:/, '');
  return digits.length <= 12 ? digits : `${digits.slice(0, 6)}…${digits.slice(-4)}`;
}

/** "1 call", "12 calls". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

function reformat(original: string, iso: string, how: Intl.DateTimeFormat): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? original : how.format(at);
}
