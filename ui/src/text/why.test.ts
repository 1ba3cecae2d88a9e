import { expect, it } from 'vitest';

import type { SpanView } from '../backend';
import { why, whyInShort } from './why';

const span = (change: Partial<SpanView>): SpanView => ({
  id: 's001',
  start_ms: 0,
  end_ms: 1000,
  raw_start_ms: 0,
  raw_end_ms: 1000,
  channel: null,
  spoken_on: 0,
  entity: 'PHONE_NUMBER',
  score: 0.72,
  threshold: 0.9,
  owner: 'unknown',
  decision: 'review',
  recognizer: 'phone',
  explanation: ['+ asked for or announced', '+ grouped 3-3-4', '− the check digit does not hold'],
  decided_by: 'policy',
  reason: null,
  origin: 'detected',
  ...change,
});

it('says what speaks for it, what against it, and why a person is asked', () => {
  expect(why(span({}))).toEqual([
    'Read as phone number: asked for or announced and grouped 3-3-4.',
    'Against it: the check digit does not hold.',
    '72% sure. From 90% on nobody is asked.',
  ]);
  expect(why(span({ score: 0.95 })).at(-1)).toBe('It is not known whose data it is, so a person decides.');
  expect(why(span({ decision: 'redact', score: 0.95 }))).toHaveLength(2);
});

it('repeats what a person or a check said as a sentence', () => {
  const marked = span({ explanation: ['marked by a reviewer'], origin: 'manual', decision: 'redact' });
  expect(why(marked)).toEqual(['Marked by a reviewer.']);
  expect(whyInShort(marked)).toBe('Marked by a reviewer.');
});

it('has one short line for the queue', () => {
  expect(whyInShort(span({}))).toBe('Asked for or announced and grouped 3-3-4.');
});
