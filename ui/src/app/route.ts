/** Where the window is: a screen and what it shows, read from the part of the address after `#`. */

export const caseTabs = ['overview', 'identity', 'search', 'calls', 'review', 'package', 'activity'] as const;
export type CaseTab = (typeof caseTabs)[number];

export type Route =
  | { screen: 'cases' }
  | { screen: 'new-case' }
  | { screen: 'case'; caseId: string; tab: CaseTab }
  | { screen: 'review-queue' }
  | { screen: 'review'; caseId: string; call: number }
  | { screen: 'packages' }
  | { screen: 'export' }
  | { screen: 'audit' }
  | { screen: 'help' }
  | { screen: 'settings' }
  | { screen: 'connect' }
  | { screen: 'archive' };

const simpleScreens = [
  'cases',
  'packages',
  'export',
  'audit',
  'help',
  'settings',
  'connect',
  'archive',
] as const;

/** The route of an address; an address nobody knows leads to the cases. */
export function parseRoute(hash: string): Route {
  const [first = '', second, third] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decodeURIComponent);
  if (first === 'cases' && second === 'new') return { screen: 'new-case' };
  if (first === 'cases' && second) {
    return { screen: 'case', caseId: second, tab: caseTabs.find((tab) => tab === third) ?? 'overview' };
  }
  if (first === 'review') return parseReview(second, third);
  const screen = simpleScreens.find((name) => name === first);
  return { screen: screen ?? 'cases' };
}

function parseReview(caseId: string | undefined, call: string | undefined): Route {
  const number = Number(call);
  if (!caseId || !Number.isInteger(number) || number < 1) return { screen: 'review-queue' };
  return { screen: 'review', caseId, call: number };
}

/** The address of a route. */
export function hrefTo(route: Route): string {
  switch (route.screen) {
    case 'new-case':
      return '#/cases/new';
    case 'case':
      return `#/cases/${encodeURIComponent(route.caseId)}/${route.tab}`;
    case 'review-queue':
      return '#/review';
    case 'review':
      return `#/review/${encodeURIComponent(route.caseId)}/${route.call}`;
    default:
      return `#/${route.screen}`;
  }
}
