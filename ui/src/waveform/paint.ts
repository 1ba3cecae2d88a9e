/** Gives a canvas its size in device pixels and hands over a context in CSS pixels. */
export function paint(
  canvas: HTMLCanvasElement,
  widthPx: number,
  heightPx: number,
  drawing: (context: CanvasRenderingContext2D) => void,
): void {
  const context = canvas.getContext('2d');
  if (!context || widthPx === 0) return;
  const scale = devicePixelRatio;
  const [width, height] = [Math.round(widthPx * scale), Math.round(heightPx * scale)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
    canvas.style.width = `${widthPx}px`;
    canvas.style.height = `${heightPx}px`;
  }
  context.setTransform(scale, 0, 0, scale, 0, 0);
  drawing(context);
}
