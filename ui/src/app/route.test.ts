import { expect, it } from 'vitest';

import { hrefTo, parseRoute, type Route } from './route';

const routes: Route[] = [
  { screen: 'cases' },
  { screen: 'new-case' },
  { screen: 'case', caseId: 'SAR-2026-000417', tab: 'search' },
  { screen: 'review-queue' },
  { screen: 'review', caseId: 'SAR-2026-000417', call: 3 },
  { screen: 'packages' },
  { screen: 'audit' },
  { screen: 'help' },
  { screen: 'settings' },
  { screen: 'connect' },
];

it.each(routes)('%o survives its address', (route) => {
  expect(parseRoute(hrefTo(route))).toEqual(route);
});

it.each([
  ['', { screen: 'cases' }],
  ['#/nowhere', { screen: 'cases' }],
  ['#/cases/SAR-2026-000417/nothing', { screen: 'case', caseId: 'SAR-2026-000417', tab: 'overview' }],
  ['#/review/SAR-2026-000417/0', { screen: 'review-queue' }],
  ['#/review/SAR-2026-000417/x', { screen: 'review-queue' }],
])('%s leads somewhere sensible', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
});
