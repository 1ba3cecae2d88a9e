import { expect, it } from 'vitest';

import { RULER_PX } from './draw';
import { spanAt } from './gestures';

const target = {
  viewport: () => ({ startMs: 0, msPerPx: 10, widthPx: 500 }),
  lanes: () => [
    { channel: 1, party: 'agent' },
    { channel: 0, party: 'customer' },
  ],
  heightPx: RULER_PX + 100,
  spans: () => [
    { id: 'agent', startMs: 1000, endMs: 2000, channel: 1, decision: 'redact', label: '' },
    { id: 'all', startMs: 3000, endMs: 4000, channel: null, decision: 'keep', label: '' },
  ],
};

it.each([
  ['in its own lane', 150, RULER_PX + 10, 'agent'],
  ['not in the other lane', 150, RULER_PX + 60, null],
  ['in any lane when it is on all channels', 350, RULER_PX + 60, 'all'],
  ['not in the ruler', 150, 5, null],
  ['not beside it', 250, RULER_PX + 10, null],
])('a span is found %s', (_, x, y, expected) => {
  expect(spanAt(target, x, y)).toBe(expected);
});
