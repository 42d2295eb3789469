/** Source code in colours. */
import hljs from './vendor/highlight/core.js';
import bash from './vendor/highlight/bash.js';
import c from './vendor/highlight/c.js';
import java from './vendor/highlight/java.js';
import javascript from './vendor/highlight/javascript.js';
import json from './vendor/highlight/json.js';
import kotlin from './vendor/highlight/kotlin.js';
import properties from './vendor/highlight/properties.js';
import python from './vendor/highlight/python.js';
import sql from './vendor/highlight/sql.js';
import xml from './vendor/highlight/xml.js';
import yaml from './vendor/highlight/yaml.js';

const LANGUAGES = {
  bash, c, java, javascript, json, kotlin, properties, python, sql, xml, yaml,
};
const SURE = 6; // relevance below which a text is taken for prose
const LOOKED_AT = 2000; // characters that a guess reads

for (const [name, grammar] of Object.entries(LANGUAGES)) {
  hljs.registerLanguage(name, grammar);
}

/** The language of a fence such as ```` ```java ````, or `plaintext`. */
export function languageOf(info) {
  const name = info.trim().split(/\s/)[0].toLowerCase();
  return hljs.getLanguage(name) ? name.replace(/[^\w-]/g, '') : 'plaintext';
}

/** The language that a text seems to be written in, or `plaintext`. */
export function guess(text) {
  const found = hljs.highlightAuto(text.slice(0, LOOKED_AT), Object.keys(LANGUAGES));
  return found.relevance >= SURE ? found.language : 'plaintext';
}

/**
 * HTML of a piece of code, its own characters escaped.
 *
 * @param {string} text
 * @param {string} language from {@link languageOf} or {@link guess}
 */
export function highlighted(text, language) {
  if (language === 'plaintext') {
    return text.replace(/[&<>]/g, (ch) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[ch]);
  }
  return hljs.highlight(text, { language, ignoreIllegals: true }).value;
}
