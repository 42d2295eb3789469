// The views beside the conversation, on the model that completes.
import { equal, match, ok } from 'node:assert/strict';

const PROMPT = `/** A stack of numbers. */
public class NumberStack {
  private int[] values = new int[16];
  private int size;

  /** Puts a number on top. */
  public void push(int value) {
`;

async function tab(page, name) {
  await page.click(`#tab-${name}`);
}

async function longest(page, tokens) {
  await page.evaluate(() => { document.querySelector('.parameters').open = true; });
  await page.fill('[name=max_tokens]', tokens);
  await page.evaluate(() => { document.querySelector('.parameters').open = false; });
}

export const insight = {
  async 'the cache view changes while an answer is made'(watched) {
    const { page } = watched;
    await tab(page, 'cache');
    await page.waitForSelector('canvas[data-drawn=cache]');
    const before = await watched.drawn('cache', 2);
    const kept = await watched.count('kept');
    await longest(page, '400'); // long enough to be looked at, however fast the machine
    await page.fill('#prompt', PROMPT);
    await page.click('button[type=submit]');
    await watched.until(
      async () => (await watched.count('used')) > 0, 'pages in use');
    await watched.until(
      async () => (await watched.canvas('cache')).sum !== before.sum, 'drawn anew', 10000);
    await watched.picture('cache');
    await page.waitForSelector('.turn:last-child .actions');
    await longest(page, '24');
    await watched.until(async () => (await watched.count('used')) === 0, 'pages are given back');
    ok((await watched.count('kept')) >= Math.max(1, kept), 'and kept for the next prompt');
    match(await page.textContent('.planes'), /latent[\s\S]*index keys/);
  },

  async 'tokens show their ids and the cached part in colour'(watched) {
    const { page } = watched;
    await tab(page, 'tokens');
    await watched.until(async () => (await page.$$('.chip.cached')).length > 0, 'cached tokens');
    const chips = (await page.$$('.chip')).length;
    const cached = (await page.$$('.chip.cached')).length;
    equal(chips, await watched.count('tokens'));
    equal(cached, await watched.count('cached'));
    equal(cached % 32, 0);
    ok(cached < chips, 'the last page is not whole');
    match(await page.textContent('.chip .id'), /^\d+$/);
    await watched.picture('tokens');
    await page.fill('#prompt', `x${PROMPT}`);
    await watched.until(async () => (await watched.count('cached')) === 0, 'another beginning');
  },

  async 'the selection of each layer is drawn as a map'(watched) {
    const { page } = watched;
    await tab(page, 'selection');
    await page.click('text=Take a long example');
    await page.click('text=Draw the prompt');
    await page.waitForSelector('canvas[data-drawn=selection]', { timeout: 120000 });
    const all = await watched.drawn('selection', 5); // shades by the layers that chose
    await page.fill('input[name=layer]', '4');
    await watched.until(
      async () => (await watched.canvas('selection')).sum !== all.sum, 'another map');
    await page.focus('canvas[data-drawn=selection]');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowRight');
    match(await page.textContent('.reading'),
      /Token \d+ .* (reads|skips) token 1 .*256 of\s+\d+ chosen/s);
    ok((await page.$$('.strip .read')).length >= 255);
    await watched.picture('selection');
    await tab(page, 'cache');
    await tab(page, 'selection');
    await page.waitForSelector('canvas[data-drawn=selection]', { timeout: 2000 });
  },

  async 'the load of the experts is drawn as a map'(watched) {
    const { page } = watched;
    await tab(page, 'experts');
    await page.waitForSelector('canvas[data-drawn=experts]');
    await watched.drawn('experts', 20);
    ok((await watched.count('imbalance')) > 1);
    equal((await page.$$('.view tbody tr')).length, 9);
    await watched.picture('experts');
    await page.click('text=Count from now');
    await watched.until(
      async () => (await page.textContent('.view tbody td')) === '0', 'a new count');
  },

  async 'a slider of the planner moves the curves'(watched) {
    const { page } = watched;
    await tab(page, 'planner');
    await page.waitForSelector('[data-drawn=curves] canvas');
    const one = await watched.drawn('curves', 6); // a line for each attention
    const verdict = await page.textContent('.verdict');
    await page.fill('input[name=users]', '8');
    await watched.until(
      async () => (await page.textContent('.verdict')) !== verdict, 'more users need more');
    await watched.until(
      async () => (await watched.canvas('curves')).sum !== one.sum, 'the curves are higher');
    await page.selectOption('select[name=shape]', 'deepseek-v3.2');
    await watched.until(
      async () => (await page.textContent('.verdict')).includes('Does not fit'), 'it is too large');
    match(await page.textContent('.mechanisms'), /MHA[\s\S]*MQA[\s\S]*MLA/);
    await page.click('label:has-text("Arithmetic")');
    match(await page.textContent('.curves figcaption'), /operations/);
    await watched.picture('planner');
  },

  async 'tabs are moved by arrow keys'({ page }) {
    await page.focus('#tab-planner');
    await page.keyboard.press('ArrowRight');
    equal(await page.getAttribute('#tab-cache', 'aria-selected'), 'true');
    equal(await page.evaluate(() => document.activeElement.id), 'tab-cache');
    await page.keyboard.press('ArrowLeft');
    equal(await page.getAttribute('#tab-planner', 'aria-selected'), 'true');
  },
};
