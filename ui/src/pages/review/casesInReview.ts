/** The cases that wait for a review or a second review. */
import { call, type CaseSummary, type Commands } from '../../backend';

type List = (request: Commands['list_cases']['request']) => Promise<Commands['list_cases']['answer']>;

/** The most that the core answers at once. */
const PAGE = 200;
/** More open cases than a desk works on; reading on would only make the screen slow. */
const MOST_PAGES = 10;
const steps = ['review', 'second_review'];

export interface CasesInReview {
  cases: CaseSummary[];
  /** How many open cases were looked at, by due date, and how many there are. */
  looked: number;
  total: number;
}

/** The core lists open cases of every step, so all pages are read and the others left out. */
export async function casesInReview(
  list: List = (request) => call('list_cases', request),
): Promise<CasesInReview> {
  const open: CaseSummary[] = [];
  let total = 0;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await list({ view: 'open', text: '', offset: page * PAGE, limit: PAGE });
    open.push(...answer.cases);
    total = answer.total;
    if (open.length >= total || answer.cases.length === 0) break;
  }
  return { cases: open.filter(({ step }) => steps.includes(step)), looked: open.length, total };
}
