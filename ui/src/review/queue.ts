/** The spans of a call as a queue of decisions. */
import type { SpanView } from '../bindings/api';

export type QueueTab = 'review' | 'redact' | 'keep' | 'all';
export const queueTabs: readonly QueueTab[] = ['review', 'redact', 'keep', 'all'];

export function spansIn(spans: readonly SpanView[], tab: QueueTab): SpanView[] {
  return tab === 'all' ? [...spans] : spans.filter(({ decision }) => decision === tab);
}

export function openSpans(spans: readonly SpanView[]): number {
  return spansIn(spans, 'review').length;
}

/** The open span to decide after `id`: the next one in time, else the first one left. */
export function nextOpen(spans: readonly SpanView[], id: string | null): string | null {
  const open = spansIn(spans, 'review').filter((span) => span.id !== id);
  const current = spans.find((span) => span.id === id);
  const later = current && open.find((span) => span.start_ms >= current.start_ms);
  return (later ?? open[0])?.id ?? null;
}

/**
 * The span `step` rows away in a list. From a span that is not in the list (it was decided, or another
 * tab is shown) the nearest one in time on that side; past the last one, the last.
 */
export function neighbor(
  list: readonly SpanView[],
  from: Pick<SpanView, 'id' | 'start_ms'> | null,
  step: 1 | -1,
): string | null {
  const ends = step > 0 ? [list[0], list.at(-1)] : [list.at(-1), list[0]];
  if (!from) return ends[0]?.id ?? null;
  const at = list.findIndex(({ id }) => id === from.id);
  if (at >= 0) return list[Math.min(Math.max(at + step, 0), list.length - 1)]?.id ?? null;
  const beside =
    step > 0
      ? list.find(({ start_ms }) => start_ms >= from.start_ms)
      : list.findLast(({ start_ms }) => start_ms <= from.start_ms);
  return (beside ?? ends[1])?.id ?? null;
}

/** Whether a person ruled just that already; ruling it again would only fill the record. */
export function isRuled(span: SpanView, kind: string, reason: string | null): boolean {
  return span.decided_by !== 'policy' && span.decision === kind && span.reason === reason;
}

const reasonByEntity: Readonly<Record<string, string>> = {
  CREDIT_CARD: 'card_data',
  CARD_EXPIRY: 'card_data',
  CVV: 'card_data',
  PIN: 'security_data',
  PASSWORD: 'security_data',
  DTMF: 'security_data',
  MEDICAL_ID: 'health_data',
  HEALTH_TERM: 'health_data',
};

/** The reason that a span most likely is redacted for. */
export function defaultRedactReason({ entity, owner }: Pick<SpanView, 'entity' | 'owner'>): string {
  const byEntity = reasonByEntity[entity];
  if (byEntity) return byEntity;
  if (owner === 'agent') return 'agent_data';
  return owner === 'requestor' ? 'other' : 'third_party_data';
}

/** The reason that a span most likely may be disclosed for. */
export function defaultKeepReason({ owner }: Pick<SpanView, 'owner'>): string {
  return owner === 'requestor' ? 'requestor_own_data' : 'not_personal_data';
}
