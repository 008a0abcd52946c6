// The rules of the signing dialog that need no window: which certificates can be
// chosen, what is warned before a PIN is typed, how an answer is read.
import type { desktop } from '../lib/api';
import { day, plural } from '../lib/format';

/** How the servant signs. */
export type Way = 'certificate' | 'password';

/** What the secret that opens a certificate is called, and how it is typed. */
export interface Secret {
  /** "" when it is not typed in this window. */
  label: string;
  hint: string;
  /** Whether only digits are usual, for a touch keyboard. */
  digits: boolean;
}

/** secretOf says what to ask for to use the certificate. */
export function secretOf(c: desktop.CertificateView): Secret {
  if (c.pinPad) return { label: '', hint: 'Digite o PIN no leitor quando ele pedir.', digits: false };
  if (c.kind === 'windows') return { label: '', hint: 'O Windows vai pedir o PIN ou a confirmação.', digits: false };
  if (c.kind === 'pfx') return { label: 'Senha do arquivo do certificado', hint: 'Usada uma vez e esquecida.', digits: false };
  return { label: 'PIN do token', hint: 'Um só PIN para todos os documentos da lista. Usado uma vez e esquecido.', digits: true };
}

/** pinWarning says what the token tells about the tries left; "" when nothing. */
export function pinWarning(state: string): string {
  switch (state) {
    case 'low':
      return 'Poucas tentativas: o PIN já foi digitado errado neste token. Confira antes de continuar.';
    case 'final':
      return 'Última tentativa: se o PIN estiver errado, o token será bloqueado e só o PUK o desbloqueia.';
    case 'locked':
      return 'O token está bloqueado. Desbloqueie-o com o PUK no programa do fabricante.';
  }
  return '';
}

/** unusable says why the certificate cannot be chosen, or "". */
export function unusable(c: desktop.CertificateView, now: Date = new Date()): string {
  if (c.problem) return c.problem;
  if (c.pinState === 'locked') return pinWarning('locked');
  if (new Date(c.notAfter as string).getTime() < now.getTime()) return `O certificado venceu em ${day(c.notAfter as string)}.`;
  return '';
}

/** personOf is the holder's name without the CPF or CNPJ that ICP-Brasil writes after it. */
export function personOf(subject: string): string {
  return subject.replace(/:\d{11,14}$/, '');
}

/** placeOf says where the certificate is; the name of a file that was taken in means nothing to its owner. */
export function placeOf(c: desktop.CertificateView): string {
  return [c.store, c.kind === 'pfx' ? '' : c.token].filter(Boolean).join(' · ');
}

/** suggested is the certificate to have chosen: the same as before, or the only one that can sign. */
export function suggested(list: desktop.CertificateView[], before: string): string {
  const usable = list.filter((c) => !unusable(c));
  if (usable.some((c) => c.id === before)) return before;
  return usable.length === 1 ? usable[0]!.id : '';
}

const wrongSecret = ['keys.pin_wrong', 'keys.pfx_password_wrong', 'password.wrong'];

/** isWrongSecret says whether the code means that the PIN or password was wrong. */
export function isWrongSecret(code: string): boolean {
  return wrongSecret.includes(code);
}

/** How one document of the list stands while it is being signed. */
export type Line = 'waiting' | 'signed' | 'failed' | 'left';

/** lineOf tells how the document stands: by its result, or by what is signed already. */
export function lineOf(item: desktop.SignItem, signed: ReadonlySet<string>, results: desktop.SignResult[] | null): Line {
  const result = results?.find((r) => r.document === item.document);
  if (result) return result.ok ? 'signed' : 'failed';
  if (signed.has(item.document)) return 'signed';
  return results ? 'left' : 'waiting';
}

/** summary says in one sentence how a batch ended. */
export function summary(total: number, results: desktop.SignResult[]): string {
  const done = results.filter((r) => r.ok).length;
  if (done === total) return total === 1 ? 'O documento foi assinado.' : `Os ${total} documentos foram assinados.`;
  if (done === 0) return 'Nenhum documento foi assinado.';
  return `${plural(done, 'documento assinado', 'documentos assinados')}; ${plural(total - done, 'ficou', 'ficaram')} sem assinatura.`;
}
