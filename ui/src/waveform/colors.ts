/** Colors and font of the canvas, read from the tokens once for each theme. */

export interface Colors {
  surface: string;
  line: string;
  text: string;
  text2: string;
  accent: string;
  agent: string;
  customer: string;
  redact: string;
  onRedact: string;
  review: string;
  reviewFill: string;
  keep: string;
  font: string;
}

export function readColors(): Colors {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  const isForced = matchMedia('(forced-colors: active)').matches;
  const or = (name: string, system: string): string => (isForced ? system : token(name));
  return {
    surface: or('--surface', 'Canvas'),
    line: or('--line', 'GrayText'),
    text: or('--text', 'CanvasText'),
    text2: or('--text-2', 'CanvasText'),
    accent: or('--accent', 'Highlight'),
    agent: or('--wave-agent', 'CanvasText'),
    customer: or('--wave-customer', 'CanvasText'),
    redact: or('--redact', 'CanvasText'),
    onRedact: or('--on-redact', 'Canvas'),
    review: or('--review', 'Highlight'),
    reviewFill: or('--review-fill', 'Canvas'),
    keep: or('--keep', 'GrayText'),
    font: getComputedStyle(document.body).fontFamily,
  };
}
