import { describe, expect, test } from 'vitest';
import { failure } from './api';

describe('failure', () => {
  const sentence = 'Órgão, usuário ou senha não conferem.';

  test('over loopback, what the desk answered is told as it is', () => {
    expect(failure({ code: 'login.wrong', message: sentence })).toEqual({ code: 'login.wrong', message: sentence });
  });

  test('in the desktop window, the answer inside the Error is told as it is', () => {
    expect(failure(new Error(JSON.stringify({ code: 'login.wrong', message: sentence })))).toEqual({ code: 'login.wrong', message: sentence });
  });

  test('what nobody wrote for a servant is not shown', () => {
    for (const reason of [new Error('[object Object]'), new TypeError('x is undefined'), new Error('null'), 'text', null]) {
      expect(failure(reason).code).toBe('internal');
      expect(failure(reason).message).toMatch(/^Ocorreu uma falha inesperada/);
    }
  });
});
