/** A page of the audit log, and what can be said about how far the log was searched. */
import { call, type Commands } from '../../backend';
import { audit as words } from '../../messages';
import { number } from '../../text/format';

type List = (request: Commands['list_audit']['request']) => Promise<Commands['list_audit']['answer']>;

/** Entries of one page. */
const PAGE = 100;

/** The answer with what was asked, so that no sentence is about another page than the one shown. */
export interface LogPage {
  answer: Commands['list_audit']['answer'];
  beforeSeq: number | null;
  /** Empty for the whole log. */
  caseId: string;
}

export async function readPage(
  beforeSeq: number | null,
  caseId: string,
  list: List = (request) => call('list_audit', request),
): Promise<LogPage> {
  const answer = await list({ before_seq: beforeSeq, limit: PAGE, case_id: caseId || null });
  return { answer, beforeSeq, caseId };
}

/** The core stops after a number of entries: while it says where to go on, older ones were not looked at. */
export function nextOf({ answer }: LogPage): number | null {
  return answer.next_before_seq ?? null;
}

/** How far the log was searched for a case, or which part of the whole log is shown. */
export function reachOf(page: LogPage): string {
  const next = nextOf(page);
  if (page.caseId) return next === null ? words.searchedAll : words.searchedTo(number(next));
  const [newest, oldest] = [page.answer.entries.at(0), page.answer.entries.at(-1)];
  return newest && oldest ? words.range(number(newest.seq), number(oldest.seq)) : '';
}

/** What is said instead of entries. Only a search of the whole log can say that a case has none. */
export function noneOf(page: LogPage): { title: string; text: string } {
  if (!page.caseId) return words.none.log;
  if (nextOf(page) !== null) return words.none.soFar;
  return page.beforeSeq === null ? words.none.ofCase : words.none.older;
}
