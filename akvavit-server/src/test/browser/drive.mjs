// Runs every check of the page against two servers; one line each: "ok NAME" or "FAIL NAME: WHY".
// node drive.mjs CHROMIUM PICTURES COMPLETION_URL CHAT_URL CHAT_KEY
import { open } from './browser.mjs';
import { chat } from './chat.mjs';
import { completion } from './completion.mjs';
import { insight } from './insight.mjs';
import { widths } from './widths.mjs';

const [executable, pictures, completionUrl, chatUrl, key] = process.argv.slice(2);

/** Runs the checks of a suite in order on one page; one that fails does not stop the others. */
async function run(browser, url, suites) {
  const watched = await browser.visit(url);
  for (const [name, check] of suites.flatMap((suite) => Object.entries(suite))) {
    watched.faults = [];
    try {
      await check(watched);
      if (watched.faults.length > 0) {
        throw new Error(watched.faults.join('; '));
      }
      console.log(`ok ${name}`);
    } catch (error) {
      console.log(`FAIL ${name}: ${error.message.replaceAll('\n', ' ')}`);
      await watched.picture(`failed-${name.replaceAll(/\W+/g, '-')}`).catch(() => {});
    }
  }
  await watched.context.close();
}

const browser = await open(executable, pictures);
try {
  await run(browser, completionUrl, [completion, insight, widths]);
  await run(browser, chatUrl, [chat(key)]);
} finally {
  await browser.close();
}
