// The texts of the goldens: some by hand, some mixed by a seeded generator.

export const written = [
  "", " ", "  ", "   ", "\n", "\n\n", "\r\n", "\r\n\r\n", "\t", "\t\t x", " \n \n ", "a", " a", "a ", " a ", "Hello world",
  "Hello, world!", "hello world   again", "It's, it'S; I'LL we've you're they'd I'm can't 's 't 'll", "'tis the 'season",
  "don’t ‘curly’ “quotes”", "DON'T SHOUT, HE'D SAY", "The quick brown fox jumps over the lazy dog.",
  "1", "12", "123", "1234", "12345", "1234567890", "3.14159", "1,000,000", "v1.2.3-rc4", "0xDEADBEEF 0b1010 1e-9", "٣٤٥ १२३ 一二三",
  "½ ² ③ Ⅷ", "x1y22z333", "2026-11-22T05:22:27Z", "if (x == 1) {\n    return y;\n}\n", "for (int i = 0; i < n; i++) {\n\tsum += a[i];\n}\n",
  "def f(x):\n    return x ** 2\n\n\nclass A:\n    pass\n", "public static void main(String[] args) {\n    System.out.println(\"Hi\");\n}",
  "SELECT * FROM t WHERE a >= 10 AND b != 'x';", "<div class=\"a\">&nbsp;text</div>", "{\"key\": [1, 2.5, null, true], \"é\": \"ü\"}",
  "#include <stdio.h>\n#define MAX(a,b) ((a)>(b)?(a):(b))\n", "https://example.org/path?q=a%20b&c=d#frag", "user.name+tag@example.co.uk",
  "C:\\Users\\me\\file.txt", "$HOME/bin:$PATH && echo \"$?\" | grep -v '^#'", "a+b-c*d/e%f^g&h|i~j!k", "((((()))))", "!!!???...", "----====____", ">>>>>>>", "\\\\\\n",
  "snake_case camelCase PascalCase SCREAMING_CASE kebab-case", "_leading __dunder__ trailing_", "日本語のテキスト", "中文文本，标点。", "한국어 텍스트",
  "日本語とEnglishの混在text。数字123も", "你好，world！123", "ひらがなカタカナ漢字", "ｆｕｌｌｗｉｄｔｈ　１２３", "Füße groß STRASSE ẞ", "naïve café résumé", "cafe\u0301 re\u0301sume\u0301", "ÀÉÎÕÜ àéîõü",
  "Ελληνικά γράμματα", "Русский текст, ёлка", "עברית טקסט", "نص عربي مع تشكيلٌ", "हिन्दी पाठ क्षत्रिय", "ไทยข้อความ", "தமிழ் உரை", "ქართული", "Հայերեն", "አማርኛ", "ភាសាខ្មែរ", "မြန်မာ", "Tiếng Việt có dấu", "Türkçe ıİiI",
  "😀", "😀😃😄", "👨‍👩‍👧‍👦 family", "👍🏽 thumbs", "🇩🇪🇫🇷 flags", "❤️ ☀︎", "a😀b", "e\u0301\u0302\u0303", "\u200d\u200d", "zero\u200bwidth\u200djoiner", "\u00a0nbsp\u00a0", "\u3000ideographic\u3000space",
  "tab\tseparated\tvalues\n1\t2\t3", "mixed\r\nnewlines\nand\rcarriage\r\n\n", "trailing spaces   \n   leading", "\n\n\n\nfour", "text\n\n\nmore", "  indented\n    more\n\tand tab", "a\n b\n  c\n   d", " \t \n\t ",
  "…ellipsis—dash–en", "«guillemets» „Gänsefüßchen“", "100% €50 £20 ¥1000 ₹99", "±5° 10µm x² H₂O", "∀x∈ℝ: x²≥0 ⇒ √x", "→ ← ↑ ↓ ⇔", "░▒▓█ ┌─┐│└┘", "α+β=γ", "™®©", "A.B.C.", "e.g., i.e., etc.", "Mr. O'Neil's",
  "The year 1999, 2000's and '90s.", "word1word2", "1st 2nd 3rd 4th", "  -- option", "* bullet\n- dash\n1. one\n", "# Title\n\n## Sub\n\nText **bold** _it_ `code`\n\n```java\nint x;\n```\n",
  "| a | b |\n|---|---|\n| 1 | 2 |\n", "\u0000\u0001\u0002", "\u001b[31mred\u001b[0m", "\ufffd", "\ufb01ligature ﬃ", "\u212bngstrom \u2126", "ǅ ǈ", "\u1e9b\u0323", "\uac00\u1100\u1161", "supercalifragilisticexpialidocious", "antidisestablishmentarianism",
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "abababababababababababab", "..........", "                                ", "\n\n\n\n\n\n\n\n", "0000000000000000", "\t\t\t\t\t\t\t\t", "=-=-=-=-=-=-=-=-", "lorem ipsum dolor sit amet, consectetur adipiscing elit",
  "@Override\npublic int hashCode() {\n  return 31 * x + y;\n}\n", "List<Map<String, ? extends T>> xs = new ArrayList<>();", "/** Javadoc {@code x}. */", "// TODO(me): 2 things\r\n", "a ? b : c;", "x->y::z<<=3>>>2", "let s = `t ${v}`;", "fn main() -> Result<(), Box<dyn E>> {}", "print(f\"{x!r:>10}\")",
  "!a @b #c $d %e ^f &g *h (i )j _k +l =m {n }o |p :q ;r \"s 't <u >v ,w .x ?y /z ~0 `1", "-abc", ".method()", "#hashtag @mention", "\"quoted\"", "'single'", " .5 ,6", "!\n?\n\n.\r\n", "word.\n\nNext", "end!\r\n\r\nNext", ")\n}", ");\n\n\n", "a,\nb,\nc",
  "<s>", "</s> text", "<unk>", "<|endoftext|>", "<|im_start|>user\nhi<|im_end|>", "<|begin_of_text|>a<|eot_id|>", "<｜begin▁of▁sentence｜>hi<｜User｜>x<｜Assistant｜>", "<think>hm</think>", "<tool_call>\n{}\n</tool_call>", "a<|im_end|>b", " <|im_end|> ", "<|not_a_token|>", "<｜fim▁begin｜>a<｜fim▁hole｜>b<｜fim▁end｜>", "▁▁ lower one eighth ▁", "<0x0A>",
];

const pools = [
  "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "    ", "\n\r\t ", ".,;:!?'\"()[]{}<>", "+-*/=%&|^~#$@_\\`",
  "àéîõüßçñøåæœ", "αβγδωЖдёшщ", "日本語中文漢字仮名", "ひらがなカタカナ", "한국어글자", "אבגدهو", "हिन्दीกขค", "😀👍🏽🎉❤️👩‍💻", "\u0301\u0308\u200d\u00a0\u3000\u2028", "½²③Ⅷ٣", "'s't're'VE'm'll'D",
].map((pool) => [...pool]);

export function mixed(count, seed) {
  let state = BigInt(seed);
  const next = (n) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number((state >> 33n) % BigInt(n));
  };
  const texts = [];
  for (let i = 0; i < count; i++) {
    let text = "";
    const runs = 1 + next(9);
    for (let r = 0; r < runs; r++) {
      const pool = pools[next(pools.length)];
      const length = 1 + next(6);
      for (let c = 0; c < length; c++) text += pool[next(pool.length)];
      if (next(3) === 0) text += " ";
    }
    texts.push(text);
  }
  return texts;
}
