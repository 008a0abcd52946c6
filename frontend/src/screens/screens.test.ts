import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { desk } from '../dev/testdesk';
import { tooLarge } from '../state/staging';
import { usualBasis } from './forms/basis';
import StartProcess from './forms/StartProcess.svelte';
import OutboxScreen from './OutboxScreen.svelte';
import { folders, label, penWord, stateWord } from './process/tree';
import { parts } from './snippet';
import type { desktop } from '../lib/api';

const type = { id: 7, name: 'Pessoal: Férias', levels: [0, 1], suggestLevel: 1, suggestBasis: 3, subjects: [{ id: 9, name: '024.2 Férias', detail: '' }], used: true };

test('the type of a process brings its suggested subjects, level and legal basis', async () => {
  const d = desk({
    'Catalogue/ProcessTypes': [type],
    'Catalogue/LegalBases': [{ id: 3, name: 'Informação Pessoal', detail: '' }],
    'Processes/Start': { id: 'q', process: 'p', document: '', message: 'Aguardando envio.', warning: '' },
  });
  render(StartProcess);
  await userEvent.type(screen.getByRole('combobox', { name: /Tipo do processo/ }), 'ferias');
  await userEvent.keyboard('{ArrowDown}{Enter}');
  await userEvent.click(screen.getByRole('button', { name: 'Salvar' }));
  expect(d.named('Processes/Start')[0]?.args[0]).toMatchObject({ type: 7, subjects: [9], level: 1, legalBasis: 3 });
});

test('a process without type or subject is not asked of the desk, and the form says why', async () => {
  const d = desk({ 'Catalogue/ProcessTypes': [type] });
  render(StartProcess);
  await userEvent.click(screen.getByRole('button', { name: 'Salvar' }));
  expect(screen.getByText('Escolha o tipo do processo.')).toBeTruthy();
  expect(screen.getByText('Escolha ao menos um assunto.')).toBeTruthy();
  expect(d.named('Processes/Start')).toEqual([]);
});

test('the specification counts its characters and stops at one hundred', async () => {
  desk({ 'Catalogue/ProcessTypes': [type] });
  render(StartProcess);
  const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'Especificação' });
  await userEvent.click(field);
  await userEvent.paste('ã'.repeat(130));
  expect(field.value.length).toBe(100);
  expect(screen.getByText('100/100')).toBeTruthy();
});

test('a file over the limit is refused before it is copied, with both sizes', () => {
  expect(tooLarge('laudo.pdf', 201 << 20, 200 << 20)).toContain('laudo.pdf tem 201 MB e passa do limite de 200 MB');
  expect(tooLarge('laudo.pdf', 200 << 20, 200 << 20)).toBe('');
});

test('the tree keeps twenty documents in a folder', () => {
  const docs = Array.from({ length: 41 }, (_, i) => ({ id: String(i) }) as desktop.DocumentView);
  expect(folders(docs).map((f) => [f.label, f.documents.length])).toEqual([
    ['Documentos 1 a 20', 20],
    ['Documentos 21 a 40', 20],
    ['Documentos 41 a 41', 1],
  ]);
});

test('state and pen are said in words', () => {
  expect(stateWord({ state: 'queued' } as desktop.DocumentView)).toBe('aguardando envio');
  expect(stateWord({ state: 'registered' } as desktop.DocumentView)).toBe('');
  expect(penWord('yellow')).toContain('caneta amarela');
  expect(penWord('black')).toContain('caneta preta');
  expect(label({ title: 'Ofício 1/2026', treeName: 'à SES', seiNumber: '0000006' } as desktop.DocumentView)).toBe('Ofício 1/2026 à SES (0000006)');
  expect(label({ title: 'Atestado', treeName: 'Atestado', seiNumber: '' } as desktop.DocumentView)).toBe('Atestado');
});

test('a snippet marks what was found and nothing else', () => {
  expect(parts('as \u2068férias\u2069 de')).toEqual([
    { text: 'as ', hit: false },
    { text: 'férias', hit: true },
    { text: ' de', hit: false },
  ]);
  expect(parts('sem marca')).toEqual([{ text: 'sem marca', hit: false }]);
});

test("the process's legal basis is found by its name", () => {
  const bases = [{ id: 1, name: 'Informação', detail: '' }, { id: 2, name: 'Informação Pessoal', detail: '' }] as desktop.Choice[];
  expect(usualBasis(bases, 'Informação Pessoal, Art. 31 da Lei nº 12.527/2011')?.id).toBe(2);
  expect(usualBasis(bases, 'Outra')).toBeUndefined();
});

test('a withdrawn text whose process is gone goes into a process that is chosen', async () => {
  const gone = { id: 'q4', title: 'Incluir documento', process: 'p1', number: 'SEM NÚMERO', document: 'Despacho', state: 'withdrawn', stateName: 'retirado', keptText: true, keptUrl: '', code: '', reason: '' };
  const d = desk({
    'Outbox/List': [],
    'Outbox/Withdrawn': [gone],
    'Processes/Get': (id: string) => {
      if (id === 'p1') throw { code: 'not_found', message: 'Não existe.' };
      return { id, documents: [], level: 0, legalBasis: '' };
    },
    'Inbox/List': { total: 1, lines: [{ id: 'p2', number: '26/1-2', type: 'Pessoal', specification: '' }] },
    'Catalogue/DocumentTypes': [],
  });
  render(OutboxScreen);
  await userEvent.click(await screen.findByRole('button', { name: 'Usar o texto em novo documento' }));
  await userEvent.type(await screen.findByRole('combobox', { name: /No processo/ }), '26');
  await screen.findByText('26/1-2');
  await userEvent.keyboard('{ArrowDown}{Enter}');
  await userEvent.click(screen.getByRole('button', { name: 'Continuar' }));
  expect(await screen.findByText('O texto do documento retirado é o texto inicial deste.')).toBeTruthy();
  expect(d.named('Processes/Get').map((c) => c.args[0])).toEqual(['p1', 'p2']);
});
