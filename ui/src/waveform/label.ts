/** The label of a span, cut to the room there is. */

/** A label of fewer letters says nothing; the list and the tooltip name the span. */
const FEWEST_LETTERS = 2;

/** Between a span and a label beside it. */
const BESIDE_PX = 9;

/** Where a label starts that is wider than its span: after it, or before it at the end of the view. */
export function besideSpan(span: { x: number; width: number }, labelPx: number, viewPx: number): number {
  const after = span.x + span.width + BESIDE_PX;
  return after + labelPx <= viewPx ? after : Math.max(0, span.x - labelPx - BESIDE_PX);
}

/** The longest beginning of `text` that fits, with an ellipsis when it is cut; empty when too little does. */
export function fit(text: string, roomPx: number, measure: (text: string) => number): string {
  if (measure(text) <= roomPx) return text;
  for (let letters = text.length - 1; letters >= FEWEST_LETTERS; letters -= 1) {
    const cut = `${text.slice(0, letters).trimEnd()}…`;
    if (measure(cut) <= roomPx) return cut;
  }
  return '';
}
