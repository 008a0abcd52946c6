import { expect, test } from 'vitest';
import { fold, rank } from './completion';

const types = ['Pessoal: Férias - Solicitação', 'Ofício', 'Licitação: Pregão', 'Ofício Circular', 'Nota de Ofício'];

test('completion does not mind accents or case', () => {
  expect(fold('OFÍCIO')).toBe('oficio');
  expect(rank(types, 'OFICIO', (t) => t)).toEqual(['Ofício', 'Ofício Circular', 'Nota de Ofício']);
});

test('what begins with the query comes before what only contains it', () => {
  expect(rank(['Xsal', 'A sala', 'Sala'], 'sal', (t) => t)).toEqual(['Sala', 'A sala', 'Xsal']);
});

test('words may come in any order, each by its beginning', () => {
  expect(rank(types, 'sol fer', (t) => t)).toEqual(['Pessoal: Férias - Solicitação']);
  expect(rank(types, 'zebra', (t) => t)).toEqual([]);
});
