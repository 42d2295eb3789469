/**
 * Answers as Markdown. A model's text is a stranger's: marked makes HTML of it, DOMPurify leaves
 * what is on a short list, and the page gets nodes, never a text to parse.
 */
import DOMPurify from './vendor/dompurify.js';
import { Marked } from './vendor/marked.js';
import { highlighted, languageOf } from './code.js';

const TAGS = [
  'a', 'blockquote', 'br', 'code', 'del', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'li',
  'ol', 'p', 'pre', 'span', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul',
];

const purify = DOMPurify(window);

purify.addHook('uponSanitizeAttribute', (node, attribute) => {
  if (attribute.attrName === 'class' && !/^(hljs|language-)[\w -]*$/.test(attribute.attrValue)) {
    attribute.keepAttr = false; // or an answer could dress up as a part of the page
  }
});

purify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') {
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer nofollow');
  }
});

const marked = new Marked({
  gfm: true,
  breaks: false,
  renderer: {
    code({ text, lang }) {
      const language = languageOf(lang ?? '');
      const inner = highlighted(text, language);
      return `<pre><code class="hljs language-${language}">${inner}</code></pre>`;
    },
    image({ href, text }) {
      const label = document.createElement('span');
      label.textContent = text || href;
      const link = document.createElement('a');
      link.setAttribute('href', href);
      link.append('image: ', label);
      return link.outerHTML;
    },
  },
});

/**
 * Nodes of a piece of HTML with nothing in them that acts.
 *
 * @param {string} dirty
 * @returns {DocumentFragment}
 */
export function clean(dirty) {
  return purify.sanitize(dirty, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href', 'class', 'title', 'start', 'align'],
    ALLOW_DATA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
    RETURN_DOM_FRAGMENT: true,
  });
}

/**
 * Nodes of an answer in Markdown.
 *
 * @param {string} text
 * @returns {DocumentFragment}
 */
export function markdown(text) {
  return clean(marked.parse(text));
}
