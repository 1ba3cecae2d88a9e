import { probable } from './risk';

/** Sentences of the case screens. */
export const casePage = {
  tabs: {
    overview: 'Overview',
    identity: 'Identity',
    search: 'Search',
    calls: 'Calls',
    review: 'Review',
    package: 'Package',
    activity: 'Activity',
  },
  tabsLabel: 'Parts of the case',
  dueSuffix: (date: string) => `, due ${date}`,
} as const;

export const overview = {
  nextAction: 'Next',
  stepper: 'Steps of the case',
  actions: {
    identity: { text: 'Check the requestor. Nothing is searched before that.', button: 'Check identity' },
    search: { text: 'Find every call and freeze the list.', button: 'Search calls' },
    calls: { text: 'Bring the originals into custody.', button: 'Retrieve calls' },
    review: { text: 'Decide every uncertain span, then a second person approves.', button: 'Review calls' },
    package: { text: 'Seal the package and hand it over.', button: 'Package' },
    packageOfNothing: {
      text: 'Nothing was found. Seal the answer and hand it over.',
      button: 'Package',
    },
    close: {
      text: 'The frozen list says which calls are meant. Do at the source what is asked, then close the case with what was done.',
      button: 'Close the case',
    },
    closed: { text: 'The case is closed. The log keeps what happened.', button: 'See the activity' },
  },
  closeWithout: 'Close without a package',
  request: 'Request',
  clock: 'Clock',
  requestor: 'Requestor',
  reveal: 'Show who it is',
  revealHint: 'Showing the name is on record.',
  hide: 'Hide again',
  name: 'Name',
  phones: 'Phone numbers',
  emails: 'Email addresses',
  customerIds: 'Customer numbers',
  representative: 'Representative',
  note: 'What they ask for',
  owner: 'Owner',
  law: 'Law',
  received: 'Received',
  receivedBy: (date: string, how: string) => `${date} by ${how.toLowerCase()}`,
  legalDue: 'Legal due date',
  internalDue: 'Internal due date',
  rule: 'Rule',
  represented: 'Somebody acts for the data subject',
  identifiers: 'Identifiers',
  calls: 'Calls',
  ofThose: 'Of those in custody',
  noCalls: 'No list is frozen yet.',
  nothingFound: 'Nothing was found. The list is frozen without a call.',
  risk: (low: number, high: number, expected: number) =>
    `Detection has probably missed ${probable(low, high, expected)} in all calls together. Listening lowers that.`,
  counts: {
    found: 'On the frozen list',
    retrieved: 'In custody',
    purged: 'Purged at the source',
    corrupted: 'Corrupted',
    unsupported: 'Codec not supported',
    withheld: 'Withheld',
    duplicate: 'Duplicate',
    unavailable: 'Unavailable',
    pending: 'Without an end state yet',
    to_review: 'To review',
    to_approve: 'To approve',
    approved: 'Approved',
    open_spans: 'Spans to decide',
  },
} as const;

export const closing = {
  title: (caseId: string) => `Close ${caseId}`,
  text: 'Nothing is handed over, and a legal hold of the case is released. A closed case stays closed.',
  outcome: 'How it ends',
  statement: 'Statement',
  confirm: 'Close the case',
  ended: 'How it ended',
  closedBy: 'Closed by',
  noCopies: 'No copies are made for this request. The list says which calls are meant.',
} as const;

export const identity = {
  title: 'Identity checks',
  needed: (passed: number, needed: number) => `${passed} of ${needed} different checks passed`,
  verified: 'The requestor is verified. Calls can be searched.',
  notVerified: 'Nothing is searched until the requestor is verified.',
  passedButton: 'Passed',
  failedButton: 'Failed',
  notYet: 'Not checked',
  passed: 'Passed',
  failed: 'Failed',
  by: (person: string, at: string) => `by ${person}, ${at}`,
  method: 'Check',
  result: 'Result',
  record: 'Record',
  recorded: (method: string, result: string) => `${method}: ${result}. It is on record.`,
  toSearch: 'Go to the search',
} as const;

export const activity = {
  title: 'Activity',
  empty: 'Nothing has happened yet.',
  when: 'Time (UTC)',
  who: 'Who',
  what: 'What',
  call: 'Call',
  latest: 'The latest 50 entries. The audit log holds all of them.',
} as const;

export const hold = {
  title: 'Legal hold',
  counts: {
    waiting: 'Asked for',
    placed: 'Under hold at the source',
    released: 'Released',
    kept: 'Still needed by another case',
  },
  nothingYet: 'Calls are put under hold when a search finds them.',
  failed: 'These recordings could not be changed:',
  notPlaced: 'Not placed',
  notReleased: 'Not released',
  retry: 'Ask the source again',
} as const;
