/** The label of a span, cut to the room there is. */

/** A label of fewer letters says nothing; the list and the tooltip name the span. */
const FEWEST_LETTERS = 2;

/** The longest beginning of `text` that fits, with an ellipsis when it is cut; empty when too little does. */
export function fit(text: string, roomPx: number, measure: (text: string) => number): string {
  if (measure(text) <= roomPx) return text;
  for (let letters = text.length - 1; letters >= FEWEST_LETTERS; letters -= 1) {
    const cut = `${text.slice(0, letters).trimEnd()}…`;
    if (measure(cut) <= roomPx) return cut;
  }
  return '';
}
