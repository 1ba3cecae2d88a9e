import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { parseRoute, hrefTo } from '../app/route';
import { errorTexts } from './errors';
import { actionName, entityNames, nameOf, redactReasonNames } from './names';

const bindings = readFileSync(new URL('../bindings/api.ts', import.meta.url), 'utf8');

describe('the error table', () => {
  it('has a text for each code of the core', () => {
    const codes = [...(/ErrorCode = ([^;]+);/.exec(bindings)?.[1] ?? '').matchAll(/"(\w+)"/g)];
    expect(codes.length).toBeGreaterThan(10);
    expect(Object.keys(errorTexts).sort()).toEqual(codes.map(([, code]) => code).sort());
  });

  it('leads to screens that exist', () => {
    for (const { go } of Object.values(errorTexts)) {
      if (go) expect(parseRoute(hrefTo(go.route))).toEqual(go.route);
    }
  });
});

describe('names', () => {
  it('a name nobody knows is shown in plain letters', () => {
    expect(nameOf(entityNames, 'PHONE_NUMBER')).toBe('Phone number');
    expect(nameOf(entityNames, 'NEW_KIND')).toBe('New kind');
    expect(actionName('PACKAGE_DELIVERED')).toBe('Package delivered');
  });

  it('each redaction reason has a digit key', () => {
    expect(Object.keys(redactReasonNames).length).toBeLessThanOrEqual(6);
  });
});
