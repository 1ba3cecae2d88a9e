import { expect, it, vi } from 'vitest';

import { auditPage } from '../../backend/fixture/evidence';
import type { ListAuditReq } from '../../bindings/api';
import { audit as words } from '../../messages';
import { nextOf, noneOf, reachOf, readPage, type LogPage } from './logPage';

const log = (size: number) => vi.fn((request: ListAuditReq) => Promise.resolve(auditPage(request, size)));

/** All pages, as a person sees them who always goes on to older entries. */
async function pages(caseId: string, list: ReturnType<typeof log>): Promise<LogPage[]> {
  const seen = [await readPage(null, caseId, list)];
  for (let next = seen.at(-1); next && nextOf(next) !== null; next = seen.at(-1)) {
    seen.push(await readPage(nextOf(next), caseId, list));
  }
  return seen;
}

it('going on to older entries leaves none out and shows none twice', async () => {
  const list = log(342);
  const seen = await pages('', list);
  const numbers = seen.flatMap(({ answer }) => answer.entries.map(({ seq }) => seq));
  expect(numbers).toEqual(Array.from({ length: 342 }, (_, index) => 341 - index));
  expect(list).toHaveBeenCalledTimes(4);
  expect(seen.map(reachOf)).toEqual([
    'Entries 341 to 242',
    'Entries 241 to 142',
    'Entries 141 to 42',
    'Entries 41 to 0',
  ]);
});

it('a case whose entries are old is not said to have none', async () => {
  const seen = await pages('SAR-2026-000380', log(18_204));
  const firstHit = seen.findIndex(({ answer }) => answer.entries.length > 0);
  expect(firstHit).toBe(3);
  for (const page of seen.slice(0, firstHit)) expect(noneOf(page)).toBe(words.none.soFar);
  expect(seen.slice(0, firstHit).map(reachOf)).toEqual([
    'Searched back to entry 13,204',
    'Searched back to entry 8,204',
    'Searched back to entry 3,204',
  ]);
  const entries = seen.flatMap(({ answer }) => answer.entries);
  expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 3000 }, (_, index) => 2999 - index));
});

it('a case has none only when the whole log was searched', async () => {
  const [page] = await pages('SAR-2026-000999', log(342));
  expect(page && noneOf(page)).toBe(words.none.ofCase);
});

it('the end of a search over several pages says that there is nothing older', async () => {
  const seen = await pages('SAR-2026-000999', log(18_204));
  const last = seen.at(-1);
  expect(seen.length).toBeGreaterThan(1);
  expect(last && noneOf(last)).toBe(words.none.older);
  expect(last && reachOf(last)).toBe(words.searchedAll);
});

it('an empty log says what will be in it', async () => {
  const page = await readPage(null, '', log(0));
  expect(noneOf(page)).toBe(words.none.log);
  expect(nextOf(page)).toBeNull();
});
