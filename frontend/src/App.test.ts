import { render, screen } from '@testing-library/svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import { desk } from './dev/testdesk';
import App from './App.svelte';

beforeEach(() => vi.restoreAllMocks());

test('without a central the window asks for its address', async () => {
  desk({ 'Session/State': { phase: 'central', units: [], accounts: [], unit: '' } });
  render(App);
  expect(await screen.findByRole('heading', { level: 1, name: 'Primeiro acesso' })).toBeTruthy();
  expect(screen.getByLabelText(/Endereço da central/)).toBeTruthy();
});

test('a training central is named at the top of every screen', async () => {
  desk({
    'Session/State': {
      phase: 'login', units: [], accounts: [], unit: '',
      central: { url: 'http://x', name: 'X', training: true, reachable: true, agencies: [], demoUsers: [], maxFileBytes: 1 },
    },
  });
  render(App);
  expect((await screen.findByRole('complementary', { name: 'Ambiente de treinamento' })).textContent).toContain('AMBIENTE DE TREINAMENTO');
});
