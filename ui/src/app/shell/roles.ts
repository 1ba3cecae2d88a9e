import type { RoleName } from '../../backend';

export const roles: readonly RoleName[] = ['case_worker', 'approver', 'auditor'];
