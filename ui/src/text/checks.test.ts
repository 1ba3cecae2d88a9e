import { expect, it } from 'vitest';

import { checkDetail } from './checks';

it.each([
  ['payload size', '25417988.50', '25.4 MB in 50 files'],
  ['payload size', '5.1', '5 B in 1 file'],
  [
    'payload size',
    '`Payload-Oxum` is 5.1, the payload has 6.1',
    '`Payload-Oxum` is 5.1, the payload has 6.1',
  ],
  ['manifest', '50 files', '50 files'],
  ['manifest', '1.5', '1.5'],
  ['decryption', '', ''],
])('%s: %j reads %j', (name, detail, expected) => {
  expect(checkDetail({ name, detail })).toBe(expected);
});
