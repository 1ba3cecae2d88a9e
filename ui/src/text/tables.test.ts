import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { parseRoute, hrefTo } from '../app/route';
import { errorTexts } from './errors';
import {
  actionName,
  entityNames,
  nameOf,
  redactReasonNames,
  regionName,
  sourceLabel,
  sourceNames,
} from './names';

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

  it('a region is a place; an unknown one stays a code', () => {
    expect(regionName('eu-west-2')).toBe('London, UK');
    expect(regionName('xx-nowhere-1')).toBe('xx-nowhere-1');
  });

  it('a source is named by its organization, never by the address of the built-in one', () => {
    const source = { organization: 'Northwind Energy', region: 'EU (Frankfurt)', is_sandbox: false };
    expect(sourceLabel(source)).toBe('Northwind Energy, EU (Frankfurt)');
    expect(sourceLabel({ ...source, region: '127.0.0.1', is_sandbox: true })).toBe('Northwind Energy');
    expect(sourceLabel({ organization: '', region: '', is_sandbox: false })).toBe('Genesys Cloud');
    expect(nameOf(sourceNames, 'genesys')).toBe('Genesys Cloud');
  });

  it('each redaction reason has a digit key', () => {
    expect(Object.keys(redactReasonNames).length).toBeLessThanOrEqual(6);
  });
});
