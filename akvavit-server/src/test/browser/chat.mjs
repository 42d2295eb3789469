// Chat: a model with a template behind a key. Where the answer's text matters, it is written here.
import { deepEqual, equal, match, ok } from 'node:assert/strict';

const HOSTILE = `<script>window.hacked = 1</script>
<img src="http://example.invalid/x.png" onerror="window.hacked = 2">
<iframe src="javascript:parent.hacked = 3"></iframe><svg onload="window.hacked = 4"></svg>
<style>body { display: none }</style><form action="/v1/models"><input name="a"></form>
<p class="banner" onclick="window.hacked = 5" style="position:fixed">words</p>

[click](javascript:window.hacked=6) [data](data:text/html,<script>1</script>) [good](https://example.invalid/)
![picture](http://example.invalid/y.png)

<a href="https://example.invalid/" onmouseover="window.hacked = 7">seven</a>

\`\`\`html
<script>window.hacked = 8</script>
\`\`\`
`;

/** Chunks of a stream in OpenAI's form. */
function stream(...deltas) {
  const chunks = deltas.map((delta) => ({ choices: [{ index: 0, delta, finish_reason: null }] }));
  chunks.push({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  chunks.push({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 5 } });
  return `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`;
}

/** Asks with an answer that is written here; gives the body that was sent. */
async function ask({ page }, question, body) {
  let sent = null;
  await page.route('**/v1/chat/completions', (route) => {
    sent = route.request().postDataJSON();
    return route.fulfill({ contentType: 'text/event-stream', body });
  });
  await page.fill('#prompt', question);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.turn:last-child .actions');
  await page.unroute('**/v1/chat/completions');
  return sent;
}

export const chat = (key) => ({
  async 'a key is asked for, and kept in this tab alone'({ page }) {
    await page.fill('#key', 'not the key at all');
    await page.click('text=Use it');
    await page.waitForSelector('#key');
    await page.fill('#key', key);
    await page.click('text=Use it');
    await page.waitForSelector('#prompt');
    equal(await page.$('#key'), null);
    ok(!(await page.evaluate(() => JSON.stringify(localStorage))).includes(key));
  },

  async 'a chat model opens in chat and answers'({ page }) {
    ok(await page.isChecked('input[name=mode][value=chat]'));
    await page.evaluate(() => { document.querySelector('.parameters').open = true; });
    await page.fill('[name=max_tokens]', '8');
    await page.fill('#prompt', 'public class Point {');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.turn:last-child .actions');
    match(await page.textContent('.statistics'), /\+ \d+ tokens/);
    equal(await page.textContent('.question'), 'public class Point {');
    equal(await page.inputValue('#prompt'), '');
  },

  async 'thoughts are folded and code is in colours'(watched) {
    const { page } = watched;
    await ask(watched, 'think', stream(
      { reasoning_content: 'First I *wonder*.' },
      { content: 'So:\n\n```java\nint a = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n' }));
    const fold = '.turn:last-child .reasoning';
    await page.waitForSelector(`${fold}:not([open])`);
    await page.click(`${fold} summary`);
    match(await page.textContent(`${fold} em`), /wonder/);
    ok(await page.isVisible(`${fold} em`));
    ok(await page.$('.turn:last-child code.language-java :is(.hljs-type, .hljs-keyword)'));
    ok(await page.$('.turn:last-child table td'));
    await watched.picture('chat');
  },

  async 'a hostile answer does nothing'(watched) {
    const { page } = watched;
    const halves = [HOSTILE.slice(0, 90), HOSTILE.slice(90)];
    await ask(watched, 'attack me', stream(...halves.map((content) => ({ content }))));
    const answer = '.turn:last-child .answer';
    await page.hover(`${answer} a >> nth=-1`);
    await page.click(`${answer} p >> nth=-1`, { position: { x: 1, y: 1 } });
    equal(await page.evaluate(() => window.hacked), undefined);
    const acting = ':is(script, img, iframe, svg, style, form, input, object)';
    equal((await page.$$(`${answer} ${acting}`)).length, 0);
    const dressed = ':is([onclick], [onerror], [onmouseover], [style], .banner)';
    equal((await page.$$(`${answer} ${dressed}`)).length, 0);
    const links = await page.$$eval(`${answer} a`, (all) => all.map((a) => a.getAttribute('href')));
    deepEqual(links.filter((href) => href !== null && !/^https?:/.test(href)), []);
    equal(links.filter((href) => href === null).length, 2, 'the two that would act lead nowhere');
    match(await page.textContent(`${answer} pre`), /<script>window.hacked = 8<\/script>/);
    ok(await page.isVisible('body'));
    await watched.picture('hostile');
    // Chromium tells of styles that the policy forbids even in a document that is never shown.
    watched.forgive(/^console: Applying inline style violates/);
  },

  async 'an edited message drops what came after it'(watched) {
    const { page } = watched;
    const sent = await ask(watched, 'and then', stream({ content: 'more' }));
    equal(sent.messages.length, 7);
    equal(sent.messages.at(-1).content, 'and then');
    equal((await page.$$('.turn')).length, 4);
    let again = null;
    await page.route('**/v1/chat/completions', (route) => {
      again = route.request().postDataJSON();
      return route.fulfill({ contentType: 'text/event-stream', body: stream({ content: 'anew' }) });
    });
    await page.click('.turn >> nth=1 >> text=Edit');
    await page.fill('.editor textarea', 'think twice');
    await page.click('text=Ask again');
    await page.waitForSelector('.turn:last-child .actions');
    equal((await page.$$('.turn')).length, 2);
    deepEqual(again.messages.map((m) => m.role), ['user', 'assistant', 'user']);
    equal(again.messages[2].content, 'think twice');
    await page.unroute('**/v1/chat/completions');
  },

  async 'an error in mid-stream keeps what came before it'(watched) {
    const { page } = watched;
    const part = JSON.stringify({ choices: [{ index: 0, delta: { content: 'half an' } }] });
    const error = JSON.stringify({ error: { message: 'the engine is closing' } });
    await ask(watched, 'fail', `data: ${part}\n\ndata: ${error}\n\n`);
    match(await page.textContent('.turn:last-child .answer'), /half an/);
    match(await page.textContent('.turn:last-child .trouble'), /the engine is closing/);
  },
});
