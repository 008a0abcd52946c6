import { expect, test } from 'vitest';
import type { desktop } from '../lib/api';
import { isWrongSecret, lineOf, personOf, pinWarning, secretOf, suggested, summary, unusable } from './ways';

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

test('each document has a line: by its result, by what is signed already, or left behind', () => {
  const item = { document: 'd' } as desktop.SignItem;
  expect(lineOf(item, new Set(), null)).toBe('waiting');
  expect(lineOf(item, new Set(['d']), null)).toBe('signed');
  expect(lineOf(item, new Set(), [{ document: 'd', ok: false } as desktop.SignResult])).toBe('failed');
  expect(lineOf(item, new Set(), [])).toBe('left');
});

test('the end of a batch is one true sentence', () => {
  const r = (ok: boolean) => ({ ok }) as desktop.SignResult;
  expect(summary(1, [r(true)])).toBe('O documento foi assinado.');
  expect(summary(3, [r(true), r(false)])).toBe('1 documento assinado; 2 ficaram sem assinatura.');
  expect(summary(2, [r(false)])).toBe('Nenhum documento foi assinado.');
});

test('wrong PIN and wrong passwords are told from other failures', () => {
  expect(['keys.pin_wrong', 'keys.pfx_password_wrong', 'password.wrong', 'keys.token_removed'].map(isWrongSecret)).toEqual([true, true, true, false]);
});

test('the CPF after the name in the certificate is not shown', () => {
  expect(personOf('MARIA SOUZA:12345678900')).toBe('MARIA SOUZA');
  expect(personOf('MARIA: SOUZA')).toBe('MARIA: SOUZA');
});
