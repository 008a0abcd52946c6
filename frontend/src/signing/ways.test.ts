import { expect, test } from 'vitest';
import type { desktop } from '../lib/api';
import { certificateFindings, findingsOf, isWrongSecret, lookOf, personOf, pinWarning, secretOf, suggested, summary, unsigned, unusable, wordsOf } from './ways';

const now = new Date('2026-11-23T12:00:00Z');
const cert = (more = {}) =>
  ({ id: 'c', name: 'X', kind: 'token', notAfter: '2027-01-01T00:00:00Z', pinState: '', problem: '', pinPad: false, ...more }) as desktop.CertificateView;

test('an expired, blocked or refused certificate says why it cannot be chosen', () => {
  expect(unusable(cert(), now)).toBe('');
  expect(unusable(cert({ notAfter: '2026-11-01T00:00:00Z' }), now)).toContain('venceu em 31/10/2026');
  expect(unusable(cert({ pinState: 'locked' }), now)).toContain('PUK');
  expect(unusable(cert({ problem: 'Sem chave.' }), now)).toBe('Sem chave.');
});

test('the last try is said before the PIN is typed', () => {
  expect(pinWarning('final')).toContain('Última tentativa');
  expect(pinWarning('low')).toContain('Poucas tentativas');
  expect(pinWarning('')).toBe('');
});

test('a PIN pad and Windows ask for the PIN themselves', () => {
  expect(secretOf(cert({ pinPad: true }))).toMatchObject({ label: '', hint: 'Digite o PIN no leitor quando ele pedir.' });
  expect(secretOf(cert({ kind: 'windows' })).label).toBe('');
  expect(secretOf(cert()).label).toBe('PIN do token');
  expect(secretOf(cert({ kind: 'pfx' })).label).toContain('Senha');
});

test('the only certificate that can sign is chosen; among several nobody is', () => {
  expect(suggested([cert({ id: 'a', problem: 'x' }), cert({ id: 'b' })], '')).toBe('b');
  expect(suggested([cert({ id: 'a' }), cert({ id: 'b' })], '')).toBe('');
  expect(suggested([cert({ id: 'a' }), cert({ id: 'b' })], 'a')).toBe('a');
});

const line = (state: string, message = '') => ({ document: state, state, stateName: state, message }) as desktop.BatchLine;
const batch = (more: Partial<desktop.BatchView>) => ({ total: 0, signed: 0, registered: 0, refused: 0, failed: 0, left: 0, lines: [], ...more }) as desktop.BatchView;

test('each document of a batch says how it stands, up to the answer of the central', () => {
  expect(['waiting', 'signing', 'queued', 'accepted', 'refused', 'failed', 'left'].map((s) => lookOf(line(s)))).toEqual(['waits', 'works', 'good', 'good', 'bad', 'bad', 'bad']);
  expect(wordsOf(line('accepted'))).toBe('assinado e registrado na central');
  expect(wordsOf(line('refused', 'O processo foi concluído.'))).toBe('recusado pela central: O processo foi concluído.');
});

test('what is left without a signature can be signed again, what the central refused cannot', () => {
  expect(unsigned(batch({ lines: ['accepted', 'queued', 'left', 'failed', 'refused'].map((s) => line(s)) })).map((l) => l.state)).toEqual(['left', 'failed']);
});

test('the end of a batch is one true sentence, and another about the central', () => {
  expect(summary(batch({ total: 1, signed: 1 }))).toBe('O documento foi assinado. 1 aguarda o registro na central.');
  expect(summary(batch({ total: 1, signed: 1, registered: 1 }))).toBe('O documento foi assinado. A central já registrou a assinatura.');
  expect(summary(batch({ total: 3, signed: 1, registered: 1, left: 2 }))).toContain('1 documento assinado; 2 ficaram sem assinatura.');
  expect(summary(batch({ total: 3, signed: 3, registered: 1, refused: 1 }))).toBe('Os 3 documentos foram assinados. 1 registrado na central. 1 aguarda o registro na central. 1 recusado ou retirado: veja o motivo na lista.');
  expect(summary(batch({ total: 2, left: 2 }))).toBe('Nenhum documento foi assinado.');
});

test('what was found before signing is told apart: of the document, of the certificate, and mere remarks', () => {
  const check = { findings: [{ document: 'd', message: 'Mudou.', blocks: true }, { document: '', message: 'Venceu.', blocks: true }, { document: '', message: 'Vence logo.', blocks: false }] } as desktop.SignCheck;
  expect(findingsOf(check, 'd')).toEqual(['Mudou.']);
  expect(findingsOf(check, 'e')).toEqual([]);
  expect(certificateFindings(check, true)).toEqual(['Venceu.']);
  expect(certificateFindings(check, false)).toEqual(['Vence logo.']);
  expect(certificateFindings(null, true)).toEqual([]);
});

test('wrong PIN and wrong passwords are told from other failures', () => {
  expect(['keys.pin_wrong', 'keys.pfx_password_wrong', 'password.wrong', 'keys.token_removed'].map(isWrongSecret)).toEqual([true, true, true, false]);
});

test('the CPF after the name in the certificate is not shown', () => {
  expect(personOf('MARIA SOUZA:12345678900')).toBe('MARIA SOUZA');
  expect(personOf('MARIA: SOUZA')).toBe('MARIA: SOUZA');
});
