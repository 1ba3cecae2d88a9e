import { expect, it } from 'vitest';

import { caseDetail, caseRows } from '../../backend/fixture/cases';
import type { CaseDetail } from '../../bindings/api';
import { foundNothing, isPastReview } from '../../components/case/nothing';
import { overview } from '../../messages';
import { nextActionOf } from './nextAction';

function detailOf(step: string, calls: number): CaseDetail {
  const row = caseRows.find((one) => one.step === step && one.calls === calls);
  if (!row) throw new Error(`The fixture has no case in ${step} with ${calls} calls`);
  return caseDetail(row);
}

it('a case that found nothing goes on to its answer', () => {
  const nothing = detailOf('deliver', 0);
  expect(foundNothing(nothing)).toBe(true);
  expect(nextActionOf(nothing)).toBe(overview.actions.packageOfNothing);
});

it('a case without a call on a list that is not frozen did not find nothing', () => {
  const searching = detailOf('search', 0);
  expect(foundNothing(searching)).toBe(false);
  expect(nextActionOf(searching)).toBe(overview.actions.search);
});

it('a case with calls seals their package', () => {
  expect(nextActionOf(detailOf('deliver', 4))).toBe(overview.actions.package);
});

it.each(['deliver', 'closed'])('nothing waits for a review in %s', (step) => {
  expect(isPastReview(step)).toBe(true);
});

it('a name nobody knows leads to the activity', () => {
  expect(nextActionOf({ ...detailOf('search', 0), next_action: 'later' })).toBe(overview.actions.closed);
});
