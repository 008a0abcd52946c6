import { cleanup, render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const calls = vi.hoisted(() => ({ Prepare: vi.fn(), Certificates: vi.fn(), Sign: vi.fn(), SignWithPassword: vi.fn(), AddPFX: vi.fn(), Forget: vi.fn(), Get: vi.fn() }));
const topics = vi.hoisted(() => ({ tell: (_: string[]) => undefined as void }));
vi.mock('../lib/api', () => ({
  Signing: calls,
  Processes: { Get: calls.Get },
  failure: (e: unknown) => e,
  stage: vi.fn(),
  Files: {},
  inDesktopWindow: false,
  onChange: (f: (t: string[]) => void) => {
    topics.tell = f;
    return () => undefined;
  },
}));

import SignDialog from './SignDialog.svelte';

const item = (id: string, problems: string[] = []) => ({ document: id, title: `Despacho ${id}`, seiNumber: '001', process: '1', previewUrl: '', sha256: 'x', pages: 1, problems });
const token = { id: 'c1', name: 'MARIA:12345678900', cpf: '***', issuer: 'AC', notAfter: '2099-01-01T00:00:00Z', notBefore: '2020-01-01T00:00:00Z', icpBrasil: true, store: 'Token', token: 'T', pinPad: false, pinState: '', problem: '', kind: 'token' };

function prepared(more = {}) {
  return {
    items: [item('1'), item('2')], agencies: [{ id: 'a1', acronym: 'SEFAZ', name: 'Fazenda' }], agency: 'a1', positions: ['Diretora'], position: 'Diretora',
    signer: 'Maria', password: { allowed: true, reason: '' }, ...more,
  };
}

afterEach(cleanup);

const ondone = vi.fn();
const oncancel = vi.fn();

/** sign types the PIN and presses the button; a real browser also takes Enter. */
async function sign(pin: string) {
  await userEvent.type(await screen.findByLabelText(/PIN do token/), pin);
  await userEvent.click(screen.getByRole('button', { name: /^Assinar/ }));
}

function open() {
  render(SignDialog, { process: 'p', documents: ['1', '2'], ondone, oncancel });
}

beforeEach(() => {
  for (const c of [...Object.values(calls), ondone, oncancel]) c.mockReset();
  localStorage.clear();
  calls.Prepare.mockResolvedValue(prepared());
  calls.Certificates.mockResolvedValue({ certificates: [token], problems: [] });
  calls.Get.mockResolvedValue({ documents: [] });
});

test('a wrong PIN is tried once: the message is at the field, which is empty and has the keyboard', async () => {
  calls.Sign.mockRejectedValue({ code: 'keys.pin_wrong', message: 'O PIN está errado.' });
  open();
  await sign('9999');
  await screen.findByText('O PIN está errado.');
  expect(calls.Sign).toHaveBeenCalledOnce();
  const again = screen.getByLabelText<HTMLInputElement>(/PIN do token/);
  expect(again.value).toBe('');
  await waitFor(() => expect(document.activeElement).toBe(again));
  expect(again.type).toBe('password');
  expect(again.autocomplete).toBe('off');
  expect(calls.Certificates).toHaveBeenCalledTimes(2);
});

test('one PIN signs the whole list, and the result can be printed', async () => {
  calls.Sign.mockResolvedValue([
    { document: '1', ok: true, code: '', message: 'Assinado. Aguardando envio.' },
    { document: '2', ok: false, code: 'x', message: 'O documento mudou.' },
  ]);
  open();
  await userEvent.type(await screen.findByLabelText(/PIN do token/), '1234');
  await userEvent.click(screen.getByRole('button', { name: 'Assinar 2 documentos' }));
  await screen.findByText(/O documento mudou/);
  expect(calls.Sign.mock.calls[0]![0]).toMatchObject({ certificate: 'c1', pin: '1234', agency: 'a1', position: 'Diretora' });
  expect(screen.getAllByText('1 documento assinado; 1 ficou sem assinatura.').length).toBeGreaterThan(0);
  expect(screen.getByRole('button', { name: 'Imprimir resumo' })).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Concluir' }));
  expect(ondone).toHaveBeenCalledOnce();
});

test('what is left can be prepared again by itself', async () => {
  calls.Sign.mockResolvedValue([{ document: '1', ok: true, code: '', message: '' }]);
  open();
  await sign('1');
  await userEvent.click(await screen.findByRole('button', { name: 'Tentar de novo o que ficou' }));
  expect(calls.Prepare).toHaveBeenLastCalledWith('p', ['2']);
});

test('each signature is told as it enters the process', async () => {
  let end: ((r: unknown) => void) | undefined;
  calls.Sign.mockReturnValue(new Promise((r) => (end = r)));
  open();
  await sign('1');
  await waitFor(() => expect(calls.Sign).toHaveBeenCalled());
  calls.Get.mockResolvedValue({ documents: [{ id: '1', signatures: [{}] }] });
  topics.tell(['process:p']);
  await screen.findByText('1 de 2 assinados');
  end!([]);
});

test('a document with a problem is not signed and says why', async () => {
  calls.Prepare.mockResolvedValue(prepared({ items: [item('1'), item('2', ['Há texto não gravado.'])] }));
  calls.Sign.mockResolvedValue([{ document: '1', ok: true, code: '', message: '' }]);
  open();
  await screen.findByText('Há texto não gravado.');
  await sign('1');
  await waitFor(() => expect(calls.Sign).toHaveBeenCalled());
  expect(calls.Sign.mock.calls[0]![0].items).toHaveLength(1);
});

test('offline, the password way is closed and says why', async () => {
  calls.Prepare.mockResolvedValue(prepared({ password: { allowed: false, reason: 'Precisa de conexão.' } }));
  open();
  const way = await screen.findByRole<HTMLInputElement>('radio', { name: /Senha/ });
  expect(way.disabled).toBe(true);
  expect(screen.getByText('Precisa de conexão.')).toBeTruthy();
});

test('nothing is signed without position, certificate or PIN', async () => {
  calls.Prepare.mockResolvedValue(prepared({ position: '' }));
  open();
  await screen.findByLabelText(/PIN do token/);
  await userEvent.click(screen.getByRole('button', { name: 'Assinar 2 documentos' }));
  await screen.findByText('Escolha o cargo ou a função com que você assina.');
  expect(calls.Sign).not.toHaveBeenCalled();
});

test('a PIN pad shows no field and signs without one', async () => {
  calls.Certificates.mockResolvedValue({ certificates: [{ ...token, pinPad: true }], problems: [] });
  calls.Sign.mockResolvedValue([{ document: '1', ok: true }, { document: '2', ok: true }]);
  open();
  await screen.findByText('Digite o PIN no leitor quando ele pedir.');
  expect(screen.queryByLabelText(/PIN/)).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Assinar 2 documentos' }));
  await waitFor(() => expect(calls.Sign.mock.calls[0]![0].pin).toBe(''));
});
