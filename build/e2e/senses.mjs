// How a screen is for who does not see it or has no mouse: axe in light and dark, and the walk with Tab.
import { assert } from './harness.mjs';

/** dialog checks an open dialog, and that Esc closes it. */
export async function dialog(t, ana, title, kind = '') {
  await ana.dialog(title).waitFor();
  await sound(t, ana, `dialog-${kind}${title.toLowerCase().replaceAll(' ', '-')}`);
  await ana.page.keyboard.press('Escape');
  await ana.dialog(title).waitFor({ state: 'detached' });
}

/** sound checks a screen with axe and walks it with Tab. */
export async function sound(t, ana, name) {
  await axeBoth(t, ana, name);
  await reached(ana.page, name);
}

/** axeBoth asks axe in light and dark, and keeps a picture of each. */
export async function axeBoth(t, ana, name) {
  for (const colorScheme of ['dark', 'light']) {
    await ana.page.emulateMedia({ colorScheme });
    await ana.page.locator(`html[data-theme="${colorScheme}"]`).waitFor();
    await ana.shot(`screen-${name}-${colorScheme}`);
    try {
      await t.accessible(ana.page);
    } catch (e) {
      throw new Error(`${name}, ${colorScheme}: ${e.message}`);
    }
  }
}

/** reached walks the screen with Tab; what can be clicked and was not passed is told. */
async function reached(page, name) {
  const count = await page.evaluate(() => {
    const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
    const seen = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('[aria-hidden="true"], [inert]');
    const list = [...top.querySelectorAll('a[href], button, input, select, textarea, summary, [role="treeitem"], [role="row"][tabindex], [role="separator"][tabindex]')];
    window.controls = list.filter((e) => seen(e) && !e.disabled && e.type !== 'file');
    window.passed = new Set();
    if (!top.contains(document.activeElement)) document.activeElement?.blur();
    return window.controls.length;
  });
  for (let i = 0, idle = 0; i < count * 2 + 40 && idle < 30; i++) {
    await page.keyboard.press('Tab');
    const fresh = await page.evaluate(() => {
      const before = window.passed.size;
      if (document.activeElement) window.passed.add(document.activeElement);
      return window.passed.size > before;
    });
    idle = fresh ? 0 : idle + 1;
    if (!fresh && (await page.evaluate(() => window.controls.every((c) => window.passed.has(c))))) break;
  }
  const missed = await page.evaluate(() => {
    const composite = '[role="toolbar"], [role="menu"], [role="tree"], [role="grid"], [role="tablist"], [role="listbox"]';
    const passed = [...window.passed];
    const byArrows = (e) => {
      if (e.type === 'radio') return passed.some((p) => p.name === e.name && p.type === 'radio');
      const owner = e.closest(composite);
      return owner !== null && passed.some((p) => owner.contains(p));
    };
    return window.controls.filter((e) => !window.passed.has(e) && !byArrows(e)).map((e) => e.outerHTML.slice(0, 160));
  });
  assert(missed.length === 0, `${name}: not reached with Tab:\n  ${missed.join('\n  ')}`);
}

/** tabTo presses Tab until the focus is on such an element. */
export async function tabTo(page, selector, key = 'Tab') {
  for (let i = 0; i < 80; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`80 times ${key} did not lead to ${selector}`);
}

/** tabToButton presses Tab until the focus is on the button that says the words. */
export async function tabToButton(page, words) {
  for (let i = 0; i < 80; i++) {
    const here = await page.evaluate(() => (document.activeElement?.tagName === 'BUTTON' ? document.activeElement.textContent.trim() : ''));
    if (here === words) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`80 times Tab did not lead to the button ${words}`);
}
