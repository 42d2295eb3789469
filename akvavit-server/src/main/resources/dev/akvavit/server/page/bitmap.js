/** Rows of bits, as `/akvavit/selection` sends them. */

/** A square of bits: row by row, each row in whole bytes, lowest bit first. */
export class Bitmap {
  /**
   * @param {number} size rows and columns
   * @param {string} base64
   */
  constructor(size, base64) {
    this.size = size;
    this.stride = Math.ceil(size / 8);
    this.bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  }

  /** @returns {boolean} */
  has(row, column) {
    return (this.bytes[row * this.stride + (column >> 3)] >> (column & 7) & 1) === 1;
  }

  /** Bits set in a row. */
  count(row) {
    let bits = 0;
    for (let column = 0; column < this.size; column++) {
      bits += this.has(row, column) ? 1 : 0;
    }
    return bits;
  }
}
