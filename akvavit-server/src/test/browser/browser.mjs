// Chromium, watched: whatever a page says on its console or asks of another origin is kept.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** A page under test and what it did that it should not have done. */
export class Watched {
  faults = [];

  constructor(context, page, origin, pictures) {
    this.context = context;
    this.page = page;
    this.origin = origin;
    this.pictures = pictures;
    page.on('console', (message) => {
      const refused = message.text().startsWith('Failed to load resource')
        && /status of 4\d\d/.test(message.text());
      if (['error', 'warning'].includes(message.type()) && !refused) {
        this.faults.push(`console: ${message.text()}`);
      }
    });
    page.on('pageerror', (error) => this.faults.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      this.faults.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    context.on('request', (request) => {
      if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url())) {
        this.faults.push(`left the origin: ${request.url()}`);
      }
    });
  }

  /** Takes back faults that a check expects. */
  forgive(expected) {
    this.faults = this.faults.filter((fault) => !expected.test(fault));
  }

  /** Keeps a picture of the window, or of the whole page. */
  async picture(name, fullPage = false) {
    await this.page.screenshot({ path: join(this.pictures, `${name}.png`), fullPage });
  }

  /** Colours that a drawn view consists of, with a sum that changes with the drawing. */
  canvas(name) {
    return this.page.evaluate((drawn) => {
      const canvas = document.querySelector(
        `canvas[data-drawn=${drawn}], [data-drawn=${drawn}] canvas`);
      const copy = new OffscreenCanvas(canvas.width, canvas.height);
      const context = copy.getContext('2d', { willReadFrequently: true });
      context.drawImage(canvas, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      const colours = new Set();
      let sum = 0;
      for (let i = 0; i < data.length; i += 4) {
        const pixel = (data[i] << 16) + (data[i + 1] << 8) + data[i + 2];
        if (data[i + 3] > 0) {
          colours.add(pixel);
          sum = (sum * 31 + pixel + i) >>> 0;
        }
      }
      return { colours: colours.size, sum };
    }, name);
  }

  /** Waits until a view is drawn in so many colours; gives what {@link canvas} does. */
  async drawn(name, colours) {
    let found = { colours: 0, sum: 0 };
    await this.until(async () => {
      found = await this.canvas(name);
      return found.colours >= colours;
    }, `${name} in ${colours} colours`, 20000);
    return found;
  }

  /** Waits until `what` is true of the page's state, asked ten times a second. */
  async until(what, says, milliseconds = 60000) {
    const end = Date.now() + milliseconds;
    while (!(await what())) {
      if (Date.now() > end) {
        throw new Error(`not within ${milliseconds} ms: ${says}`);
      }
      await this.page.waitForTimeout(100);
    }
  }

  /** The number in an element that names it by `data-count`. */
  async count(name) {
    const text = await this.page.textContent(`[data-count=${name}]`);
    return Number(text.replaceAll(',', ''));
  }
}

/** Starts Chromium. */
export async function open(executablePath, pictures) {
  mkdirSync(pictures, { recursive: true });
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  return {
    close: () => browser.close(),
    /** A fresh profile with one page, 1280 wide. */
    async visit(origin) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 860 },
        colorScheme: 'light',
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      context.setDefaultTimeout(60000);
      const watched = new Watched(context, await context.newPage(), origin, pictures);
      await watched.page.goto(`${origin}/`);
      return watched;
    },
  };
}
