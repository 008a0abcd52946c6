import { cleanup, render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const calls = vi.hoisted(() => ({ Prepare: vi.fn(), Certificates: vi.fn(), Sign: vi.fn(), SignWithPassword: vi.fn(), AddPFX: vi.fn(), Forget: vi.fn(), Check: vi.fn(), Batch: vi.fn(), Cancel: vi.fn() }));
const topics = vi.hoisted(() => ({ tell: (_: string[]) => undefined as void }));
vi.mock('../lib/api', () => ({
  Signing: calls,
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

const item = (id: string, problems: string[] = []) => ({ document: id, processId: 'p', type: 5, atEnd: true, mime: 'application/pdf', stamp: { mode: 'end', page: 0, left: 0, bottom: 0, right: 0, top: 0, anchor: '' }, title: `Despacho ${id}`, seiNumber: '001', process: '1', previewUrl: '', sha256: 'x', pages: 1, problems });
const token = { id: 'c1', name: 'MARIA:12345678900', cpf: '***', issuer: 'AC', notAfter: '2099-01-01T00:00:00Z', notBefore: '2020-01-01T00:00:00Z', icpBrasil: true, store: 'Token', token: 'T', pinPad: false, pinState: '', problem: '', kind: 'token' };

const refs = [{ process: 'p', document: '1' }, { process: 'p', document: '2' }];

/** batch is one that ended with the documents in these states. */
function batch(states: string[], more = {}) {
  const lines = states.map((state, i) => ({ document: String(i + 1), processId: 'p', process: '1', title: `Despacho ${i + 1}`, seiNumber: '001', state, stateName: state, code: '', message: '' }));
  const count = (...of: string[]) => states.filter((s) => of.includes(s)).length;
  return {
    id: 'b', state: 'done', started: '2026-11-23T12:00:00Z', signer: 'Maria', agency: 'a1', position: 'Diretora', certificate: 'MARIA:12345678900', code: '', message: '', lines, total: lines.length,
    signed: count('queued', 'sending', 'accepted', 'refused'), registered: count('accepted'), refused: count('refused'), failed: count('failed'), left: count('left', 'waiting', 'signing'), ...more,
  };
}

/** answers makes a batch what the desk shows, whether asked by Sign or by Batch. */
function answers(b: ReturnType<typeof batch>) {
  calls.Sign.mockResolvedValue(b);
  calls.Batch.mockResolvedValue(b);
}

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
  render(SignDialog, { documents: refs, ondone, oncancel });
}

beforeEach(() => {
  for (const c of [...Object.values(calls), ondone, oncancel]) c.mockReset();
  localStorage.clear();
  calls.Prepare.mockResolvedValue(prepared());
  calls.Certificates.mockResolvedValue({ certificates: [token], problems: [] });
  calls.Check.mockResolvedValue({ findings: [], level: 'qualified', levelName: 'qualificada' });
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
  answers(batch(['queued', 'failed']));
  open();
  await userEvent.type(await screen.findByLabelText(/PIN do token/), '1234');
  await userEvent.click(screen.getByRole('button', { name: 'Assinar 2 documentos' }));
  await screen.findByText('assinado · aguardando envio');
  expect(calls.Sign.mock.calls[0]![0]).toMatchObject({ certificate: 'c1', pin: '1234', agency: 'a1', position: 'Diretora' });
  expect(screen.getAllByText(/1 documento assinado; 1 ficou sem assinatura\./).length).toBeGreaterThan(0);
  expect(screen.getByRole('button', { name: 'Imprimir resumo' })).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Concluir' }));
  expect(ondone).toHaveBeenCalledOnce();
});

test('the result goes on from the queue to what the central says', async () => {
  answers(batch(['queued', 'queued']));
  open();
  await sign('1');
  await screen.findAllByText('assinado · aguardando envio');
  calls.Batch.mockResolvedValue(batch(['accepted', 'refused']));
  topics.tell(['outbox']);
  await screen.findByText('assinado e registrado na central');
  expect(screen.queryByText('assinado · aguardando envio')).toBeNull();
  expect(screen.getByText('recusado pela central')).toBeTruthy();
});

test('what is left can be prepared again by itself, in place of the batch before', async () => {
  answers(batch(['queued', 'left'], { state: 'stopped', code: 'keys.token_removed', message: 'O token foi retirado.' }));
  open();
  await sign('1');
  await screen.findByText(/O token foi retirado\./);
  await userEvent.click(await screen.findByRole('button', { name: 'Continuar com o que ficou' }));
  expect(calls.Prepare).toHaveBeenLastCalledWith([{ process: 'p', document: '2' }]);
  await sign('1');
  expect(calls.Sign.mock.calls[1]![0]).toMatchObject({ inPlaceOf: ['b'] });
});

/** later is an answer of the desk that comes when it is told to. */
function later<T>() {
  let answer: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (answer = resolve));
  return { promise, answer: (value: T) => answer(value) };
}

test('an answer of the batch before that comes late is not taken for the one that goes on', async () => {
  const before = batch(['queued', 'left'], { state: 'stopped', code: 'keys.token_removed', message: 'O token foi retirado.' });
  answers(before);
  open();
  await sign('1');
  await screen.findByText(/O token foi retirado\./);
  const late = later<ReturnType<typeof batch>>();
  calls.Batch.mockReturnValue(late.promise);
  topics.tell(['outbox']);
  await waitFor(() => expect(calls.Batch.mock.results.at(-1)?.value).toBe(late.promise));
  const preparing = later<ReturnType<typeof prepared>>();
  calls.Prepare.mockReturnValue(preparing.promise);
  await userEvent.click(await screen.findByRole('button', { name: 'Continuar com o que ficou' }));
  late.answer({ ...before, registered: 1 });
  await late.promise;
  preparing.answer(prepared({ items: [item('2')] }));
  answers({ ...batch(['queued']), id: 'b2' });
  await sign('1');
  await screen.findByRole('button', { name: 'Concluir' });
  expect(screen.queryByText(/O token foi retirado/)).toBeNull();
});

test('a batch is read once at a time, so that an older answer never covers a newer one', async () => {
  const first = later<ReturnType<typeof batch>>();
  calls.Sign.mockResolvedValue(batch(['signing', 'waiting'], { state: 'running' }));
  calls.Batch.mockReturnValueOnce(first.promise).mockResolvedValue(batch(['queued', 'queued']));
  open();
  await sign('1');
  await waitFor(() => expect(calls.Batch).toHaveBeenCalledOnce());
  topics.tell(['signing']);
  topics.tell(['signing']);
  first.answer(batch(['queued', 'signing'], { state: 'running' }));
  await screen.findByRole('button', { name: 'Concluir' });
  expect(screen.getAllByText('assinado · aguardando envio')).toHaveLength(2);
  expect(calls.Batch).toHaveBeenCalledTimes(2);
});

test('each signature is told as it is made, and the rest can be stopped', async () => {
  answers(batch(['signing', 'waiting'], { state: 'running' }));
  open();
  await sign('1');
  calls.Batch.mockResolvedValue(batch(['queued', 'signing'], { state: 'running' }));
  topics.tell(['signing']);
  await screen.findByText('1 de 2 assinados');
  await userEvent.click(screen.getByRole('button', { name: 'Parar depois deste documento' }));
  expect(calls.Cancel).toHaveBeenCalledWith('b');
});

test('a wrong password that the central found leads back to its field', async () => {
  calls.SignWithPassword.mockResolvedValue(batch(['signing', 'waiting'], { state: 'running' }));
  calls.Batch.mockResolvedValue(batch(['left', 'left'], { state: 'stopped', code: 'password.wrong', message: 'A senha não confere.' }));
  open();
  await userEvent.click(await screen.findByRole('radio', { name: /Senha/ }));
  await userEvent.type(await screen.findByLabelText(/^Senha/, { selector: 'input[type=password]' }), 'errada');
  await userEvent.click(screen.getByRole('button', { name: /^Assinar/ }));
  await screen.findByText('A senha não confere.');
  expect(calls.SignWithPassword).toHaveBeenCalledOnce();
});

test('a document that the check stops is not signed, and a certificate that it stops signs nothing', async () => {
  calls.Check.mockResolvedValue({ findings: [{ document: '2', message: 'O documento mudou.', blocks: true }], level: '', levelName: '' });
  answers(batch(['queued']));
  open();
  await screen.findByText('O documento mudou.');
  await sign('1');
  await waitFor(() => expect(calls.Sign).toHaveBeenCalled());
  expect(calls.Sign.mock.calls[0]![0].items).toHaveLength(1);
  cleanup();
  calls.Sign.mockClear();
  calls.Check.mockResolvedValue({ findings: [{ document: '', message: 'O certificado foi revogado.', blocks: true }], level: '', levelName: '' });
  open();
  await screen.findByText('O certificado foi revogado.');
  await sign('1');
  expect(calls.Sign).not.toHaveBeenCalled();
});

test('a document that was taken off the list is not signed', async () => {
  answers(batch(['queued']));
  open();
  await userEvent.click(await screen.findByRole('checkbox', { name: /Assinar Despacho 2/ }));
  await sign('1');
  await waitFor(() => expect(calls.Sign).toHaveBeenCalled());
  expect(calls.Sign.mock.calls[0]![0].items.map((i: { document: string }) => i.document)).toEqual(['1']);
});

test('where no certificate can sign, the dialog begins with the password', async () => {
  calls.Certificates.mockResolvedValue({ certificates: [], problems: [] });
  open();
  await waitFor(() => expect(screen.getByRole<HTMLInputElement>('radio', { name: /Senha/ }).checked).toBe(true));
});

test('a document with a problem is not signed and says why', async () => {
  calls.Prepare.mockResolvedValue(prepared({ items: [item('1'), item('2', ['Há texto não salvo.'])] }));
  answers(batch(['queued']));
  open();
  await screen.findByText('Há texto não salvo.');
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
  answers(batch(['queued', 'queued']));
  open();
  await screen.findByText('Digite o PIN no leitor quando ele pedir.');
  expect(screen.queryByLabelText(/PIN/)).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Assinar 2 documentos' }));
  await waitFor(() => expect(calls.Sign.mock.calls[0]![0].pin).toBe(''));
});

test('with the form of a certificate file open, the button says what it lacks instead of nothing', async () => {
  calls.Certificates.mockResolvedValue({ certificates: [], problems: [] });
  open();
  await userEvent.click(await screen.findByRole('radio', { name: 'Certificado digital' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Usar arquivo PFX/P12' }));
  expect(screen.queryByText('Nenhum certificado encontrado')).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: /^Assinar/ }));
  await screen.findByText('Escolha o arquivo do certificado.');
  expect(calls.Sign).not.toHaveBeenCalled();
});
