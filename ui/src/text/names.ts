/** Words for the stable names of the core. A name without an entry is shown in plain letters. */

import type { ConnectedSource, ExclusionGround } from '../bindings/api';

export type Names = Readonly<Record<string, string>>;

export const entityNames: Names = {
  PERSON_NAME: 'Person name',
  PHONE_NUMBER: 'Phone number',
  CREDIT_CARD: 'Card number',
  CARD_EXPIRY: 'Card expiry',
  CVV: 'Card security code',
  SSN: 'Social security number',
  NATIONAL_INSURANCE: 'National insurance number',
  NATIONAL_ID: 'National ID',
  DATE_OF_BIRTH: 'Date of birth',
  ADDRESS: 'Address',
  EMAIL: 'Email address',
  ACCOUNT_NUMBER: 'Account number',
  BANK_ROUTING: 'Bank routing number',
  IBAN: 'IBAN',
  MEDICAL_ID: 'Medical ID',
  PASSPORT: 'Passport number',
  DRIVER_LICENSE: 'Driver license number',
  VEHICLE_REG: 'Vehicle registration',
  DEVICE_ID: 'Device ID',
  IP_ADDRESS: 'IP address',
  PIN: 'PIN',
  PASSWORD: 'Password',
  HEALTH_TERM: 'Health data',
  DTMF: 'Keyed digits',
  OTHER: 'Other personal data',
};

export const ownerNames: Names = {
  requestor: 'The requestor',
  agent: 'The agent',
  third_party: 'Someone else',
  unknown: 'Not known',
};

export const partyNames: Names = {
  customer: 'Customer',
  agent: 'Agent',
  mixed: 'Both',
  unknown: 'Not known',
};

export const lawNames: Names = { eu_gdpr: 'EU GDPR', uk_gdpr: 'UK GDPR', ccpa: 'CCPA' };

export const receivedByNames: Names = {
  email: 'Email',
  letter: 'Letter',
  phone: 'Phone',
  form: 'Web form',
  in_person: 'In person',
};

export const riskNames: Names = { low: 'Low', normal: 'Normal', high: 'High' };

/** The eight steps in order. */
export const steps = [
  'new',
  'identity',
  'search',
  'retrieve',
  'review',
  'second_review',
  'deliver',
  'closed',
] as const;

export const stepNames: Names = {
  new: 'New',
  identity: 'Identity',
  search: 'Search',
  retrieve: 'Retrieve',
  review: 'Review',
  second_review: 'Second review',
  deliver: 'Deliver',
  closed: 'Closed',
};

export const checkMethods = ['account_details', 'call_back', 'one_time_code', 'document_seen'] as const;

export const checkMethodNames: Names = {
  account_details: 'Account details match',
  call_back: 'Call-back to a known number',
  one_time_code: 'One-time code returned',
  document_seen: 'Document seen, not kept',
};

export const exclusionGroundNames: Record<ExclusionGround, string> = {
  not_the_requestor: 'Not a call of the requestor',
  outside_the_request: 'Outside what was asked for',
  duplicate: 'Same call as another one',
  rights_of_others: 'Would harm the rights of others',
  legal_privilege: 'Legal privilege',
};

export const exclusionGrounds = [
  'not_the_requestor',
  'outside_the_request',
  'duplicate',
  'rights_of_others',
  'legal_privilege',
] as const satisfies readonly ExclusionGround[];

export const identifierNames: Names = {
  phone: 'Phone',
  email: 'Email',
  customer_id: 'Customer number',
  external_contact: 'External contact',
  conversation_id: 'Conversation',
};

export const searchedPlaceNames: Names = {
  data_subjects: 'Register of data subjects',
  external_contacts: 'External contacts',
  orphans: 'Recordings without a conversation',
};

export const endStateNames: Names = {
  pending: 'Not yet in custody',
  retrieved: 'In custody',
  purged: 'Purged at the source',
  corrupted: 'Corrupted',
  unsupported: 'Codec not supported',
  withheld: 'Withheld',
  duplicate: 'Duplicate',
  unavailable: 'Unavailable',
};

export const stageNames: Names = {
  waiting: 'Waiting',
  downloading: 'Retrieving',
  stored: 'Stored',
  detecting: 'Detecting',
  to_review: 'To review',
  to_approve: 'To approve',
  approved: 'Approved',
  redacting: 'Being redacted',
  redacted: 'Redacted',
  ended: 'Ended',
};

export const jobNames: Names = {
  search: 'Search',
  retrieve: 'Retrieval',
  detect: 'Detection',
  redact: 'Redaction',
  seal: 'Sealing',
  hold: 'Legal hold',
  deliver: 'Delivery',
};

export const roleNames: Names = { case_worker: 'Case worker', approver: 'Approver', auditor: 'Auditor' };

export const sourceNames = { genesys: 'Genesys Cloud' } as const satisfies Names;

/** What an archive is. */
export const sourceKindNames = {
  genesys: 'Platform',
  legacy_rest: 'Recorder',
  s3_archive: 'Bucket',
  gateway: 'Gateway',
  folder: 'Folder',
} as const satisfies Names;

/** A source by its name; archives are called what their description calls them. */
export function sourceName(id: string): string {
  const names: Names = sourceNames;
  return names[id] ?? id;
}

export const coverageNames: Names = { complete: 'Complete', partial: 'Partial', failed: 'Failed' };

export const mediaStateNames: Names = {
  available: 'Available',
  pending: 'Still being stored',
  archived: 'Archived',
  deleted: 'Deleted at the source',
  faulty: 'Faulty',
};

export const decisionNames: Names = { redact: 'Redact', review: 'To review', keep: 'Keep' };

export const contentNames: Names = {
  redacted_audio: 'Redacted audio',
  transcripts: 'Redacted transcripts',
  call_list: 'Call list',
  redaction_schedule: 'Redaction schedule, with reasons and without values',
  letter: 'Letter',
  custody: 'Chain of custody and manifest',
};

export const outcomeNames: Names = { passed: 'Passed', failed: 'Failed', not_performed: 'Not performed' };

export const passphraseChannelNames: Names = {
  phone: 'Phone',
  sms: 'Text message',
  post: 'Post',
  in_person: 'In person',
};

export const packageStateNames: Names = {
  none: 'Not sealed',
  sealing: 'Sealing',
  sealed: 'Sealed',
  delivered: 'Delivered',
  failed: 'Sealing failed',
};

/** Why something is redacted; the position is the digit key. */
export const redactReasonNames: Names = {
  third_party_data: 'Third-party data',
  agent_data: 'Agent data',
  card_data: 'Card data',
  security_data: 'Security answer or password',
  health_data: 'Health data',
  other: 'Another reason',
};

/** Why something may be disclosed. */
export const keepReasonNames: Names = {
  requestor_own_data: 'The requestor’s own data',
  not_personal_data: 'Not personal data',
  business_contact: 'Published business contact',
  consent_given: 'The person agreed',
};

/** The words of a stable name; `SOME_NAME` and `some_name` become "Some name" without an entry. */
export function nameOf(names: Names, stable: string): string {
  return names[stable] ?? plain(stable);
}

function plain(stable: string): string {
  const words = stable.replaceAll('_', ' ').replaceAll('-', ' ').toLowerCase().trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Where the cloud regions of Genesys lie. */
const regionNames: Names = {
  'eu-central-1': 'Frankfurt, Germany',
  'eu-central-2': 'Zurich, Switzerland',
  'eu-west-1': 'Ireland',
  'eu-west-2': 'London, UK',
  'us-east-1': 'Virginia, US',
  'us-east-2': 'Ohio, US',
  'us-west-2': 'Oregon, US',
  'ca-central-1': 'Montreal, Canada',
  'mx-central-1': 'Querétaro, Mexico',
  'sa-east-1': 'São Paulo, Brazil',
  'me-central-1': 'UAE',
  'ap-south-1': 'Mumbai, India',
  'ap-southeast-1': 'Singapore',
  'ap-southeast-2': 'Sydney, Australia',
  'ap-northeast-1': 'Tokyo, Japan',
  'ap-northeast-2': 'Seoul, South Korea',
  'ap-northeast-3': 'Osaka, Japan',
};

/** Where a recording lies; a code nobody knows stays as it is, since only it is certain. */
export function regionName(code: string): string {
  return regionNames[code] ?? code;
}

/** A connected source by the organization it belongs to; the region counts where data really lies. */
export function sourceLabel(source: Pick<ConnectedSource, 'organization' | 'region' | 'is_sandbox'>): string {
  const region = source.is_sandbox ? '' : source.region;
  return [source.organization, region].filter((part) => part !== '').join(', ') || sourceNames.genesys;
}

/** The words of an action in the audit log. */
export function actionName(stable: string): string {
  return nameOf({ SIEM_ACK: 'SIEM acknowledged' }, stable);
}
