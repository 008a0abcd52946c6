import { expect, test, vi } from 'vitest';
import { PortugueseWords } from './words';

test('the pages of a PDF are named in Portuguese, also those that come later', async () => {
  const pages = document.createElement('div');
  const page = (n: number) => {
    const div = document.createElement('div');
    div.dataset.l10nId = 'pdfjs-page-landmark';
    div.dataset.l10nArgs = JSON.stringify({ page: n });
    return div;
  };
  const first = page(1);
  pages.append(first);
  const words = new PortugueseWords();
  await words.translate(pages);
  expect(first.getAttribute('aria-label')).toBe('Página 1');
  const second = page(2);
  pages.append(second);
  await vi.waitFor(() => expect(second.getAttribute('aria-label')).toBe('Página 2'));
  second.dataset.l10nArgs = JSON.stringify({ page: 3 });
  await vi.waitFor(() => expect(second.getAttribute('aria-label')).toBe('Página 3'));
  await words.destroy();
});
