package dev.akvavit.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class PngChartTest {

  @Test
  void chartsStandUnderEachOther() throws Exception {
    BufferedImage one = image(List.of(Charts.lines()));
    BufferedImage two = image(List.of(Charts.lines(), Charts.bars()));
    assertThat(two.getWidth()).isEqualTo(one.getWidth()).isGreaterThan(800);
    assertThat(two.getHeight()).isEqualTo(2 * one.getHeight());
    assertThat(colours(two, one.getHeight(), two.getHeight())).contains(0xFF0A5FB4, 0xFFB8440B);
    assertThat(colours(one, 0, one.getHeight())).contains(0xFF0A5FB4, 0xFFB8440B, 0xFFFFFFFF);
  }

  @Test
  void namesMayRepeatAndBeHostile() throws Exception {
    LineChart same = Charts.lines("", "a", "a");
    LineChart empty = Charts.lines(Charts.HOSTILE, "", Charts.HOSTILE);
    assertThat(image(List.of(same, empty, Charts.bars("", "MLA")))).isNotNull();
  }

  @Test
  void aChartWithoutPointsIsDrawn() throws Exception {
    LineChart none =
        new LineChart(
            "none",
            "",
            Axis.log("x", Unit.TOKENS),
            Axis.log("y", Unit.NUMBER),
            List.of(new LineChart.Line("a", List.of(new LineChart.Point(1, Double.NaN)))));
    assertThat(image(List.of(none))).isNotNull();
  }

  private static BufferedImage image(List<Chart> charts) throws Exception {
    byte[] png;
    try {
      png = PngChart.of(charts);
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageContaining("PNG needs fonts");
      Assumptions.abort("this system has no fonts");
      throw e;
    }
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  private static List<Integer> colours(BufferedImage image, int from, int to) {
    return IntStream.range(from, to)
        .flatMap(y -> IntStream.range(0, image.getWidth()).map(x -> image.getRGB(x, y)))
        .distinct()
        .boxed()
        .toList();
  }
}
