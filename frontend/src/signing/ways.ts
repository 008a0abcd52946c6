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

/** findingsOf sorts what was found before signing: what stops the document, and what stops the certificate. */
export function findingsOf(check: desktop.SignCheck | null, document: string): string[] {
  return (check?.findings ?? []).filter((f) => f.blocks && f.document === document && document !== '').map((f) => f.message);
}

/** certificateFindings are what was found of the certificate itself. */
export function certificateFindings(check: desktop.SignCheck | null, blocking: boolean): string[] {
  return (check?.findings ?? []).filter((f) => f.document === '' && f.blocks === blocking).map((f) => f.message);
}

/** How a document of a batch stands, for its icon and colour. */
export type Look = 'waits' | 'works' | 'good' | 'bad';

const looks: Record<string, Look> = { waiting: 'waits', signing: 'works', queued: 'good', sending: 'good', accepted: 'good', unknown: 'waits' };

/** lookOf tells how the line of a document looks. */
export function lookOf(line: desktop.BatchLine): Look {
  return looks[line.state] ?? 'bad';
}

const words: Record<string, string> = { queued: 'assinado · aguardando envio', sending: 'assinado · enviando à central', accepted: 'assinado e registrado na central', refused: 'recusado pela central', withdrawn: 'assinatura retirada antes do envio' };

/** wordsOf says how one document stands, with the reason where there is one. */
export function wordsOf(line: desktop.BatchLine): string {
  return [words[line.state] ?? line.stateName, line.message].filter(Boolean).join(': ');
}

/** unsigned are the documents of a batch that bear no signature of it. */
export function unsigned(batch: desktop.BatchView): desktop.BatchLine[] {
  return (batch.lines ?? []).filter((l) => l.state === 'left' || l.state === 'failed');
}

/** summary says in one sentence or two how a batch ended, and what the central has said of it. */
export function summary(b: desktop.BatchView): string {
  const n = b.signed;
  if (n === 0) return 'Nenhum documento foi assinado.';
  const made =
    n === b.total
      ? n === 1
        ? 'O documento foi assinado.'
        : `Os ${n} documentos foram assinados.`
      : `${plural(n, 'documento assinado', 'documentos assinados')}; ${plural(b.total - n, 'ficou', 'ficaram')} sem assinatura.`;
  const waits = n - b.registered - b.refused;
  const answered = [
    b.registered === n ? (n === 1 ? 'A central já registrou a assinatura.' : 'A central já registrou todas as assinaturas feitas.') : b.registered > 0 ? `${plural(b.registered, 'registrado', 'registrados')} na central.` : '',
    waits > 0 ? `${plural(waits, 'aguarda', 'aguardam')} o registro na central.` : '',
    b.refused > 0 ? `${plural(b.refused, 'recusado ou retirado', 'recusados ou retirados')}: veja o motivo na lista.` : '',
  ];
  return [made, ...answered].filter(Boolean).join(' ');
}
