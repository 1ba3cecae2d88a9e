/** The range a search starts with, and the zones to choose from. */

export interface TypedRange {
  start: string;
  end: string;
  zone: string;
}

/** A year up to and including today, in the zone of this desk. */
export function defaultRange(now: Date): TypedRange {
  const day = (years: number, days: number): string => {
    const at = new Date(Date.UTC(now.getFullYear() + years, now.getMonth(), now.getDate() + days));
    return `${at.toISOString().slice(0, 10)}T00:00`;
  };
  return { start: day(-1, 0), end: day(0, 1), zone: deskZone() };
}

/** Every zone the web view knows, and the chosen one even if it does not. */
export function zones(chosen: string): { value: string; label: string }[] {
  const names = new Set(['UTC', ...Intl.supportedValuesOf('timeZone'), chosen]);
  return [...names].sort().map((value) => ({ value, label: value.replaceAll('_', ' ') }));
}

function deskZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** Whether two ranges mean the same; the command line writes seconds, the form does not. */
export function isSameRange(one: TypedRange, other: TypedRange): boolean {
  const inFull = (local: string) => (/T\d\d:\d\d$/.test(local) ? `${local}:00` : local);
  return (
    inFull(one.start) === inFull(other.start) &&
    inFull(one.end) === inFull(other.end) &&
    one.zone === other.zone
  );
}
