/** The screens that are looked at, and how to get there. */
const caseHash = (number, tab) => `/cases/SAR-2026-000${number}/${tab}`;
const click = (testid) => async (page) => page.getByTestId(testid).first().click();

/** What every screen that reads something shows while it waits, and when it cannot be read. */
const read = {
  'case-overview': caseHash('417', 'overview'),
  'case-search': caseHash('421', 'search'),
  'case-calls': caseHash('417', 'calls'),
  'case-package': caseHash('422', 'package'),
  'review-queue': '/review',
  review: '/review/SAR-2026-000417/3',
  packages: '/packages',
  audit: '/audit',
};
const troubles = Object.entries(read).flatMap(([name, hash]) => [
  { name: `${name}-error`, scene: 'error', hash },
  { name: `${name}-slow`, scene: 'slow', hash, wait: 600 },
]);

export const screens = [
  ...troubles,
  { name: 'welcome', scene: 'first-run' },
  { name: 'signed-out', scene: 'signed-out' },
  {
    name: 'connect',
    hash: '/connect',
    async act(page) {
      await page.getByTestId('connect-client-id').fill('0f3a');
      await page.getByTestId('connect-client-secret').fill('secret');
      await page.getByTestId('connect-submit').click();
    },
  },
  ...['browser-open', 'denied', 'timed-out', 'wrong-state', 'offline', 'as-person'].map((scene) => ({
    name: `connect-person-${scene}`,
    scene,
    hash: '/connect',
    async act(page) {
      await page.getByTestId('connect-way-person').click();
      await page.getByTestId('connect-client-id').fill('d2f5a8b1');
      await page.getByTestId('connect-sign-in').click();
    },
  })),
  { name: 'connect-person', hash: '/connect', act: click('connect-way-person') },
  { name: 'settings-as-person', scene: 'as-person', hash: '/settings' },
  { name: 'cases' },
  { name: 'cases-sample', scene: 'sample' },
  { name: 'cases-empty', scene: 'empty' },
  { name: 'cases-error', scene: 'error' },
  { name: 'cases-many', scene: 'many', act: click('page-next') },
  { name: 'cases-slow', scene: 'slow', wait: 2300 },
  { name: 'cases-narrow', viewport: { width: 960, height: 640 } },
  { name: 'sign-in', act: click('change-person') },
  { name: 'new-case', hash: '/cases/new' },
  { name: 'case-overview', hash: caseHash('417', 'overview') },
  { name: 'case-overview-at-source', hash: caseHash('402', 'overview') },
  { name: 'case-close', hash: caseHash('402', 'overview'), act: click('next-action') },
  { name: 'case-identity', hash: caseHash('420', 'identity') },
  { name: 'case-search', hash: caseHash('421', 'search') },
  { name: 'case-search-partial', scene: 'partial', hash: caseHash('421', 'search') },
  { name: 'case-search-none', scene: 'empty', hash: caseHash('421', 'search') },
  { name: 'case-search-nothing', scene: 'nothing', hash: caseHash('421', 'search') },
  { name: 'case-search-not-seen', scene: 'not-seen', hash: caseHash('421', 'search') },
  {
    name: 'case-search-orphans',
    scene: 'orphans',
    hash: caseHash('421', 'search'),
    async act(page) {
      await page.locator('summary').filter({ hasText: 'without a conversation' }).click();
      await page.getByTestId('choose-orphan').first().click();
    },
  },
  { name: 'case-search-frozen', hash: caseHash('417', 'search') },
  { name: 'case-freeze', hash: caseHash('421', 'search'), act: click('freeze-list') },
  { name: 'case-calls', hash: caseHash('417', 'calls') },
  { name: 'case-calls-running', scene: 'retrieving', hash: caseHash('402', 'calls') },
  { name: 'case-review', hash: caseHash('417', 'review') },
  { name: 'case-package', hash: caseHash('417', 'package') },
  { name: 'case-package-ready', hash: caseHash('422', 'package') },
  {
    name: 'case-package-sealed',
    hash: caseHash('422', 'package'),
    async act(page) {
      await page.getByTestId('seal-package').click();
      await page.getByTestId('show-passphrase').click();
    },
  },
  {
    name: 'case-package-delivered',
    scene: 'delivered',
    hash: caseHash('422', 'package'),
  },
  {
    name: 'case-package-verified',
    hash: caseHash('422', 'package'),
    async act(page) {
      await page.getByTestId('seal-package').click();
      await page.getByTestId('verify-package').click();
    },
  },
  {
    name: 'case-package-tampered',
    scene: 'tampered',
    hash: caseHash('422', 'package'),
    async act(page) {
      await page.getByTestId('seal-package').click();
      await page.getByTestId('verify-package').click();
    },
  },
  { name: 'case-activity', hash: caseHash('417', 'activity') },
  { name: 'review-queue', hash: '/review' },
  { name: 'review', hash: '/review/SAR-2026-000417/3', wait: 700 },
  {
    name: 'review-decided',
    hash: '/review/SAR-2026-000417/3',
    wait: 700,
    async act(page) {
      await page.getByTestId('redact').click();
      await page.keyboard.press('k');
      await page.keyboard.press('e');
    },
  },
  {
    name: 'review-narrow',
    hash: '/review/SAR-2026-000417/3',
    wait: 700,
    viewport: { width: 1024, height: 700 },
  },
  { name: 'review-second', hash: '/review/SAR-2026-000417/2', wait: 700 },
  { name: 'review-approved', hash: '/review/SAR-2026-000417/1', wait: 700 },
  { name: 'review-mark', hash: '/review/SAR-2026-000417/3', wait: 700, act: click('mark-span') },
  { name: 'review-auditor', scene: 'auditor', hash: '/review/SAR-2026-000417/3', wait: 700 },
  { name: 'case-package-auditor', scene: 'auditor', hash: caseHash('422', 'package') },
  { name: 'packages', hash: '/packages' },
  { name: 'review-queue-empty', scene: 'empty', hash: '/review' },
  { name: 'packages-empty', scene: 'empty', hash: '/packages' },
  { name: 'export', hash: '/export' },
  { name: 'export-offline', scene: 'first-run', hash: '/export' },
  { name: 'export-running', scene: 'exporting', hash: '/export' },
  { name: 'export-stopped', scene: 'export-stopped', hash: '/export' },
  { name: 'export-failed', scene: 'export-failed', hash: '/export' },
  { name: 'export-finished', scene: 'exported', hash: '/export' },
  { name: 'export-error', scene: 'error', hash: '/export' },
  { name: 'export-auditor', scene: 'auditor', hash: '/export' },
  { name: 'audit', hash: '/audit', act: click('audit-check-now') },
  { name: 'audit-tampered', scene: 'tampered', hash: '/audit', act: click('audit-check-now') },
  { name: 'audit-empty', scene: 'empty', hash: '/audit' },
  { name: 'help', hash: '/help' },
  {
    name: 'shortcuts',
    async act(page) {
      await page.keyboard.press('?');
    },
  },
  { name: 'settings', hash: '/settings' },
];
