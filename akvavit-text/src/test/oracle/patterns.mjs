// The splitters' patterns for Node's regular expressions. \s and \S become White_Space, which is what Oniguruma means by them,
// and the case-insensitive contractions are spelled out, with the long s that folds to s.

const contractions = "'(?:[sSſ]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])";
const tail = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

// What DeepSeek-LLM and V2 call a letter: every cased one.
const cased =
  "41-5A 61-7A B5 C0-D6 D8-F6 F8-1BA 1BC-1BF 1C4-293 295-2AF 370-373 376 377 37B-37D 37F 386 388-38A 38C 38E-3A1 3A3-3F5 3F7-481 " +
  "48A-52F 531-556 10A0-10C5 13A0-13F5 13F8-13FD 1C90-1CBA 1CBD-1CBF 1D00-1D2B 1D6B-1D77 1D79-1D9A 1E00-1F15 1F18-1F1D 1F20-1F45 " +
  "1F48-1F4D 1F50-1F57 1F59 1F5B 1F5D 1F5F-1F7D 1F80-1FB4 1FB6-1FBC 1FBE 1FC2-1FC4 1FC6-1FCC 1FD0-1FD3 1FD6-1FDB 1FE0-1FEC " +
  "1FF2-1FF4 1FF6-1FFC 2102 2107 210A-2113 2115 2119-211D 2124 2126 2128 212A-212D 212F-2134 2139 213C-213F 2145-2149 214E 2183 " +
  "2184 2C00-2C7B 2C7E-2CE4 2CEB-2CEE 2CF2 2CF3 A640-A66D A680-A69B A722-A76F A771-A787 A78B-A78E AB70-ABBF FB00-FB06 FB13-FB17 " +
  "FF21-FF3A FF41-FF5A 10400-1044F 104B0-104D3 104D8-104FB 10C80-10CB2 10CC0-10CF2 118A0-118DF 1E900-1E943";
const letters = cased
  .split(" ")
  .map((range) => range.split("-").map((hex) => String.fromCodePoint(parseInt(hex, 16))).join("-"))
  .join("");

// name: [patterns as files have them, the same for Node where they differ]
export const splitters = {
  gpt2: ["'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"],
  llama3: [["(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}" + tail, contractions + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}" + tail]],
  qwen2: [["(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" + tail, contractions + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" + tail]],
  deepseek_v3: [
    "\\p{N}{1,3}",
    "[一-龥\u3040-ゟ゠-ヿ]+",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
  ],
  deepseek_llm: ["[\r\n]", "\\s?[" + letters + "]+", "\\s?[!-/:-~！-／：-～‘-‟\u3000-。]+", "\\s+$", "[一-龥\u0800-一가-\ud7ff]+", "\\p{N}"],
  deepseek_coder: ["[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥\u0800-一가-\ud7ff]+", "\\p{N}"],
  digit_runs: ["\\p{N}+"],
};

const node = (source) => new RegExp(source.replaceAll("\\s", "\\p{White_Space}").replaceAll("\\S", "\\P{White_Space}"), "gu");

export function pieces(name, text) {
  let parts = text === "" ? [] : [text];
  for (const entry of splitters[name]) {
    const regex = node(Array.isArray(entry) ? entry[1] : entry);
    parts = parts.flatMap((part) => {
      const cut = [];
      let at = 0;
      for (const match of part.matchAll(regex)) {
        if (match.index > at) cut.push(part.slice(at, match.index));
        if (match[0] !== "") cut.push(match[0]);
        at = match.index + match[0].length;
      }
      if (at < part.length) cut.push(part.slice(at));
      return cut;
    });
  }
  return parts;
}

export const asInFiles = Object.fromEntries(
  Object.entries(splitters).map(([name, list]) => [name, list.map((entry) => (Array.isArray(entry) ? entry[0] : entry))]),
);
