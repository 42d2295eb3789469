package dev.akvavit.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class PageTest {

  @Test
  void needsNothingButItself() throws Exception {
    Document page = parse(page("title", Charts.lines()).html());
    for (String element :
        List.of("script", "link", "img", "iframe", "object", "embed", "base", "form")) {
      assertThat(page.getElementsByTagName(element).getLength()).as(element).isZero();
    }
    String html = page("title", Charts.lines()).html();
    assertThat(html.replace("http://www.w3.org/2000/svg", ""))
        .doesNotContain("http:", "url(http", "@import");
    assertThat(html).contains("default-src 'none'".replace("'", "&#39;"));
  }

  @Test
  void hostileTextStaysTextEverywhere() throws Exception {
    String bad = Charts.HOSTILE;
    Page page =
        new Page(
            bad,
            Phrase.of(bad).strong(bad).code(bad).link(bad, "#a"),
            List.of(
                new Part.Heading(2, "a", bad),
                new Part.Paragraph(Phrase.of(bad)),
                new Part.Note(Phrase.of(bad).styled(Phrase.Style.BAD, bad)),
                new Part.Points(List.of(Phrase.of(bad))),
                new Part.Listing(bad),
                new Part.Figure(Charts.lines(bad, bad, "b")),
                new Part.Figure(Charts.bars(bad, bad)),
                new Part.Definitions(
                    List.of(new Part.Definition("d", Phrase.of(bad), Phrase.of(bad)))),
                new Part.Table(
                    bad,
                    List.of(new Part.Column(bad, false), new Part.Column(bad, true)),
                    List.of(new Part.Row("r", List.of(Phrase.of(bad), Phrase.of(bad)), true)),
                    Part.Narrow.STACK)),
            Phrase.of(bad));
    Document html = parse(page.html());
    assertThat(html.getElementsByTagName("script").getLength()).isZero();
    assertThat(html.getElementsByTagName("h1").item(0).getTextContent())
        .contains("<script>alert(1)</script>");
    assertThat(attributesStartingWithOn(html)).isZero();
  }

  @Test
  void aLinkLeadsNowhereThatABrowserWouldRun() {
    for (String target :
        List.of(
            "javascript:alert(1)", "data:text/html,x", "http://a", "#a b", "//x", "file:///x")) {
      assertThatThrownBy(() -> Phrase.NONE.link("x", target))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("allowed: #fragment or https://");
    }
  }

  @Test
  void idsAreUniqueAndLinksWithinThePageAreMet() throws Exception {
    Page page =
        new Page(
            "t",
            Phrase.of("see ").link("memory", "#memory"),
            List.of(
                new Part.Heading(2, "memory", "Memory"),
                new Part.Figure(Charts.bars()),
                new Part.Figure(Charts.lines())),
            Phrase.NONE);
    Document html = parse(page.html());
    List<String> ids = attributes(html, "id");
    assertThat(ids).contains("memory").doesNotHaveDuplicates();
    for (String href : attributes(html, "href")) {
      assertThat(ids).contains(href.substring(1));
    }
  }

  @Test
  void aChartBringsItsFiguresAsATable() throws Exception {
    Document html = parse(page("t", Charts.lines()).html());
    Element details = (Element) html.getElementsByTagName("details").item(0);
    assertThat(details.getElementsByTagName("tr").getLength()).isEqualTo(1 + 3);
    assertThat(details.getTextContent()).contains("32K", "2.14 GiB", "122 GiB", "MLA", "MHA");
    assertThat(
            parse(page("t", Charts.bars()).html())
                .getElementsByTagName("details")
                .item(0)
                .getTextContent())
        .contains("128x", "57x", "derived");
  }

  @Test
  void manySectionsGetAListOfContents() throws Exception {
    List<Part> parts =
        List.of("a", "b", "c", "d").stream()
            .map(id -> (Part) new Part.Heading(2, id, "Section " + id))
            .toList();
    Document html = parse(new Page("t", Phrase.NONE, parts, Phrase.NONE).html());
    assertThat(html.getElementsByTagName("nav").item(0).getTextContent()).contains("Section d");
    assertThat(parse(page("t", Charts.lines()).html()).getElementsByTagName("nav").getLength())
        .isZero();
  }

  @Test
  void aRowHasACellForEachColumn() {
    assertThatThrownBy(() ->
            new Part.Table(
                "c",
                List.of(new Part.Column("a", false)),
                List.of(new Part.Row(List.of(Phrase.of("1"), Phrase.of("2")))),
                Part.Narrow.SCROLL))
        .hasMessageContaining("found a row of 2 cells, allowed: 1");
    assertThatThrownBy(() -> new Part.Heading(2, "a b", "t")).hasMessageContaining("id: found a b");
    assertThatThrownBy(() -> new Part.Heading(1, "a", "t")).hasMessageContaining("allowed: 2, 3");
  }

  private static Page page(String title, Chart chart) {
    return new Page(title, Phrase.of("lead"), List.of(new Part.Figure(chart)), Phrase.of("end"));
  }

  /** The pages are well-formed XML but for the doctype, which a parser of XML takes too. */
  private static Document parse(String html) throws Exception {
    assertThat(html).startsWith("<!doctype html>");
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(
            new InputSource(new StringReader(html.substring("<!doctype html>".length()).strip())));
  }

  private static List<String> attributes(Document html, String name) {
    NodeList all = html.getElementsByTagName("*");
    return IntStream.range(0, all.getLength())
        .mapToObj(i -> ((Element) all.item(i)).getAttribute(name))
        .filter(a -> !a.isEmpty())
        .toList();
  }

  private static long attributesStartingWithOn(Document html) {
    NodeList all = html.getElementsByTagName("*");
    long found = 0;
    for (int i = 0; i < all.getLength(); i++) {
      for (int a = 0; a < all.item(i).getAttributes().getLength(); a++) {
        found += all.item(i).getAttributes().item(a).getNodeName().startsWith("on") ? 1 : 0;
      }
    }
    return found;
  }
}
