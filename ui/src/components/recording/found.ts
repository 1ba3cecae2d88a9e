/** What a list comes to: how many calls, how long, what is missing. */
import type { Exclusion, OrphanRef, SearchView } from '../../backend';

export interface ListSummary {
  calls: number;
  totalMs: number;
  excluded: number;
  /** Sources that were not seen completely. */
  incomplete: string[];
}

/**
 * What a freeze of the list would say, or why there is none. The core decides the same: an empty list
 * says that there is nothing, which only a complete search can say.
 */
export type Freezing = 'calls' | 'nothing' | 'not_seen' | 'all_excluded';

export function freezingOf({ calls, excluded, incomplete }: ListSummary): Freezing {
  if (calls > 0) return 'calls';
  if (excluded > 0) return 'all_excluded';
  return incomplete.length > 0 ? 'not_seen' : 'nothing';
}

/** The chosen recordings without a conversation that this search lists too. */
export function listedOrphans(view: SearchView, chosen: readonly OrphanRef[]): OrphanRef[] {
  return chosen.filter(({ source, id }) =>
    view.sources.some((it) => it.source === source && it.orphans.some((orphan) => orphan.id === id)),
  );
}

export function listSummary(
  view: SearchView,
  excluded: ReadonlyMap<number, Exclusion>,
  orphans: readonly OrphanRef[] = [],
): ListSummary {
  const included = view.found.filter(({ index }) => !excluded.has(index));
  return {
    calls: included.length + orphans.length,
    totalMs: included.reduce((sum, { duration_ms }) => sum + (duration_ms ?? 0), 0),
    excluded: view.found.length - included.length,
    incomplete: view.sources.filter(({ coverage }) => coverage !== 'complete').map(({ source }) => source),
  };
}
