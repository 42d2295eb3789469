/** What the drawn views share: colours of the style sheet, sharp canvases, repeated questions. */
import { useEffect, useRef, useState } from './vendor/htm-preact.js';
import { getJson } from './api.js';

const OFTEN = 250; // ms between two looks while an answer is under way
const SELDOM = 2000;

/** A colour variable of the style sheet, `#rrggbb`, as three numbers. */
export function colour(name) {
  const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** A colour between two, as text for a canvas. */
export function between(from, to, part) {
  const [r, g, b] = from.map((value, i) => Math.round(value + (to[i] - value) * part));
  return `rgb(${r} ${g} ${b})`;
}

/**
 * The width of an element in CSS pixels and a number that changes with the theme: what drawings
 * depend on besides their data.
 */
export function useSurroundings(element) {
  const [width, setWidth] = useState(0);
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    watch.observe(element.current);
    const changed = () => setTheme((n) => n + 1);
    const system = matchMedia('(prefers-color-scheme: dark)');
    window.addEventListener('themechange', changed);
    system.addEventListener('change', changed);
    return () => {
      watch.disconnect();
      window.removeEventListener('themechange', changed);
      system.removeEventListener('change', changed);
    };
  }, []);
  return { width, theme };
}

/**
 * A canvas that is drawn again when `inputs`, its width or the theme change.
 *
 * @param {(context: CanvasRenderingContext2D, width: number) => void} draw sizes are CSS pixels
 * @param {(width: number) => number} height
 * @param {unknown[]} inputs what the drawing depends on
 */
export function useCanvas(draw, height, inputs) {
  const canvas = useRef(null);
  const { width, theme } = useSurroundings(canvas);
  useEffect(() => {
    if (width > 0) {
      const ratio = window.devicePixelRatio || 1;
      const high = height(width);
      canvas.current.width = Math.round(width * ratio);
      canvas.current.height = Math.round(high * ratio);
      canvas.current.style.height = `${high}px`;
      const context = canvas.current.getContext('2d');
      context.scale(ratio, ratio);
      draw(context, width);
    }
  }, [width, theme, ...inputs]);
  return { canvas, width };
}

/**
 * Asks a route again and again while the page is seen: often while `busy`, seldom otherwise.
 *
 * @param {string} path
 * @param {(last: object|null) => object} query from the last answer
 * @param {boolean} busy
 */
export function usePoll(path, query, busy) {
  const [answer, setAnswer] = useState(null);
  const [error, setError] = useState('');
  const last = useRef(null);
  useEffect(() => {
    const abort = new AbortController();
    let timer = 0;
    const look = async () => {
      if (!document.hidden) {
        try {
          last.current = await getJson(path, query(last.current), abort.signal);
          setAnswer(last.current);
          setError('');
        } catch (e) {
          if (!abort.signal.aborted) {
            setError(e.message);
          }
        }
      }
      if (!abort.signal.aborted) {
        timer = setTimeout(look, busy ? OFTEN : SELDOM);
      }
    };
    look();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path, busy]);
  return { answer, error };
}
