/** What is typed into a new case, and what is still missing. The core checks all of it again. */
import type { OpenCaseReq } from '../../backend';
import { newCase } from '../../messages';

export interface Draft {
  name: string;
  phones: string;
  phoneRegion: string;
  emails: string;
  customerIds: string;
  isRepresented: boolean;
  representative: string;
  authority: string;
  law: string;
  receivedOn: string;
  receivedBy: string;
  riskTier: string;
  requestType: string;
  note: string;
  legalHold: boolean;
}

export function emptyDraft(today: string): Draft {
  return {
    name: '',
    phones: '',
    phoneRegion: 'GB',
    emails: '',
    customerIds: '',
    isRepresented: false,
    representative: '',
    authority: '',
    law: 'eu_gdpr',
    receivedOn: today,
    receivedBy: 'email',
    riskTier: 'normal',
    requestType: 'access',
    note: '',
    legalHold: false,
  };
}

/** What keeps the case from starting, in words. */
export function missing(draft: Draft, today: string): string[] {
  const open: string[] = [];
  if (draft.name.trim() === '') open.push(newCase.needsName);
  const identifiers = [draft.phones, draft.customerIds].flatMap(split);
  if (identifiers.length === 0) open.push(newCase.needsIdentifier);
  if (draft.receivedOn === '') open.push(newCase.needsDate);
  if (draft.receivedOn > today) open.push(newCase.futureDate);
  if (draft.isRepresented && (!draft.representative.trim() || !draft.authority.trim())) {
    open.push(newCase.needsAuthority);
  }
  return open;
}

export function toRequest(draft: Draft): OpenCaseReq {
  return {
    name: draft.name.trim(),
    phones: split(draft.phones),
    phone_region: draft.phoneRegion,
    emails: split(draft.emails),
    customer_ids: split(draft.customerIds),
    representative: draft.isRepresented
      ? { name: draft.representative.trim(), authority: draft.authority.trim() }
      : null,
    law: draft.law,
    received_on: draft.receivedOn,
    received_by: draft.receivedBy,
    risk_tier: draft.riskTier,
    note: draft.note.trim(),
    legal_hold: draft.legalHold,
    request_type: draft.requestType,
  };
}

/** The entries of a field that takes several. */
export function split(text: string): string[] {
  return text
    .split(/[,;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
