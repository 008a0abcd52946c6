import { cleanup, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import DiffView from './DiffView.svelte';

afterEach(cleanup);

const blocks = [
  { kind: 'same', words: [{ op: 'same', text: 'igual' }] },
  { kind: 'changed', words: [{ op: 'same', text: 'para ' }, { op: 'removed', text: 'ciência' }, { op: 'added', text: 'resposta' }] },
  { kind: 'added', words: [] },
  { kind: 'added', words: [] },
];

test('added and removed words are marked by element, sign and words for the screen reader', () => {
  const { container } = render(DiffView, { blocks, before: 'a', after: 'b' });
  expect(container.querySelector('.block ins')!.textContent).toBe('+incluído: resposta');
  expect(container.querySelector('.block del')!.textContent).toBe('−retirado: ciência');
  expect(screen.getByText(/2 partes sem palavras/)).toBeTruthy();
});

test('what is equal is shown only when asked for', async () => {
  render(DiffView, { blocks, before: 'a', after: 'b' });
  expect(screen.queryByText('igual')).toBeNull();
  await userEvent.click(screen.getByRole('checkbox'));
  expect(screen.getByText('igual')).toBeTruthy();
});

test('equal texts are said to be equal', () => {
  render(DiffView, { blocks: [blocks[0]!], before: 'a', after: 'b' });
  expect(screen.getByText('Os dois textos são iguais.')).toBeTruthy();
});
