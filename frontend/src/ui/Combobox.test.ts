import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import Combobox from './Combobox.svelte';

const items = ['Despacho', 'Ofício', 'Portaria'];
const props = (over = {}) => ({ label: 'Tipo', items, text: (i: string) => i, key: (i: string) => i, onpick: vi.fn(), ...over });

test('a choice is made with the keyboard alone', async () => {
  const p = props();
  render(Combobox<string>, p);
  const field = screen.getByRole('combobox', { name: 'Tipo' });
  await userEvent.type(field, 'ofi');
  expect(field.getAttribute('aria-expanded')).toBe('true');
  await userEvent.keyboard('{ArrowDown}');
  const option = screen.getByRole('option', { name: 'Ofício', hidden: true });
  expect(option.getAttribute('aria-selected')).toBe('true');
  expect(field.getAttribute('aria-activedescendant')).toBe(option.id);
  await userEvent.keyboard('{Enter}');
  expect(p.onpick).toHaveBeenCalledExactlyOnceWith('Ofício');
  expect(field.getAttribute('aria-expanded')).toBe('false');
});

test('the arrows go round the list', async () => {
  const p = props();
  render(Combobox<string>, p);
  screen.getByRole('combobox').focus();
  await userEvent.keyboard('{ArrowUp}{ArrowDown}{Enter}');
  expect(p.onpick).toHaveBeenCalledWith('Despacho');
});

test('Esc closes the list, keeps the choice and does not reach the dialog around it', async () => {
  const p = props({ value: 'Portaria' });
  const outside = vi.fn();
  document.body.addEventListener('keydown', outside);
  render(Combobox<string>, p);
  const field = screen.getByRole<HTMLInputElement>('combobox');
  await userEvent.click(field);
  outside.mockClear();
  await userEvent.keyboard('{Escape}');
  document.body.removeEventListener('keydown', outside);
  expect(field.value).toBe('Portaria');
  expect(p.onpick).not.toHaveBeenCalled();
  expect(outside).not.toHaveBeenCalled();
});

test('emptying the field takes the choice away', async () => {
  const p = props({ value: 'Portaria' });
  render(Combobox<string>, p);
  await userEvent.clear(screen.getByRole('combobox'));
  await userEvent.tab();
  expect(p.onpick).toHaveBeenCalledExactlyOnceWith(null);
});

test('an answer to an older question is dropped', async () => {
  let slow: (v: string[]) => void = () => undefined;
  const search = vi.fn((q: string) => (q === 'a' ? new Promise<string[]>((r) => (slow = r)) : Promise.resolve(q === 'ab' ? ['Abono'] : [])));
  render(Combobox<string>, props({ items: undefined, search }));
  await userEvent.type(screen.getByRole('combobox'), 'ab');
  slow(['Antigo']);
  expect(await screen.findByRole('option', { name: 'Abono', hidden: true })).toBeTruthy();
  expect(screen.queryByRole('option', { name: 'Antigo', hidden: true })).toBeNull();
});

test('who types and chooses before the answer comes gets what was typed', async () => {
  const answers = new Map<string, (v: string[]) => void>();
  const search = vi.fn((q: string) => new Promise<string[]>((r) => answers.set(q, r)));
  const p = props({ items: undefined, search });
  render(Combobox<string>, p);
  await userEvent.type(screen.getByRole('combobox'), 'SES');
  answers.get('SE')?.(['SES/DAHA', 'SEFAZ/GAB']);
  await userEvent.keyboard('{ArrowDown}{Enter}');
  expect(p.onpick).not.toHaveBeenCalled();
  answers.get('SES')?.(['SES/GAB', 'SES/DAHA']);
  await vi.waitFor(() => expect(p.onpick).toHaveBeenCalledExactlyOnceWith('SES/GAB'));
});
