import { Editor } from '@tiptap/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findState, fold } from './find';
import { extensions } from './schema';

let editor: Editor;
beforeEach(() => {
  editor = new Editor({
    extensions: extensions({ fieldValue: () => '', imageURL: (s) => s }),
    content: '<p>Informações e <b>informa</b>ções <span data-field="processo">x</span> INFORMACOES</p><ul><li><p>nada</p></li></ul>',
  });
});
afterEach(() => editor.destroy());

test('case and accents do not hinder finding, nor do marks inside the word', () => {
  editor.commands.setFind('informacoes', false);
  expect(findState(editor.state).matches).toHaveLength(3);
  editor.commands.setFind('INFORMACOES', true);
  expect(findState(editor.state).matches).toHaveLength(1);
});

test('folding keeps the length of every text', () => {
  for (const s of ['Ação', 'ﬁm', 'İstanbul', 'ß', '𝒜b', 'é']) expect(fold(s)).toHaveLength(s.length);
});

test('replacing all replaces each match once, also when the new text contains the old one', () => {
  editor.commands.setFind('informacoes', false);
  editor.commands.replaceFound('informacoes gerais', true);
  expect(editor.getText()).toContain('informacoes gerais e informacoes gerais @processo@ informacoes gerais');
  editor.commands.undo();
  expect(editor.getText()).toContain('Informações e informações @processo@ INFORMACOES');
});

test('replacing one goes on to the next', () => {
  editor.commands.setFind('informacoes', false);
  editor.commands.replaceFound('dados', false);
  const s = findState(editor.state);
  expect(s.matches).toHaveLength(2);
  expect(s.current).toBe(0);
  expect(editor.getText()).toContain('dados e informações');
});

test('steps go round, and what is typed meanwhile is found too', () => {
  editor.commands.setFind('nada', false);
  editor.commands.stepFind(1);
  const s = findState(editor.state);
  expect(editor.state.doc.textBetween(editor.state.selection.from, editor.state.selection.to)).toBe('nada');
  expect(s.current).toBe(0);
  editor.commands.insertContentAt(1, 'nada ');
  expect(findState(editor.state).matches).toHaveLength(2);
});
