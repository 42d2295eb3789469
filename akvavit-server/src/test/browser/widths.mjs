// Narrow windows and the dark theme.
import { ok } from 'node:assert/strict';

const TABS = ['cache', 'tokens', 'selection', 'experts', 'planner'];

export const widths = {
  async 'the theme goes from the system to dark, to light and back'(watched) {
    const { page } = watched;
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    const turns = async (isLight, says) => {
      await page.click('[aria-label^="Colours"]');
      await watched.until(async () => ((await paper()) === light) === isLight, says, 10000);
    };
    await turns(false, 'dark at once');
    await watched.picture('dark');
    await turns(true, 'then light');
    await turns(true, 'then as the system, which is light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await watched.until(async () => (await paper()) !== light, 'and the system has changed', 10000);
    await page.emulateMedia({ colorScheme: 'light' });
  },

  async 'at 400 pixels nothing leaves the window'(watched) {
    const { page } = watched;
    await page.setViewportSize({ width: 400, height: 800 });
    for (const name of TABS) {
      await page.click(`#tab-${name}`);
      await page.waitForTimeout(300); // views draw once their width is known
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      ok(width <= 400, `${name} is ${width} pixels wide`);
      await watched.picture(`narrow-${name}`, true);
    }
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.click('#tab-cache');
    await watched.picture('narrow-dark', true);
  },
};
