import { expect, it } from 'vitest';

import type { Exclusion } from '../../backend';
import { callViews, doneSearch, jobs, nothingFound, retrieving } from '../../backend/fixture/calls';
import type { SearchView } from '../../bindings/api';
import { freezingOf, listSummary } from './found';
import { exceptionsFirst, jobShare, jobState, quarterDone, retrievalState } from './progress';
import { defaultRange, zones } from './range';

it('every call is counted once', () => {
  const state = retrievalState(callViews);
  expect(state).toEqual({ found: 5, retrieved: 3, pending: 0, exceptions: 2 });
  expect(quarterDone(state)).toBe(100);
  expect(quarterDone(retrievalState(retrieving))).toBe(25);
  expect(quarterDone(retrievalState([]))).toBe(0);
});

it('exceptions come first, then what is on its way', () => {
  expect(exceptionsFirst(callViews).map(({ call }) => call)).toEqual([4, 5, 1, 2, 3]);
  expect(exceptionsFirst(retrieving).map(({ call }) => call)).toEqual([3, 4, 5, 1, 2]);
});

it('jobs are counted by state', () => {
  expect(jobState(jobs)).toEqual({ open: 1, failed: 1, cancelled: 0 });
  const [job] = jobs;
  expect(job && jobShare({ ...job, bytes: 1, bytes_total: 4 })).toBe(0.25);
  expect(job && jobShare({ ...job, bytes_total: 0 })).toBeNull();
});

const notTheirs = (index: number): Exclusion => ({ index, ground: 'not_the_requestor', note: null });

it('an excluded call is not part of the list', () => {
  const summary = listSummary(doneSearch, new Map([[0, notTheirs(0)]]));
  expect(summary).toMatchObject({ calls: 4, excluded: 1, incomplete: [] });
  expect(listSummary(doneSearch, new Map()).totalMs - summary.totalMs).toBe(132_000);
});

const notSeen = (view: SearchView, coverage: string): SearchView => ({
  ...view,
  sources: view.sources.map((source) => ({ ...source, coverage })),
});

it('a source that was not seen completely is named', () => {
  expect(listSummary(notSeen(doneSearch, 'partial'), new Map()).incomplete).toEqual(['genesys']);
});

const noneExcluded = new Map<number, Exclusion>();
const allExcluded = new Map(doneSearch.found.map(({ index }) => [index, notTheirs(index)]));

it.each([
  ['calls', 'with calls', doneSearch, noneExcluded],
  [
    'calls',
    'with calls, for a reason, from a source not seen completely',
    notSeen(doneSearch, 'partial'),
    noneExcluded,
  ],
  ['nothing', 'without a call after a complete search', nothingFound, noneExcluded],
  [
    'not_seen',
    'not without a call after a search that stopped',
    notSeen(nothingFound, 'partial'),
    noneExcluded,
  ],
  [
    'not_seen',
    'not without a call after a search that failed',
    notSeen(nothingFound, 'failed'),
    noneExcluded,
  ],
  ['all_excluded', 'not when every call found is excluded', doneSearch, allExcluded],
])('%s: a list is frozen %s', (expected, _, view, excluded) => {
  expect(freezingOf(listSummary(view, excluded))).toBe(expected);
});

it('a search starts with a year up to and including today', () => {
  const range = defaultRange(new Date(2026, 10, 21, 23, 59));
  expect(range).toMatchObject({ start: '2025-11-21T00:00', end: '2026-11-22T00:00' });
  expect(zones('Mars/Base').map(({ value }) => value)).toEqual(
    expect.arrayContaining(['Europe/Berlin', 'Mars/Base', 'UTC']),
  );
});
