/** Sentences of the window around the screens. */
export const shell = {
  product: 'SAR Portal',
  logo: 'SR',
  mainNavigation: 'Sections',
  statusBar: 'Status',
  cases: 'Cases',
  review: 'Review',
  packages: 'Packages',
  export: 'Export',
  audit: 'Audit log',
  help: 'Help',
  settings: 'Settings',
  notConnected: 'No tenant connected',
  connected: (place: string) => `Connected: ${place}`,
  andMore: (place: string, others: number) => (others > 0 ? `${place} and ${others} more` : place),
  notReachable: (place: string) => `Not reachable: ${place}`,
  jobs: (jobs: string) => `${jobs} running`,
  noJobs: 'No jobs running',
  logNotChecked: (entries: string) => `Audit log: ${entries}, not checked yet`,
  logChecked: (entries: string, at: string) => `Audit log: ${entries}, checked ${at}`,
  logBroken: (entries: string, at: string) => `Audit log: ${entries}, check failed ${at}`,
  sampleBand: 'Sample data. These calls and people are made up; nothing leaves this computer.',
  sourceLost: (at: string) =>
    `The source does not answer since ${at}. You can review, package and verify. Searching and retrieving wait.`,
  auditorStrip: 'You are signed in as auditor: you can read and check, and you change nothing.',
  drillAlarm: (alarms: string) => `Detection got worse: ${alarms}.`,
  drillLook: 'Look at it in the settings',
  atDesk: 'At the desk',
  nobody: 'Nobody signed in',
  changePerson: 'Change person',
  loading: 'Loading',
  stillLoading: 'Still waiting for the core…',
  tryAgain: 'Try again',
  dismiss: 'Dismiss',
  cancel: 'Cancel',
  close: 'Close',
  reference: (id: string) => `Reference ${id}`,
  copyDetails: 'Copy details',
  copied: 'Copied',
  copyDigest: 'Copy the digest in full',
} as const;

export const signIn = {
  title: 'Who is at the desk?',
  explain:
    'Your name is on record with everything you do. A second person approves what the first one reviewed.',
  person: 'Account id',
  personHint: 'Letters, digits, dot, dash and underscore, such as anna.keller',
  role: 'Role',
  submit: 'Sign in',
  roleHints: {
    case_worker: 'Handles cases from receipt to delivery.',
    approver: 'Approves what somebody else reviewed; may also handle cases.',
    auditor: 'Hears redacted audio only and checks the log.',
  },
  signedIn: (person: string, role: string) => `${person} is at the desk: ${role}.`,
} as const;

export const welcome = {
  title: 'SAR Portal',
  lead: 'Finds a person’s call recordings, removes what must not be disclosed, and hands over a package that proves itself.',
  startTitle: 'How do you want to start?',
  sampleTitle: 'Try with sample calls',
  sampleText:
    'A built-in organization with made-up people and spoken calls. No tenant, no account, about two minutes.',
  sampleButton: 'Try with sample calls',
  sampleRunning: 'Starting the built-in organization…',
  connectTitle: 'Connect a tenant',
  connectText:
    'Genesys Cloud, with an OAuth client of your organization. What the client may do is checked first.',
  connectButton: 'Connect a tenant',
  keys: 'Originals are stored encrypted; the keys are in the keyring of this computer.',
} as const;

export const connect = {
  title: 'Connect a tenant',
  region: 'Region',
  clientId: 'Client id',
  clientSecret: 'Client secret',
  secretHint:
    'Goes to the keyring of this computer and is never shown again. To keep it out of this window, connect with “sar case connect --secret-file”.',
  mediaHosts: 'Further media hosts, optional',
  mediaHostsHint:
    'Only for recordings stored in other regions, such as s3.eu-west-2.amazonaws.com. Every host that is neither named here nor of the chosen region is refused.',
  submit: 'Check and connect',
  running: 'Checking what the client may do…',
  connected: (organization: string, region: string) => `Connected to ${organization}, ${region}.`,
  notConnected: (organization: string) => `Not connected to ${organization} yet.`,
  way: 'How you connect',
  ways: {
    service: {
      label: 'As a service',
      explain:
        'Client credentials: an account that no person signs in with. For a desk that several people use.',
      steps: [
        'In Genesys Cloud Admin, add an OAuth client with the grant type “Client Credentials”. Where the form asks for a redirect URI, register a valid placeholder such as https://localhost; it is never called.',
        'Give it a role of its own that can view conversation details, recordings, their annotations and transcripts, and nothing else.',
        'Assign the role in the divisions whose calls a request can be about.',
        'Check the license: reading recordings over the API needs Genesys Cloud CX 2 or CX 3; CX 1 allows it in part only.',
        'Copy its id and secret here. The check lists each permission as granted, missing or more than needed.',
      ],
      stepsNote:
        'The client is an account that no person signs in with (PCI DSS 8.2): keep one client for this portal alone, name its owner, and change its secret as your rules say. Nothing is searched or retrieved by the check. Other divisions stay unseen, and the coverage of each search names those that were searched.',
    },
    person: {
      label: 'As myself',
      explain:
        'Sign in in the browser: Genesys Cloud asks you there, with your own account and its second factor. This window never sees your password.',
      steps: [
        'In Genesys Cloud Admin, add an OAuth client with the grant type “Code Authorization” and PKCE. It has no secret.',
        'Register this redirect URI, letter by letter: http://localhost:28147/signed-in',
        'Give it these scopes and no others: analytics:readonly, conversations:readonly, external-contacts:readonly, gdpr:readonly, quality:readonly, recordings:readonly, routing:readonly, speech-and-text-analytics:readonly, user-basic-info.',
        'Copy its id here and sign in in the browser that opens.',
      ],
      stepsNote:
        'With scopes that only read, this window can change nothing, whatever your own role allows. Every search and retrieval is then recorded under your account in Genesys Cloud, and the sign-in ends when your organization says so. Sign out under Settings.',
    },
  },
  stepsTitle: 'What it takes',
  signIn: 'Sign in in the browser',
  signInWithReason: 'Sign in again with this reason',
  personClientHint: 'Of the OAuth client for persons. There is no secret to it.',
  waiting: 'Waiting for your sign-in in the browser…',
  waitingHint:
    'Sign in there and allow the access, then come back here. After five minutes the sign-in is stopped.',
  stopWaiting: 'Stop waiting',
  stopped: 'The sign-in was stopped. Nothing was connected.',
  excessReasonPerson: 'Why you sign in with these rights',
  excessTextPerson:
    'With this client you may do more than SAR Portal needs. Give the client scopes that only read, or say why it is used as it is, and sign in again.',
  scopeTitle: 'What this client may do',
  granted: 'Granted',
  missing: 'Missing',
  excess: 'More than needed',
  missingText: 'Add these permissions to the client’s role in Genesys Cloud, then check again.',
  excessText:
    'This client may do more than SAR Portal needs. Use a narrower role, or say why this one is used.',
  excessReason: 'Why this client is used',
  acceptExcess: 'Connect with this reason',
  divisions: 'Divisions it sees',
  none: 'None',
  toCases: 'Go to the cases',
  otherwise: 'No tenant of your own? Connect a gateway or an archive.',
} as const;

export const settings = {
  title: 'Settings',
  connection: 'Connection',
  organization: 'Organization',
  region: 'Region',
  sample: 'Built-in organization with sample calls',
  leaveSample: 'Leave the sample calls',
  leaving: 'Opening your own cases…',
  leaveSampleHint: 'Your own cases have a folder of their own. Sample cases stay until you open them again.',
  signedInAs: 'Signed in as',
  signOut: 'Sign out',
  signingOut: 'Signing out…',
  signOutTitle: 'Sign out and disconnect?',
  signOutText:
    'Your sign-in is revoked and forgotten on this computer. What was fetched stays in custody; searching and retrieving wait until somebody connects again.',
  delivery: 'Delivery',
  deliveryFolder: 'Delivered packages are put in',
  appearance: 'Appearance',
  theme: 'Theme',
  themes: { system: 'Same as the desktop', light: 'Light', dark: 'Dark' },
  notKept: 'Theme and letter keys are kept until the window closes.',
  keyboard: 'Keyboard',
  letterKeys: 'Single letters decide in the review',
  letterKeysHint: 'Off: every decision is still there as a button.',
  desk: 'Desk',
  about: 'About',
  version: 'Version',
} as const;

export const archives = {
  title: 'Archives',
  none: 'None yet. Old recorders and buckets can be searched beside the tenant: a call that both have is listed once, and fetched from the archive when the tenant has lost it.',
  add: 'Connect an archive',
  amongSamples: 'Archives belong to your own cases. Leave the sample calls to connect one.',
  folders: 'Folders on this computer are connected on the command line, “sar source add”.',
  trouble: (why: string) => `Cannot be used: ${why}. Connect it again.`,
  remove: 'Disconnect',
  removeName: (id: string) => `Disconnect ${id}`,
  removeTitle: (id: string) => `Disconnect ${id}?`,
  removeText:
    'It is not searched any more, and its secret is forgotten. What was fetched from it stays in custody. Calls of frozen lists that still lie there cannot be fetched until it is connected again.',
  pageTitle: 'Connect an archive',
  kind: 'What it is',
  kinds: { legacy_rest: 'Recorder with a web interface', s3_archive: 'Bucket', gateway: 'Gateway' },
  description: 'Description',
  descriptionHint:
    'TOML, as in docs/formats/sources.md. Change the example to what your archive has; it holds no secret.',
  secret: 'Password, token or client secret',
  secretHint:
    'Goes to the keyring of this computer and is never shown again. A certificate is connected on the command line, “sar source add”.',
  keyId: 'Id of the access key',
  key: 'Access key',
  keyHint: 'Goes to the keyring of this computer and is never shown again. Reading and listing is enough.',
  submit: 'Check and connect',
  running: 'Asking the archive…',
  connected: (name: string) => `Connected ${name}. Every search asks it from now on.`,
  toSettings: 'Back to the settings',
  whatTitle: 'What it takes',
  what: [
    'A service account of the archive that can only read. It is never a person’s account.',
    'An address with https; plain http is refused unless it is on this computer.',
    'Where in its answers the start, the length and the numbers of a call are.',
  ],
  whatNote: 'The check asks the archive once. Nothing is searched or fetched by it.',
} as const;

export const help = {
  title: 'Help',
  keyboardTitle: 'Keyboard',
  keyboardLead: 'Letters act only while the review has the focus.',
  scopes: { everywhere: 'Everywhere', list: 'In lists', review: 'In the review' },
  stepsTitle: 'The eight steps of a case',
  stepTexts: {
    new: 'The request is here and the clock runs.',
    identity: 'The requestor is checked. Nothing is searched before that.',
    search: 'Every call is looked for. Freezing fixes the list.',
    retrieve: 'Originals come into custody; each call gets one end state.',
    review: 'A case worker decides every uncertain span.',
    second_review: 'A second person approves each call or returns it.',
    deliver: 'The package is sealed, checked and handed over.',
    closed: 'Done. The log keeps what happened.',
  },
} as const;
