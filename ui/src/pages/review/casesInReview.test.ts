import { expect, it, vi } from 'vitest';

import type { CaseSummary, ListCasesReq } from '../../bindings/api';
import { casesInReview } from './casesInReview';

function desk(total: number) {
  const steps = ['search', 'review', 'second_review'];
  const rows = Array.from({ length: total }, (_, index): CaseSummary => {
    const step = steps[index % steps.length] ?? '';
    const case_id = `SAR-${index}`;
    return {
      case_id,
      initials: '',
      request_type: 'access',
      law: '',
      step,
      due_on: '',
      days_left: 0,
      calls: 0,
      owner: '',
    };
  });
  return vi.fn(({ offset, limit }: ListCasesReq) =>
    Promise.resolve({ cases: rows.slice(offset, offset + limit), total }),
  );
}

it('cases of all pages are found, those of other steps left out', async () => {
  const list = desk(342);
  const found = await casesInReview(list);
  expect(list).toHaveBeenCalledTimes(2);
  expect(found.cases).toHaveLength(228);
  expect(found.cases.every(({ step }) => step !== 'search')).toBe(true);
  expect(found).toMatchObject({ looked: 342, total: 342 });
});

it('what was not looked at is said', async () => {
  const found = await casesInReview(desk(5000));
  expect(found).toMatchObject({ looked: 2000, total: 5000 });
});

it('nothing open is one question', async () => {
  const list = desk(0);
  expect(await casesInReview(list)).toEqual({ cases: [], looked: 0, total: 0 });
  expect(list).toHaveBeenCalledOnce();
});
