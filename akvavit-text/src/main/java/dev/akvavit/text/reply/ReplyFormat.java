package dev.akvavit.text.reply;

import dev.akvavit.text.Prompt;
import dev.akvavit.text.Prompt.Origin;
import dev.akvavit.text.Prompt.Span;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.template.ChatEncoder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * How a model marks its reasoning and its calls of tools, found out from its chat template and
 * vocabulary. One for each model, shared by threads.
 *
 * <pre>{@code
 * ReplyFormat format = ReplyFormat.of(encoder, tokenizer);
 * ReplyParser parser = format.parser(format.opensThought(prompt), tools);
 * for (TextPiece piece : generation) {
 *   parser.accept(piece.id(), piece.text(), events);
 * }
 * parser.end(events);
 * }</pre>
 *
 * <p>Families: {@code <think>} or {@code [THINK]}; tools as Hermes and Qwen, Qwen3-Coder, GLM 4.5,
 * Llama 3.1, Mistral, DeepSeek V3, R1, V3.1, V3.2 and V4 write them.
 */
public final class ReplyFormat {
  private static final String LETTERS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  private static final int ID = 9;

  private final ToolSyntax syntax;
  private final boolean knowsTools;
  private final boolean reasons;
  private final String open;
  private final String close;
  private final int closeId;
  private final Map<Integer, String> skipped = new HashMap<>();

  private ReplyFormat(String template, boolean knowsTools, Tokenizer tokenizer) {
    this.knowsTools = knowsTools;
    syntax = ToolSyntax.of(template);
    boolean brackets = template.contains("[/THINK]") || tokenizer.id("[/THINK]") >= 0;
    open = brackets ? "[THINK]" : "<think>";
    close = brackets ? "[/THINK]" : "</think>";
    closeId = tokenizer.id(close);
    reasons = template.contains(close) || closeId >= 0;
    for (String marker : ToolSyntax.MARKERS) {
      int id = tokenizer.id(marker);
      if (id >= 0 && tokenizer.special(id)) {
        skipped.put(id, marker);
      }
    }
  }

  /** The format of a model. */
  public static ReplyFormat of(ChatEncoder encoder, Tokenizer tokenizer) {
    return new ReplyFormat(encoder.source(), encoder.tools(), tokenizer);
  }

  /** Whether the model may think before it answers. */
  public boolean reasons() {
    return reasons;
  }

  /**
   * Whether the model can be told of tools and its calls be read; if not, a request with tools is
   * to be refused.
   */
  public boolean callsTools() {
    return knowsTools && syntax != ToolSyntax.NONE;
  }

  /**
   * The id of the token that ends reasoning, or -1: for {@code StructuredOutput.constraintAfter}
   * when {@link #opensThought} says that thinking comes first.
   */
  public int thoughtEnd() {
    return closeId;
  }

  /** Whether a prompt ends within reasoning that its template began. */
  public boolean opensThought(Prompt prompt) {
    List<Span> spans = prompt.spans();
    if (!reasons || spans.isEmpty() || spans.getLast().origin() != Origin.TEMPLATE) {
      return false;
    }
    return spans.getLast().text().stripTrailing().endsWith(open);
  }

  /**
   * A parser for one answer.
   *
   * @param insideThought whether the answer begins within reasoning, as {@link #opensThought} tells
   * @param tools that the request offers, as the OpenAI API spells them; without any, calls are not
   *     looked for
   */
  public ReplyParser parser(boolean insideThought, List<?> tools) {
    return parser(insideThought, tools, RandomGenerator.getDefault());
  }

  ReplyParser parser(boolean insideThought, List<?> tools, RandomGenerator random) {
    return new ReplyParser(this, insideThought, tools, () -> id(random));
  }

  private static String id(RandomGenerator random) {
    StringBuilder id = new StringBuilder(ID);
    for (int i = 0; i < ID; i++) {
      id.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return id.toString();
  }

  ToolSyntax syntax() {
    return syntax;
  }

  String open() {
    return open;
  }

  String close() {
    return close;
  }

  /** The spelling of a special token that detokenizers skip but this format needs; else empty. */
  String spelling(int id) {
    return skipped.getOrDefault(id, "");
  }
}
