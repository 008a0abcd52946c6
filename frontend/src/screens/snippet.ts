/** parts splits a snippet at the marks U+2068 and U+2069 that the desk puts around hits. */
export function parts(snippet: string): { text: string; hit: boolean }[] {
  return snippet
    .split(/(\u2068[^\u2069]*\u2069?)/)
    .filter((p) => p !== '')
    .map((p) => (p.startsWith('\u2068') ? { text: p.replace(/[\u2068\u2069]/g, ''), hit: true } : { text: p.replace(/\u2069/g, ''), hit: false }))
    .filter((p) => p.text !== '');
}
