/** What a list comes to: how many calls, how long, what is missing. */
import type { SearchView } from '../../backend';

export interface ListSummary {
  calls: number;
  totalMs: number;
  excluded: number;
  /** Sources that were not seen completely. */
  incomplete: string[];
}

export function listSummary(view: SearchView, excluded: ReadonlyMap<number, string>): ListSummary {
  const included = view.found.filter(({ index }) => !excluded.has(index));
  return {
    calls: included.length,
    totalMs: included.reduce((sum, { duration_ms }) => sum + (duration_ms ?? 0), 0),
    excluded: view.found.length - included.length,
    incomplete: view.sources.filter(({ coverage }) => coverage !== 'complete').map(({ source }) => source),
  };
}
