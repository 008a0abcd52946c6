// The few words that pdf.js puts into its pages, in Portuguese; its own come in English
// and its translator would fetch files.
const words: Record<string, (args: Record<string, string>) => { label: string; attribute: string }> = {
  'pdfjs-page-landmark': ({ page }) => ({ attribute: 'aria-label', label: `Página ${page ?? ''}`.trim() }),
  'pdfjs-text-annotation-type': () => ({ attribute: 'alt', label: 'Anotação no documento' }),
  'pdfjs-rendering-error': () => ({ attribute: '', label: 'Esta página não pôde ser desenhada.' }),
};

function argumentsOf(element: Element): Record<string, string> {
  try {
    return JSON.parse(element.getAttribute('data-l10n-args') ?? '{}') as Record<string, string>;
  } catch {
    return {};
  }
}

function say(element: Element): void {
  const word = words[element.getAttribute('data-l10n-id') ?? '']?.(argumentsOf(element));
  if (!word) return;
  if (word.attribute) element.setAttribute(word.attribute, word.label);
  else element.textContent = word.label;
}

function sayAll(root: Element): void {
  say(root);
  root.querySelectorAll('[data-l10n-id]').forEach(say);
}

/** PortugueseWords is what pdf.js asks for its words (its IL10n). */
export class PortugueseWords {
  #watch = new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === 'attributes') say(change.target as Element);
      for (const added of change.addedNodes) if (added instanceof Element) sayAll(added);
    }
  });

  getLanguage(): string {
    return 'pt-br';
  }

  getDirection(): string {
    return 'ltr';
  }

  async get(id: string | string[], args: Record<string, string> | null = null, fallback = ''): Promise<string | string[]> {
    const one = (i: string) => words[i]?.(args ?? {}).label ?? fallback;
    return Array.isArray(id) ? id.map(one) : one(id);
  }

  /** translate words the element, and what comes into it later. */
  async translate(element: Element): Promise<void> {
    sayAll(element);
    this.#watch.observe(element, { subtree: true, childList: true, attributeFilter: ['data-l10n-id', 'data-l10n-args'] });
  }

  async translateOnce(element: Element): Promise<void> {
    sayAll(element);
  }

  async destroy(): Promise<void> {
    this.#watch.disconnect();
  }

  // What pdf.js pauses its own translator for costs nothing here.
  pause(): void {}

  resume(): void {}
}
