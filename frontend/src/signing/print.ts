import './print.css';
import type { desktop } from '../lib/api';
import { moment } from '../lib/format';

/** What is printed of an act of signing. */
export interface Receipt {
  signer: string;
  position: string;
  agency: string;
  way: string;
  at: Date;
  lines: { line: desktop.BatchLine; result: string }[];
}

/** printReceipt prints the result of an act of signing, alone on the page. */
export function printReceipt(r: Receipt): void {
  const sheet = document.createElement('section');
  sheet.className = 'print-receipt';
  sheet.append(element('h1', 'Resumo de assinatura'));
  for (const [name, value] of [
    ['Assinante', r.signer],
    ['Cargo ou função', r.position],
    ['Órgão do assinante', r.agency],
    ['Forma', r.way],
    ['Data e hora deste computador', moment(r.at)],
  ] as const) {
    sheet.append(element('p', `${name}: ${value}`));
  }
  const table = document.createElement('table');
  table.append(row('th', ['Documento', 'Nº SEI', 'Processo', 'Resultado']));
  for (const { line, result } of r.lines) table.append(row('td', [line.title, line.seiNumber, line.process, result]));
  sheet.append(table, element('p', 'Este resumo mostra a situação na hora da impressão e não substitui os documentos assinados.'));
  document.body.append(sheet);
  document.documentElement.classList.add('printing-receipt');
  const clean = () => {
    sheet.remove();
    document.documentElement.classList.remove('printing-receipt');
  };
  window.addEventListener('afterprint', clean, { once: true });
  window.print();
}

function element(name: string, text: string): HTMLElement {
  const el = document.createElement(name);
  el.textContent = text;
  return el;
}

function row(cell: 'th' | 'td', texts: string[]): HTMLElement {
  const tr = document.createElement('tr');
  tr.append(...texts.map((t) => element(cell, t)));
  return tr;
}
