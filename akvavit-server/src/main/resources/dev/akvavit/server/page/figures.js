/** Numbers for people: three digits are enough, and units are always named. */

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const COUNTS = ['', ' k', ' M', ' G', ' T', ' P'];

function scaled(value, base, units) {
  let power = 0;
  let rest = value;
  while (Math.abs(rest) >= base && power < units.length - 1) {
    rest /= base;
    power++;
  }
  return digits(rest) + (units === BYTES ? ' ' : '') + units[power];
}

/** Three significant digits, never an exponent. */
export function digits(value) {
  if (!Number.isFinite(value)) {
    return '–';
  }
  const size = Math.abs(value);
  if (size === 0 || Number.isInteger(value) || size >= 100) {
    return String(Math.round(value));
  }
  return value.toFixed(size >= 10 ? 1 : 2);
}

/** `1.5 MiB` */
export function bytes(value) {
  return scaled(value, 1024, BYTES);
}

/** `12.3 G`, for large counts. */
export function short(value) {
  return scaled(value, 1000, COUNTS);
}

/** `12,288` */
export function count(value) {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : '–';
}

/** `4 K`, for counts that are powers of two. */
export function tokens(value) {
  return value >= 1024 && value % 1024 === 0 ? `${value / 1024} K` : count(value);
}

/** `84 ms`, `1.20 s` */
export function duration(milliseconds) {
  return milliseconds < 1000
    ? `${Math.round(milliseconds)} ms`
    : `${digits(milliseconds / 1000)} s`;
}

/** `17 %` */
export function share(part, whole) {
  return whole > 0 ? `${digits((100 * part) / whole)} %` : '–';
}
