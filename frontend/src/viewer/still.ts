/**
 * freezePages lays a picture of the pages in view over the viewer, so that a document that is
 * replaced by its next state (signed, edited) does not blink white. The answer takes it away.
 */
export function freezePages(container: HTMLElement): () => void {
  const frame = container.getBoundingClientRect();
  const still = document.createElement('div');
  still.className = 'still';
  still.setAttribute('aria-hidden', 'true');
  for (const page of container.querySelectorAll('.page canvas')) {
    const canvas = page as HTMLCanvasElement;
    const at = canvas.getBoundingClientRect();
    if (!canvas.width || at.bottom < frame.top || at.top > frame.bottom) continue;
    const copy = document.createElement('canvas');
    copy.width = canvas.width;
    copy.height = canvas.height;
    copy.getContext('2d')?.drawImage(canvas, 0, 0);
    copy.style.cssText = `position:absolute;left:${at.left - frame.left}px;top:${at.top - frame.top}px;width:${at.width}px;height:${at.height}px`;
    still.append(copy);
  }
  if (!still.childElementCount) return () => undefined;
  container.parentElement?.append(still);
  return () => still.remove();
}
