import { expect, it } from 'vitest';

import { newCase } from '../../messages';
import { emptyDraft, missing, split, toRequest } from './draft';

const today = '2026-11-21';
const good = { ...emptyDraft(today), name: 'Tanja Sample', phones: '+49 151 1, 0151 2' };

it('an empty draft says what it needs', () => {
  expect(missing(emptyDraft(today), today)).toEqual([newCase.needsName, newCase.needsIdentifier]);
});

it.each([
  [{}, []],
  [{ phones: ' , ' }, [newCase.needsIdentifier]],
  [{ phones: '', customerIds: 'C-1' }, []],
  [{ phones: '', emails: 'tanja@example.org' }, [newCase.needsIdentifier]],
  [{ receivedOn: '2026-11-22' }, [newCase.futureDate]],
  [{ receivedOn: '' }, [newCase.needsDate]],
  [{ isRepresented: true, representative: 'B. Agent' }, [newCase.needsAuthority]],
])('with %o', (change, expected) => {
  expect(missing({ ...good, ...change }, today)).toEqual(expected);
});

it('becomes a request with trimmed lists', () => {
  const request = toRequest({ ...good, name: ' Tanja Sample ' });
  expect(request).toMatchObject({
    name: 'Tanja Sample',
    phones: ['+49 151 1', '0151 2'],
    representative: null,
  });
  expect(split('a; b\nc,,')).toEqual(['a', 'b', 'c']);
});

it('a representative that is not chosen is not sent', () => {
  expect(toRequest({ ...good, representative: 'Left over', authority: 'x' }).representative).toBeNull();
});
