// Completion: what the page does with a model that has no chat template.
import { equal, match, ok } from 'node:assert/strict';

const PROMPT = `/** Numbers that are sums of the two before them. */
public class Fibonacci {
  /** The n-th number, counted from zero. */
  public static long fibonacci(int n) {
`;

/** Sets a parameter; the panel is opened for it. */
async function set(page, name, value) {
  await page.evaluate(() => { document.querySelector('.parameters').open = true; });
  await page.fill(`[name=${name}]`, value);
  await page.evaluate(() => { document.querySelector('.parameters').open = false; });
}

async function ended({ page }) {
  await page.waitForSelector('.turn:last-child .actions');
}

async function lastAnswer({ page }) {
  return page.textContent('.turn:last-child .made');
}

export const completion = {
  async 'opens in completion and says why'({ page, ...watched }) {
    await page.waitForSelector('#prompt');
    match(await page.textContent('.notice'), /no\s+chat\s+template/);
    ok(await page.isChecked('input[name=mode][value=complete]'));
    ok(await page.isDisabled('input[name=mode][value=chat]'));
  },

  async 'a completion comes in pieces and ends with its statistics'(watched) {
    const { page } = watched;
    await set(page, 'max_tokens', '40');
    await page.fill('#prompt', PROMPT);
    await page.focus('#prompt');
    await page.keyboard.press('Control+Enter');
    const lengths = new Set();
    await watched.until(async () => {
      lengths.add((await page.textContent('.made').catch(() => '')).length);
      return (await page.$('.turn .actions')) !== null;
    }, 'the answer ends');
    ok(lengths.size > 2, `seen growing: ${[...lengths]}`);
    const figures = await page.textContent('.statistics');
    match(figures, /\+ 40 tokens/);
    match(figures, /prefill [\d.]+ tok\/s/);
    match(figures, /decode [\d.]+ tok\/s/);
    match(figures, /KV [\d.]+ KiB/);
    ok((await page.$$('.made .hljs-keyword, .given .hljs-keyword')).length > 0, 'in colours');
    await watched.picture('completion');
  },

  async 'the same prompt again says the same and finds its pages'(watched) {
    const { page } = watched;
    const first = await lastAnswer(watched);
    await page.evaluate(() => document.querySelector('.turn').classList.add('before'));
    await page.click('text=Regenerate');
    await page.waitForSelector('.turn:not(.before) .actions');
    equal(await lastAnswer(watched), first);
    match(await page.textContent('.statistics'), /32 cached/);
  },

  async 'stop ends the answer and frees its pages'(watched) {
    const { page } = watched;
    await set(page, 'max_tokens', '900');
    await page.click('button[type=submit]');
    await watched.until(async () => (await lastAnswer(watched)).length > 10, 'some text');
    await page.click('.composer-foot >> text=Stop');
    await page.waitForSelector('.turn.stopped');
    match(await page.textContent('.turn.stopped'), /Stopped here/);
    equal((await page.$$('.turn')).length, 2, 'nothing else was asked');
    await watched.until(async () => (await watched.count('used')) === 0, 'no page used any more');
    await set(page, 'max_tokens', '24');
  },

  async 'an edited question is asked anew'(watched) {
    const { page } = watched;
    await page.click('.turn:last-child >> text=Edit');
    await page.fill('.editor textarea', 'public interface Shape {\n');
    await page.click('text=Ask again');
    await ended(watched);
    match(await page.textContent('.turn:last-child .given'), /interface Shape/);
    equal((await page.$$('.turn')).length, 2);
  },

  async 'the gap between two texts is filled in'(watched) {
    const { page } = watched;
    await page.click('label:has-text("Fill in")');
    await page.fill('#prompt', 'public static int twice(int value) {\n  return ');
    await page.fill('#suffix', ';\n}\n');
    await page.click('button[type=submit]');
    await ended(watched);
    equal((await page.$$('.turn:last-child .given')).length, 2);
    await page.click('label:has-text("Complete")');
  },

  async 'a question can be taken along as curl and as Java'({ page }) {
    await page.click('.turn:last-child >> text=curl');
    const curl = await page.evaluate(() => navigator.clipboard.readText());
    match(curl, /^curl http:\/\/127.0.0.1:\d+\/v1\/completions/);
    match(curl, /"suffix"/);
    await page.click('.turn:last-child >> text=Java');
    match(await page.evaluate(() => navigator.clipboard.readText()), /HttpClient[\s\S]*"suffix"/);
  },

  async 'what the server refuses is told in its words'(watched) {
    const { page } = watched;
    await set(page, 'temperature', '9');
    await page.click('button[type=submit]');
    await page.waitForSelector('.turn.failed');
    match(await page.textContent('.turn.failed .trouble'), /temperature: found 9.*allowed/s);
    await set(page, 'temperature', '');
  },
};
