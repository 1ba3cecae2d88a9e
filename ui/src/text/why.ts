/** Why a span was found, in sentences: the core gives short reasons with `+` or `−` before them. */
import type { SpanView } from '../backend';
import { review as words } from '../messages';
import { percent } from './format';
import { entityNames, nameOf } from './names';

const FOR = '+ ';
const AGAINST = '− ';

function reasons(span: SpanView, sign: string): string[] {
  return span.explanation.filter((it) => it.startsWith(sign)).map((it) => it.slice(sign.length));
}

function sentence(text: string): string {
  const trimmed = text.trim();
  const end = /[.!?]$/.test(trimmed) ? '' : '.';
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1) + end;
}

/** "a", "a and b", "a, b and c". */
function listed(parts: string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** One short line for the queue: the strongest reasons, or what a person did. */
export function whyInShort(span: SpanView): string {
  const found = reasons(span, FOR);
  return sentence(found.length > 0 ? listed(found.slice(0, 2)) : (span.explanation[0] ?? ''));
}

/** What speaks for it, what against it, and why a person is asked. */
export function why(span: SpanView): string[] {
  const [found, against] = [reasons(span, FOR), reasons(span, AGAINST)];
  const other = span.explanation.filter((it) => !it.startsWith(FOR) && !it.startsWith(AGAINST));
  const sentences = other.map(sentence);
  if (found.length > 0) sentences.unshift(words.whyFound(nameOf(entityNames, span.entity), listed(found)));
  if (against.length > 0) sentences.push(words.whyNot(listed(against)));
  return [...sentences, ...whyAsked(span)];
}

function whyAsked(span: SpanView): string[] {
  if (span.decision !== 'review' || span.origin === 'manual' || span.score === 0) return [];
  if (span.score < span.threshold) return [words.whyUnsure(percent(span.score), percent(span.threshold))];
  return span.owner === 'unknown' ? [words.whyOwner] : [];
}
