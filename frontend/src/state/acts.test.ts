import { afterEach, expect, test, vi } from 'vitest';
import { desk } from '../dev/testdesk';
import { toasts, unsay } from '../ui/toasts.svelte';
import { queued } from './acts';
import type { desktop } from '../lib/api';

const answer = { id: 'e1', process: 'p', document: '', message: 'Na fila.', warning: '' } as desktop.Queued;
const said = () => toasts().map((t) => t.message);
afterEach(() => [...toasts()].forEach((t) => unsay(t.id)));

test('a message goes on from waiting to what the central made of it', async () => {
  let state = 'queued';
  const d = desk({ 'Outbox/Fates': () => [{ id: 'e1', state, reason: 'A unidade foi extinta.' }] });
  queued('Envio pedido.', answer);
  expect(said()).toEqual(['Envio pedido. Na fila.']);
  await vi.waitFor(() => expect(d.named('Outbox/Fates')).toHaveLength(1));
  state = 'accepted';
  d.change('outbox');
  await vi.waitFor(() => expect(said()).toEqual(['Envio pedido. A central confirmou.']));
});

test('a refusal is said with its reason, and nothing is said of what was withdrawn', async () => {
  const fate = { id: 'e1', state: 'refused', reason: 'A unidade foi extinta.' };
  const d = desk({ 'Outbox/Fates': () => [fate] });
  queued('Envio pedido.', answer);
  await vi.waitFor(() => expect(said()[0]).toContain('A unidade foi extinta.'));
  [...toasts()].forEach((t) => unsay(t.id));
  fate.state = 'withdrawn';
  queued('Envio pedido.', answer);
  await vi.waitFor(() => expect(d.named('Outbox/Fates')).toHaveLength(2));
  expect(said()).toEqual(['Envio pedido. Na fila.']);
});
