import { expect, test } from 'vitest';
import { contactFrom, isCNPJ, isCPF, written } from './documents';

test('a CPF with a swapped digit is noticed', () => {
  expect(isCPF('390.533.447-05')).toBe(true);
  expect(isCPF('390.533.474-05')).toBe(false);
  expect(isCPF('111.111.111-11')).toBe(false);
});

test('a CNPJ may have letters', () => {
  expect(isCNPJ('11.222.333/0001-81')).toBe(true);
  expect(isCNPJ('11.222.333/0001-80')).toBe(false);
  expect(isCNPJ('12.ABC.345/01DE-35')).toBe(true);
});

test('a name with a CPF at its end becomes a name and a CPF', () => {
  expect(contactFrom('Maria Souza 390.533.447-05')).toEqual({ name: 'Maria Souza', cpf: '39053344705', cnpj: '' });
  expect(contactFrom('Comercial Pampa (11.222.333/0001-81)')).toEqual({ name: 'Comercial Pampa', cpf: '', cnpj: '11222333000181' });
  expect(contactFrom('Sala 302')).toEqual({ name: 'Sala 302', cpf: '', cnpj: '' });
  expect(written('39053344705')).toBe('390.533.447-05');
});
