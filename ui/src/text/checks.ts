/** What a check saw, in words where the core speaks the language of a format. */
import type { CheckView } from '../bindings/api';
import { bytes, plural } from './format';

/** BagIt's `Payload-Oxum`: octets, a point, files. */
const OXUM = /^(\d+)\.(\d+)$/;

export function checkDetail({ name, detail }: Pick<CheckView, 'name' | 'detail'>): string {
  const oxum = name === 'payload size' ? OXUM.exec(detail) : null;
  return oxum ? `${bytes(Number(oxum[1]))} in ${plural(Number(oxum[2]), 'file')}` : detail;
}
