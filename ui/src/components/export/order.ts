/** What a person types to order an export, and whether it can be ordered. */
import type { StartExportReq } from '../../backend';
import { defaultRange } from '../recording/range';

const plainName = /^[A-Za-z0-9_-]{1,60}$/;

/** The order that goes on with the last one, or a new one with today's name. */
export function firstOrder(last: StartExportReq | null, now: Date): StartExportReq {
  const day = now.toISOString().slice(0, 10);
  return (
    last ?? {
      name: `export-${day}`,
      query: '',
      ...defaultRange(now),
      load_file: false,
      bag: false,
      partial_reason: null,
    }
  );
}

export function canBeOrdered(order: StartExportReq): boolean {
  const isTyped = order.query.trim() !== '' && order.start !== '' && order.end !== '';
  return isTyped && order.start < order.end && plainName.test(order.name.trim());
}

/** The order without spaces that nobody sees, and without an empty reason. */
export function tidy(order: StartExportReq): StartExportReq {
  const reason = order.partial_reason?.trim() ?? '';
  return { ...order, name: order.name.trim(), partial_reason: reason === '' ? null : reason };
}
