import { describe, expect, it } from 'vitest';

import type { SpanView } from '../bindings/api';
import { defaultKeepReason, defaultRedactReason, neighbor, nextOpen, openSpans, spansIn } from './queue';

const span = (id: string, start_ms: number, decision: string): SpanView => ({
  id,
  start_ms,
  end_ms: start_ms + 500,
  raw_start_ms: start_ms,
  raw_end_ms: start_ms + 500,
  channel: 0,
  spoken_on: 0,
  entity: 'PERSON_NAME',
  score: 0.8,
  threshold: 0.9,
  owner: 'unknown',
  decision,
  recognizer: 'person_name',
  explanation: [],
  decided_by: 'policy',
  reason: null,
  origin: 'detected',
});

const spans = [
  span('a', 0, 'review'),
  span('b', 1000, 'redact'),
  span('c', 2000, 'review'),
  span('d', 3000, 'keep'),
];

describe('the queue', () => {
  it('sorts spans by their decision', () => {
    expect(spansIn(spans, 'review').map(({ id }) => id)).toEqual(['a', 'c']);
    expect(spansIn(spans, 'all')).toHaveLength(4);
    expect(openSpans(spans)).toBe(2);
  });

  it.each([
    ['a', 'c'],
    ['b', 'c'],
    ['c', 'a'],
    ['d', 'a'],
    [null, 'a'],
  ])('after %j comes %j', (id, expected) => {
    expect(nextOpen(spans, id)).toBe(expected);
  });

  it('is done when the last open span is decided', () => {
    expect(nextOpen([span('a', 0, 'review'), span('b', 1, 'keep')], 'a')).toBeNull();
  });

  it('arrows stop at the ends and enter a list from outside', () => {
    const [first, second] = spans;
    expect(neighbor(spans, first ?? null, -1)).toBe(first?.id);
    expect(neighbor(spans, first ?? null, 1)).toBe(second?.id);
    expect(neighbor(spans, null, 1)).toBe('a');
    expect(neighbor(spans, null, -1)).toBe('d');
    expect(neighbor([], first ?? null, 1)).toBeNull();
  });

  it('arrows go on in time from a span that left the list', () => {
    const list = [span('one', 1000, 'review'), span('two', 3000, 'review')];
    const gone = span('gone', 2000, 'redact');
    expect(neighbor(list, gone, 1)).toBe('two');
    expect(neighbor(list, gone, -1)).toBe('one');
    expect(neighbor(list, { ...gone, start_ms: 9000 }, 1)).toBe('two');
    expect(neighbor(list, { ...gone, start_ms: 0 }, -1)).toBe('one');
  });
});

it.each([
  ['CVV', 'requestor', 'card_data'],
  ['PASSWORD', 'requestor', 'security_data'],
  ['PERSON_NAME', 'agent', 'agent_data'],
  ['PERSON_NAME', 'third_party', 'third_party_data'],
  ['ADDRESS', 'requestor', 'other'],
])('%s of %s is redacted for %s', (entity, owner, reason) => {
  expect(defaultRedactReason({ entity, owner })).toBe(reason);
});

it('the requestor’s own data is kept as such', () => {
  expect(defaultKeepReason({ owner: 'requestor' })).toBe('requestor_own_data');
  expect(defaultKeepReason({ owner: 'unknown' })).toBe('not_personal_data');
});
