import { afterEach, expect, test, vi } from 'vitest';
import { desk } from '../dev/testdesk';
import { SessionStore } from './session.svelte';
import { enter, knownAccount } from './login';
import type { desktop } from '../lib/api';

const ready = { phase: 'ready', units: [{ id: 'u1', acronym: 'SPGG/GAB' }], unit: 'u1', accounts: [] };
let store: SessionStore;
afterEach(() => store?.end());

test('the numbers of the menu are read again when the queue changes, and only they', async () => {
  const d = desk({ 'Session/State': ready, 'Session/Status': { phase: 'connected' }, 'Inbox/Counts': { queued: 1 } });
  store = new SessionStore();
  await store.begin();
  await vi.waitFor(() => expect(store.counts?.queued).toBe(1));
  const before = { state: d.named('Session/State').length, counts: d.named('Inbox/Counts').length };
  d.change('outbox');
  await vi.waitFor(() => expect(d.named('Inbox/Counts').length).toBe(before.counts + 1));
  expect(d.named('Session/State').length).toBe(before.state);
  d.change('process:other');
  expect(d.named('Inbox/Counts').length).toBe(before.counts + 1);
});

test('without a session neither status nor counts are asked for', async () => {
  const d = desk({ 'Session/State': { ...ready, phase: 'locked' } });
  store = new SessionStore();
  await store.begin();
  d.change('status', 'inbox');
  expect(d.named('Session/Status')).toEqual([]);
  expect(d.named('Inbox/Counts')).toEqual([]);
});

const form = { central: 'http://c', agency: 'SPGG', login: 'Ana', password: 's' } as desktop.LoginForm;
const known = [{ agency: 'spgg', login: 'ana', name: 'Ana' }] as desktop.AccountView[];

test('when the central does not answer, a known account opens with the same password', async () => {
  const d = desk({
    'Session/Login': () => {
      throw { code: 'unavailable', message: 'A central não respondeu.' };
    },
    'Session/Unlock': ready,
  });
  expect((await enter(form, known)).offline).toBe(true);
  expect(d.named('Session/Unlock')[0]?.args).toEqual(['SPGG', 'Ana', 's']);
});

test('a wrong password at the central never opens what is here', async () => {
  const d = desk({
    'Session/Login': () => {
      throw { code: 'unauthenticated', message: 'Usuário ou senha incorretos.' };
    },
    'Session/Unlock': ready,
  });
  await expect(enter(form, known)).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(d.named('Session/Unlock')).toEqual([]);
});

test('an account that was never here cannot open without the central', async () => {
  desk({
    'Session/Login': () => {
      throw { code: 'unavailable', message: 'A central não respondeu.' };
    },
  });
  expect(knownAccount(known, 'SES', 'ana')).toBeUndefined();
  await expect(enter({ ...form, agency: 'SES' } as desktop.LoginForm, known)).rejects.toMatchObject({ code: 'unavailable' });
});
