import { Session, failure, type desktop } from '../lib/api';

/** isUnreachable tells whether a failure means that the central did not answer, so that the password here decides. */
export function isUnreachable(code: string): boolean {
  return code === 'unavailable';
}

/** knownAccount finds who has logged in here before; letter case does not matter. */
export function knownAccount(accounts: desktop.AccountView[], agency: string, login: string): desktop.AccountView | undefined {
  const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();
  return accounts.find((a) => same(a.agency, agency) && same(a.login, login));
}

/**
 * enter logs in at the central; when it does not answer and the account has been
 * here before, it opens what is on this computer with the same password.
 */
export async function enter(form: desktop.LoginForm, accounts: desktop.AccountView[]): Promise<{ view: desktop.SessionView; offline: boolean }> {
  try {
    return { view: await Session.Login(form), offline: false };
  } catch (e) {
    const why = failure(e);
    if (!isUnreachable(why.code) || !knownAccount(accounts, form.agency, form.login)) throw e;
    return { view: await Session.Unlock(form.agency, form.login, form.password), offline: true };
  }
}
