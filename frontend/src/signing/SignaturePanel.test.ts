import { cleanup, render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const Verify = vi.hoisted(() => vi.fn());
vi.mock('../lib/api', () => ({ Signing: { Verify }, Files: {}, inDesktopWindow: false, failure: (e: unknown) => e, onChange: () => () => undefined }));

import type { desktop } from '../lib/api';
import SignaturePanel from './SignaturePanel.svelte';

const zero = '0001-01-01T00:00:00Z';
const signature = (more = {}) => ({
  id: 's', name: 'Maria', position: 'Diretora', agency: 'SEFAZ', method: 'token', methodName: 'Certificado em token', level: 'qualificada', levelName: 'qualificada',
  legalBasis: 'Lei nº 14.063/2020', at: '2026-11-23T12:41:00Z', declaredAt: zero, queued: false, verdict: 'valid', verdictName: 'válida', reasons: [], evidenceUrl: '/content/evidence/p/d/s', ...more,
});
const doc = (more = {}) =>
  ({ id: 'd', kind: 'internal', title: 'Despacho', seiNumber: '12', signatures: [], unavailable: '', verification: { code: '12', crc: '64ADCB9D', url: '' }, ...more }) as unknown as desktop.DocumentView;

beforeEach(() => Verify.mockReset().mockResolvedValue([]));
afterEach(cleanup);

test('a signature tells who, when, how and what it is worth, in words', () => {
  render(SignaturePanel, { document: doc({ signatures: [signature()] }), process: 'p' });
  const card = screen.getByRole('article', { name: 'Assinatura de Maria' });
  for (const words of ['Diretora · SEFAZ', 'assinatura válida', '23/11/2026 09:41', 'Certificado em token · assinatura qualificada', 'Lei nº 14.063/2020']) expect(card.textContent).toContain(words);
});

test('a queued signature says that it waits and shows the declared hour, never a date of acceptance', () => {
  render(SignaturePanel, { document: doc({ signatures: [signature({ queued: true, at: zero, declaredAt: '2026-11-23T12:41:00Z', verdict: 'valid' })] }), process: 'p' });
  const card = screen.getByRole('article');
  expect(card.textContent).toContain('aguardando envio · hora declarada 23/11/2026 09:41');
  expect(card.textContent).not.toContain('assinatura válida');
});

test('verifying again replaces the verdict by the one made here, with its reasons', async () => {
  Verify.mockResolvedValue([signature({ verdict: 'invalid', verdictName: 'inválida', reasons: ['O arquivo foi alterado depois da assinatura.'] })]);
  render(SignaturePanel, { document: doc({ signatures: [signature()] }), process: 'p' });
  expect(Verify).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole('button', { name: 'Verificar de novo' }));
  await screen.findByText('O arquivo foi alterado depois da assinatura.');
  expect(screen.getByRole('article').textContent).toContain('assinatura inválida');
});

test('the signatures that a received PDF came with are looked for and told apart', async () => {
  Verify.mockResolvedValue([signature({ method: 'recebida', name: 'Fornecedora' })]);
  render(SignaturePanel, { document: doc({ kind: 'external', file: { mime: 'application/pdf' }, verification: null }), process: 'p' });
  await screen.findByText('Assinaturas que vieram no arquivo');
  expect(screen.queryByRole('button', { name: /Baixar/ })).toBeNull();
});

test('a minute without signatures says what to do and judges nothing', async () => {
  render(SignaturePanel, { document: doc(), process: 'p' });
  expect(screen.getByText('Sem assinaturas')).toBeTruthy();
  await waitFor(() => expect(Verify).not.toHaveBeenCalled());
});
