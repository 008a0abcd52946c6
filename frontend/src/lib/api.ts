// The one file that reaches the Go side. In the desktop window the calls go
// through the bindings; over loopback HTTP the same calls go to /api.
import * as Catalogue from '../../wailsjs/go/desktop/Catalogue';
import * as Documents from '../../wailsjs/go/desktop/Documents';
import * as Exports from '../../wailsjs/go/desktop/Exports';
import * as Files from '../../wailsjs/go/desktop/Files';
import * as Inbox from '../../wailsjs/go/desktop/Inbox';
import * as Intake from '../../wailsjs/go/desktop/Intake';
import * as Outbox from '../../wailsjs/go/desktop/Outbox';
import * as Processes from '../../wailsjs/go/desktop/Processes';
import * as Search from '../../wailsjs/go/desktop/Search';
import * as Session from '../../wailsjs/go/desktop/Session';
import * as Signing from '../../wailsjs/go/desktop/Signing';

export type { desktop } from '../../wailsjs/go/models';
export { Catalogue, Documents, Exports, Files, Inbox, Intake, Outbox, Processes, Search, Session, Signing };

/** What a failed call rejects with: a code for programs and a sentence for the servant. */
export interface Failure {
  code: string;
  message: string;
}

interface WailsRuntime {
  EventsOn(name: string, callback: (...data: unknown[]) => void): () => void;
  OnFileDrop?(callback: (x: number, y: number, paths: string[]) => void, useDropTarget: boolean): void;
}

interface Host {
  go?: unknown;
  runtime?: WailsRuntime;
}

const host = window as unknown as Host;

/** True in the desktop window, false in a browser over loopback HTTP. */
export const inDesktopWindow = host.runtime !== undefined;

// The desktop window's bindings reject with an Error whose message is our answer in JSON.
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** failure turns whatever a call rejected with into a Failure. */
export function failure(reason: unknown): Failure {
  const given = reason instanceof Error ? parsed(reason.message) : reason;
  if (typeof given === 'object' && given !== null && 'message' in given && 'code' in given) {
    return { code: String(given.code), message: String(given.message) };
  }
  return {
    code: 'internal',
    message: 'Ocorreu uma falha inesperada. Nada foi perdido; tente de novo e, se continuar, avise o suporte.',
  };
}

async function callOverHTTP(area: string, method: string, args: unknown[]): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(`/api/${area}/${method}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(args),
    });
  } catch {
    throw { code: 'unavailable', message: 'O programa SEI RS foi encerrado. Abra-o de novo; nada foi perdido.' } satisfies Failure;
  }
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw failure(body);
  return body;
}

/** installLoopback offers the bindings' calls over HTTP where there is no desktop window. */
function installLoopback(): void {
  const area = (name: string) =>
    new Proxy({}, { get: (_, method) => (...args: unknown[]) => callOverHTTP(name, String(method), args) });
  host.go = { desktop: new Proxy({}, { get: (_, name) => area(String(name)) }) };
}

if (!inDesktopWindow) installLoopback();

/**
 * onChange calls back with the topics that changed ("inbox", "process:<id>", "outbox",
 * "status", "session", "intake", "keys"); what is shown of them is to be read again.
 */
export function onChange(callback: (topics: string[]) => void): () => void {
  if (host.runtime) {
    return host.runtime.EventsOn('changed', (topics) => callback(topics as string[]));
  }
  const events = new EventSource('/events');
  events.onmessage = (e: MessageEvent<string>) => callback(JSON.parse(e.data) as string[]);
  return () => events.close();
}

/** onFileDrop calls back with the paths of files dropped on the desktop window. */
export function onFileDrop(callback: (paths: string[]) => void): void {
  host.runtime?.OnFileDrop?.((_x, _y, paths) => callback(paths), false);
}

/**
 * WebKitGTK hands a File over to the program empty, bytes whole. Large files come by their
 * path in the desktop window, so only small ones are held in memory.
 */
function carried(file: File): Promise<XMLHttpRequestBodyInit> {
  return inDesktopWindow ? file.arrayBuffer() : Promise.resolve(file);
}

/** stage hands a file of the browser to the desk; progress is from 0 to 1. */
export function stage(file: File, progress: (done: number) => void, signal?: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/files?name=' + encodeURIComponent(file.name));
    request.upload.onprogress = (e) => {
      if (e.lengthComputable) progress(e.loaded / e.total);
    };
    request.onload = () => {
      const body: unknown = JSON.parse(request.responseText);
      if (request.status === 200) resolve(body);
      else reject(failure(body));
    };
    request.onerror = () => reject(failure(null));
    request.onabort = () => reject({ code: 'canceled', message: 'O envio do arquivo foi cancelado.' } satisfies Failure);
    signal?.addEventListener('abort', () => request.abort());
    carried(file).then(
      (body) => {
        if (signal?.aborted) request.onabort?.(new ProgressEvent('abort'));
        else request.send(body);
      },
      () => reject({ code: 'unavailable', message: `O arquivo ${file.name} não pôde ser lido. Escolha-o de novo.` } satisfies Failure),
    );
  });
}
