import type { Attachment } from 'svelte/attachments';

let bubble: HTMLElement | null = null;

function show(at: HTMLElement, text: string): void {
  hide();
  bubble = document.createElement('div');
  bubble.className = 'tooltip';
  // What it says is already the control's name or description.
  bubble.setAttribute('aria-hidden', 'true');
  bubble.textContent = text;
  // A modal dialog is above everything else in the page.
  (at.closest('dialog') ?? document.body).append(bubble);
  const r = at.getBoundingClientRect();
  const b = bubble.getBoundingClientRect();
  const below = r.bottom + 6 + b.height < window.innerHeight;
  bubble.style.top = `${below ? r.bottom + 6 : r.top - b.height - 6}px`;
  bubble.style.left = `${Math.max(6, Math.min(r.left + r.width / 2 - b.width / 2, window.innerWidth - b.width - 6))}px`;
}

function hide(): void {
  bubble?.remove();
  bubble = null;
}

/** tooltip shows text beside the element while it is pointed at or has the keyboard; Esc hides it. */
export function tooltip(text: string): Attachment<HTMLElement> {
  return (node) => {
    if (!text) return;
    let timer = 0;
    const soon = () => (timer = window.setTimeout(() => show(node, text), 350));
    const now = () => {
      if (node.matches(':focus-visible')) show(node, text);
    };
    const gone = () => {
      window.clearTimeout(timer);
      hide();
    };
    const key = (e: KeyboardEvent) => {
      if (e.key === 'Escape') gone();
    };
    node.addEventListener('pointerenter', soon);
    node.addEventListener('pointerleave', gone);
    node.addEventListener('pointerdown', gone);
    node.addEventListener('focus', now);
    node.addEventListener('blur', gone);
    node.addEventListener('keydown', key);
    return () => {
      gone();
      node.removeEventListener('pointerenter', soon);
      node.removeEventListener('pointerleave', gone);
      node.removeEventListener('pointerdown', gone);
      node.removeEventListener('focus', now);
      node.removeEventListener('blur', gone);
      node.removeEventListener('keydown', key);
    };
  };
}
