package dev.akvavit.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class SvgChartTest {

  @Test
  void whoDoesNotSeeItHearsTitleAndDescription() throws Exception {
    Element svg = all(parse(SvgChart.file(Charts.lines())).getDocumentElement(), "svg").getFirst();
    assertThat(svg.getAttribute("role")).isEqualTo("img");
    List<String> named = List.of(svg.getAttribute("aria-labelledby").split(" "));
    assertThat(all(svg, "title").getFirst().getTextContent()).isEqualTo("cache against context");
    assertThat(all(svg, "desc").getFirst().getTextContent()).isEqualTo("what one user leaves");
    assertThat(named)
        .containsExactly(
            all(svg, "title").getFirst().getAttribute("id"),
            all(svg, "desc").getFirst().getAttribute("id"));
  }

  @Test
  void linesDifferWithoutColour() throws Exception {
    Element svg = parse(SvgChart.file(Charts.lines())).getDocumentElement();
    List<Element> lines =
        all(svg, "path").stream().filter(p -> p.getAttribute("class").equals("line")).toList();
    List<Element> marks =
        all(svg, "path").stream().filter(p -> p.getAttribute("class").equals("mark")).toList();
    assertThat(lines.stream().map(l -> l.getAttribute("stroke-dasharray")).distinct()).hasSize(2);
    assertThat(marks.stream().map(m -> m.getAttribute("d")).distinct()).hasSize(2);
    assertThat(marks.stream().map(Element::getTextContent))
        .contains("MLA: 2.14 GiB at 32K", "MHA: 122 GiB at 32K");
  }

  @Test
  void barsDifferWithoutColourAndSayTheirValues() throws Exception {
    Element svg = parse(SvgChart.file(Charts.bars())).getDocumentElement();
    List<String> fills =
        all(svg, "rect").stream()
            .map(r -> r.getAttribute("fill"))
            .filter(f -> !f.isEmpty())
            .toList();
    assertThat(fills).contains("currentColor", "url(#chart1-hatch1)");
    assertThat(all(svg, "pattern").getFirst().getAttribute("id")).isEqualTo("chart1-hatch1");
    assertThat(texts(svg)).contains("128x", "57x", "-", "MQA", "source", "derived");
  }

  @Test
  void severalStandUnderEachOther() throws Exception {
    Element svg = parse(SvgChart.file(List.of(Charts.lines(), Charts.bars()))).getDocumentElement();
    List<Element> charts = all(svg, "svg");
    assertThat(charts).hasSize(2);
    double end = number(charts.get(0), "y") + number(charts.get(0), "height");
    assertThat(number(charts.get(1), "y")).isGreaterThan(end);
    assertThat(number(svg, "height"))
        .isGreaterThan(number(charts.get(1), "y") + number(charts.get(1), "height"));
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  @Test
  void followsLightAndDark() {
    assertThat(SvgChart.file(Charts.lines())).contains("prefers-color-scheme: dark");
  }

  @Test
  void aValueWithoutAPlaceIsAGap() throws Exception {
    LineChart chart =
        new LineChart(
            "",
            "",
            Axis.linear("x", Unit.NUMBER),
            Axis.log("y", Unit.NUMBER),
            List.of(
                new LineChart.Line(
                    "a",
                    List.of(
                        new LineChart.Point(1, 1),
                        new LineChart.Point(2, 10),
                        new LineChart.Point(3, 0),
                        new LineChart.Point(4, Double.NaN),
                        new LineChart.Point(5, 10)))));
    String path =
        all(parse(SvgChart.file(chart)).getDocumentElement(), "path").getFirst().getAttribute("d");
    assertThat(path).matches("M[\\d. ]+L[\\d. ]+M[\\d. ]+");
  }

  @Test
  void hostileTextStaysText() throws Exception {
    for (Chart chart :
        List.of(
            Charts.lines(Charts.HOSTILE, Charts.HOSTILE, "b"),
            Charts.bars(Charts.HOSTILE, Charts.HOSTILE))) {
      Document svg = parse(SvgChart.file(chart)); // throws unless well-formed
      assertThat(all(svg.getDocumentElement(), "script")).isEmpty();
      assertThat(all(svg.getDocumentElement(), "title").getFirst().getTextContent())
          .contains("<script>alert(1)</script>")
          .contains("\ufffd")
          .contains("漢字");
    }
  }

  @Test
  void anEmptyChartIsStillOne() throws Exception {
    LineChart none =
        new LineChart(
            "none", "", Axis.log("x", Unit.TOKENS), Axis.linear("y", Unit.BYTES), List.of());
    assertThat(parse(SvgChart.file(none))).isNotNull();
  }

  @Test
  void aGroupHasAValueForEachCategory() {
    assertThatThrownBy(() ->
            new BarChart(
                "t",
                "",
                Axis.linear("", Unit.NUMBER),
                List.of("a", "b"),
                List.of(new BarChart.Group("g", List.of(1.0)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found 1 values, allowed: one a category, 2");
  }

  private static Document parse(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  private static List<Element> all(Element in, String name) {
    NodeList found = in.getElementsByTagName(name);
    List<Element> all = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      all.add((Element) found.item(i));
    }
    return all;
  }

  private static List<String> texts(Element svg) {
    return all(svg, "text").stream().map(Element::getTextContent).toList();
  }
}
