package dev.akvavit.text;

import dev.akvavit.text.split.Pieces;
import dev.akvavit.text.split.Splitter;
import java.util.List;

/**
 * Byte pair encoding, byte-level (GPT-2, Llama 3, Qwen, DeepSeek) or SentencePiece-style (Llama 2,
 * Mistral).
 *
 * <p>The steps: control tokens are found in what the template wrote; the text between them is
 * rewritten, cut into words, and each word's symbols are merged. Time is n log n in the longest
 * word and linear in everything else. May be shared by threads.
 *
 * <p>Sources: Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units"
 * (2016), section 3.2; Hugging Face's {@code tokenizer.json} for the order of the steps. {@code
 * clean_up_tokenization_spaces} is ignored on purpose: it makes decoding depend on where the ids
 * are split.
 */
public final class Tokenizer {
  private final TokenizerDefinition definition;
  private final Vocabulary vocabulary;
  private final AddedTokens added;
  private final MergeTable merges;
  private final int[] byteIds;
  private final int longestTokenBytes;

  /**
   * Builds the machine.
   *
   * @throws dev.akvavit.core.MalformedFileException if ids or merges contradict each other
   */
  public Tokenizer(TokenizerDefinition definition) {
    this.definition = definition;
    vocabulary = new Vocabulary(definition);
    added = new AddedTokens(definition.added(), vocabulary);
    merges = new MergeTable(definition.merges(), vocabulary);
    checkAffixes(definition.roles().before());
    checkAffixes(definition.roles().after());
    byteIds = WordEncoder.byteIds(vocabulary, definition.symbols());
    int longest = 1;
    for (int id = 0; id < vocabulary.count(); id++) {
      longest = Math.max(longest, vocabulary.bytes(id).length);
    }
    longestTokenBytes = longest;
  }

  private void checkAffixes(List<Integer> ids) {
    for (int id : ids) {
      if (vocabulary.token(id).isEmpty()) {
        throw vocabulary.malformed("post_processor", "id " + id, "ids of tokens");
      }
    }
  }

  /** Tokens of a prompt, nothing added: a chat template writes its own begin token. */
  public int[] encode(Prompt prompt) {
    IntList ids = new IntList();
    append(prompt, ids);
    return ids.toArray();
  }

  /**
   * Tokens of a prompt as a document: with the begin and end tokens the model expects around one.
   */
  public int[] encodeDocument(Prompt prompt) {
    IntList ids = new IntList();
    definition.roles().before().forEach(ids::add);
    append(prompt, ids);
    definition.roles().after().forEach(ids::add);
    return ids.toArray();
  }

  /**
   * Tokens of a text.
   *
   * @param withSpecials true: the text is trusted, control tokens spelled in it are meant, and it
   *     is a document as in {@link #encodeDocument}; false: it is content and only content
   */
  public int[] encode(String text, boolean withSpecials) {
    return withSpecials ? encodeDocument(Prompt.template(text)) : encode(Prompt.content(text));
  }

  /**
   * {@code before begin prefix hole suffix end}; the suffix goes on in mid-text, so nothing is put
   * in front of it.
   */
  int[] fillIn(FimTokens fim, String prefix, String suffix) {
    IntList ids = new IntList();
    definition.roles().before().forEach(ids::add);
    ids.add(fim.begin());
    append(Prompt.content(prefix), ids);
    ids.add(fim.hole());
    appendPieces(rewritten(suffix, false, true), words(), ids);
    ids.add(fim.end());
    return ids.toArray();
  }

  /** Text of tokens. Bytes that are no UTF-8 become U+FFFD. */
  public String decode(int[] ids, boolean skipSpecials) {
    Detokenizer detokenizer = detokenizer(skipSpecials);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(detokenizer.append(id));
    }
    return text.append(detokenizer.flush()).toString();
  }

  /** A fresh incremental decoder. */
  public Detokenizer detokenizer(boolean skipSpecials) {
    return new Detokenizer(this, skipSpecials, definition.dropLeadingSpace());
  }

  /** One more than the highest id; a model's vocabulary may be padded beyond it. */
  public int vocabularySize() {
    return vocabulary.count();
  }

  /** The id of a token by its spelling in the file, or -1. */
  public int id(String token) {
    return vocabulary.id(token);
  }

  /** The spelling in the file; empty for an id without a token. */
  public String token(int id) {
    return vocabulary.token(id);
  }

  /** The bytes a token stands for; none for an id without a token. */
  public byte[] bytes(int id) {
    return vocabulary.bytes(id).clone();
  }

  /**
   * Whether the file marks the token as special: {@code skipSpecials} leaves it out of the text.
   */
  public boolean special(int id) {
    return vocabulary.special(id);
  }

  /**
   * Whether content never becomes this token: a special one, or one in brackets such as {@code
   * <think>}, which files leave unmarked so that it shows in decoded text.
   */
  public boolean control(int id) {
    return vocabulary.control(id);
  }

  /** The id of the begin token, or -1. */
  public int bos() {
    return definition.roles().bos();
  }

  /** The id of the end token, or -1. */
  public int eos() {
    return definition.roles().eos();
  }

  /** The id of the padding token, or -1. */
  public int pad() {
    return definition.roles().pad();
  }

  /**
   * The most bytes a token stands for: a text of n bytes has at least n / this tokens, counted
   * after Unicode normalization where the tokenizer asks for it.
   */
  public int longestTokenBytes() {
    return longestTokenBytes;
  }

  TokenizerDefinition definition() {
    return definition;
  }

  byte[] sharedBytes(int id) {
    return vocabulary.bytes(id);
  }

  /** Appends a prompt's tokens; returns the heap moves made, which a test holds against n log n. */
  long append(Prompt prompt, IntList ids) {
    WordEncoder words = words();
    AddedTokens.Search search = added.search(prompt);
    int from = 0;
    while (search.next()) {
      String segment = search.text().substring(from, search.start());
      appendPieces(rewritten(segment, from == 0, false), words, ids);
      ids.add(search.id());
      from = search.end();
    }
    appendPieces(rewritten(search.text().substring(from), from == 0, false), words, ids);
    return words.steps();
  }

  private WordEncoder words() {
    return new WordEncoder(vocabulary, definition, byteIds, merges);
  }

  /** A segment after all rewrites; one in mid-text gets no prefix. */
  private String rewritten(String segment, boolean first, boolean midText) {
    String text = segment;
    for (Rewrite rewrite : definition.rewrites()) {
      boolean prefix = rewrite instanceof Rewrite.Prepend || rewrite instanceof Rewrite.Lead;
      if (!text.isEmpty() && !(midText && prefix)) {
        text = rewrite.apply(text, first);
      }
    }
    return text;
  }

  private void appendPieces(String text, WordEncoder words, IntList ids) {
    Pieces pieces = Pieces.whole(text.length());
    for (Splitter splitter : definition.splitters()) {
      pieces = pieces.refine(text, splitter);
    }
    for (int i = 0; i < pieces.count(); i++) {
      words.encode(text, pieces.start(i), pieces.end(i), ids);
    }
  }
}
