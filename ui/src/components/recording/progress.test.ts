import { expect, it } from 'vitest';

import { callViews, doneSearch, jobs, retrieving } from '../../backend/fixture/calls';
import { listSummary } from './found';
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
  expect(job && jobShare({ ...job, done: 1, total: 4 })).toBe(0.25);
  expect(job && jobShare({ ...job, total: 0 })).toBeNull();
});

it('an excluded call is not part of the list', () => {
  const summary = listSummary(doneSearch, new Map([[0, 'Wrong person']]));
  expect(summary).toMatchObject({ calls: 4, excluded: 1, incomplete: [] });
  expect(listSummary(doneSearch, new Map()).totalMs - summary.totalMs).toBe(132_000);
});

it('a source that was not seen completely is named', () => {
  const sources = doneSearch.sources.map((source) => ({ ...source, coverage: 'partial' }));
  expect(listSummary({ ...doneSearch, sources }, new Map()).incomplete).toEqual(['genesys']);
});

it('a search starts with a year up to and including today', () => {
  const range = defaultRange(new Date(2026, 10, 21, 23, 59));
  expect(range).toMatchObject({ start: '2025-11-21T00:00', end: '2026-11-22T00:00' });
  expect(zones('Mars/Base').map(({ value }) => value)).toEqual(
    expect.arrayContaining(['Europe/Berlin', 'Mars/Base', 'UTC']),
  );
});
