package dev.akvavit.claims;

import dev.akvavit.claims.Verdict.Ruling;
import dev.akvavit.report.Chart;
import dev.akvavit.report.Page;
import dev.akvavit.report.Part;
import dev.akvavit.report.Phrase;
import dev.akvavit.report.Phrase.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Efficient attention told to a newcomer: each mechanism in three sentences with its measured
 * curve, and the claims about all of them with their verdicts.
 */
public final class Story {
  private final Laboratory lab;
  private final StoryCharts charts;
  private final List<Checked> checked;
  private final List<Part> parts = new ArrayList<>();

  private Story(Laboratory lab, List<Checked> checked) {
    this.lab = lab;
    charts = new StoryCharts(lab);
    this.checked = checked;
  }

  /**
   * The page; measures what the checked claims did not.
   *
   * @param checked claims to show, in order
   * @param circumstances machine, version and date, for the foot of the page
   */
  public static Page page(Laboratory lab, List<Checked> checked, String circumstances) {
    return new Story(lab, checked).page(circumstances);
  }

  private Page page(String circumstances) {
    multiHead();
    multiQuery();
    grouped();
    latent();
    sparse();
    experts();
    claims();
    return new Page(
        "Efficient attention, told and checked",
        Phrase.of(
            "A language model looks back at every token it has read, each time it writes one."
                + " This is the story of making that look cheaper, with curves measured by this"
                + " program, and what is claimed of it, checked."),
        parts,
        Phrase.of(
            String.format(
                Locale.ROOT,
                "%s Timed repetitions differ by %.0f %%.",
                circumstances,
                100 * lab.spread())));
  }

  private void multiHead() {
    section(
        "mha",
        "MHA: every head remembers for itself",
        "Attention compares what a token asks (its query) with what every earlier token offers (its"
            + " key), and takes from each a share of what it holds (its value).",
        "Multi-head attention does this many times side by side, and keeps the keys and values of"
            + " every head in a cache, because computing them again for each new token would cost"
            + " as much as reading the whole text again.",
        "So the cache buys time with memory, and the rest of this story is about that memory.",
        charts.caching());
  }

  private void multiQuery() {
    section(
        "mqa",
        "MQA: one memory for all heads",
        "Multi-query attention (Shazeer 2019) keeps the many queries but gives them one key and one"
            + " value to share.",
        "The cache shrinks by the number of heads, and so do the bytes that each new token has to"
            + " read.",
        "The price is quality: published ablations show losses that are not small, so few models"
            + " went this far.",
        charts.cacheSizes());
  }

  private void grouped() {
    section(
        "gqa",
        "GQA: a memory for each group of heads",
        "Grouped-query attention (Ainslie et al. 2023) lets a few heads share a key and a value:"
            + " with as many groups as heads it is MHA, with one it is MQA.",
        "Most models of today use eight groups, between the memory of one and the quality of the"
            + " other.",
        "How many times smaller the cache becomes is heads divided by groups, not a number of its"
            + " own.",
        charts.decoding(
            "A token's time against the context: fewer keys, less to read",
            AttentionSweep.MHA,
            AttentionSweep.MQA,
            AttentionSweep.GQA));
  }

  private void latent() {
    section(
        "mla",
        "MLA: remember the cause, not the effects",
        "Multi-head latent attention (DeepSeek-V2, 2024) caches one short latent vector a token,"
            + " from which the keys and values of all heads could be computed.",
        "They never are: the matrices that would do it are absorbed into the query and the output,"
            + " which is exact, as long as the part that carries position stays apart.",
        "Every cached number is used by all heads, so it reads little and computes much: more than"
            + " a hundred operations for each byte in V3.",
        charts.decoding(
            "A token's time against the context: the latent beside keys and values",
            AttentionSweep.MHA,
            AttentionSweep.GQA,
            AttentionSweep.MLA));
    parts.add(new Part.Figure(charts.energy()));
  }

  private void sparse() {
    section(
        "dsa",
        "DSA: look where it matters",
        "DeepSeek sparse attention (V3.2, 2025) lets a small indexer score all earlier tokens and"
            + " gives attention only the best 2,048 of them.",
        "The attention itself then costs the same at any length, while the index still grows with"
            + " it, only much more slowly.",
        "Nothing is forgotten: every latent stays in the cache and index keys are added, so it"
            + " saves time, not memory.",
        charts.decoding(
            "A token's time against the context: all tokens, or the best of them",
            AttentionSweep.MLA,
            AttentionSweep.DSA));
    parts.add(new Part.Figure(charts.sparseGain()));
    parts.add(
        new Part.Paragraph(
            Phrase.of(
                "The index keeps its keys in eight bits. A Hadamard transform before rounding"
                    + " spreads large values over all channels; whether it helps depends on the"
                    + " format.")));
    parts.add(new Part.Figure(charts.overlaps()));
  }

  private void experts() {
    section(
        "moe",
        "MoE: many experts, few at work",
        "The other half of a layer is its feed-forward, and a mixture of experts splits it into"
            + " many small ones of which a router calls a few for each token.",
        "A token then costs only what the called ones cost, while memory must hold them all.",
        "Trained together they divide the work: code and comments call different experts.",
        charts.parameters());
    parts.add(new Part.Figure(charts.experts()));
  }

  private void section(
      String id, String title, String what, String how, String price, Chart curve) {
    parts.add(new Part.Heading(2, id, title));
    parts.add(new Part.Paragraph(Phrase.of(what + " " + how + " " + price)));
    parts.add(new Part.Figure(curve));
  }

  private void claims() {
    parts.add(new Part.Heading(2, "claims", "What is claimed, and what is so"));
    parts.add(
        new Part.Paragraph(
            Phrase.of(
                "A verdict follows from comparing the published figure with ours: right when all"
                    + " cases agree, wrong when none does. What runs here only in small, or only"
                    + " training can show, is not judged.")));
    for (Topic topic : Topic.values()) {
      List<Part.Row> rows =
          checked.stream().filter(c -> c.topic().equals(topic.id())).map(Story::row).toList();
      if (!rows.isEmpty()) {
        parts.add(new Part.Heading(3, topic.id(), topic.title()));
        parts.add(new Part.Table("", columns(), rows, Part.Narrow.STACK));
      }
    }
  }

  private static List<Part.Column> columns() {
    return List.of(
        new Part.Column("Claim", false),
        new Part.Column("Published", false),
        new Part.Column("Ours", false),
        new Part.Column("Verdict", false));
  }

  private static Part.Row row(Checked c) {
    String against = c.baseline().equals("–") ? "" : ", against " + c.baseline();
    return new Part.Row(
        c.id(),
        List.of(
            Phrase.of(c.claim()),
            Phrase.NONE.strong(c.published()).styled(Style.SOFT, " " + c.source() + against),
            Phrase.NONE
                .strong(c.value().equals("–") ? "" : c.value() + " ")
                .styled(Style.SOFT, c.how()),
            Phrase.NONE
                .styled(style(c.ruling()), c.ruling().toString())
                .then(c.verdict().substring(c.ruling().toString().length()))),
        false);
  }

  private static Style style(Ruling ruling) {
    return switch (ruling) {
      case RIGHT -> Style.GOOD;
      case WRONG -> Style.BAD;
      case RIGHT_ONLY_FOR -> Style.CAUTION;
      case NOT_REPRODUCIBLE_HERE, CITED_ONLY -> Style.SOFT;
    };
  }
}
