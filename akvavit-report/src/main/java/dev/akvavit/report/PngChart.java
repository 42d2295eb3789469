package dev.akvavit.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.DoubleStream;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.HorizontalBarChart;
import org.knowm.xchart.HorizontalBarChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Draws charts as PNG by XChart, for places that take no SVG. No screen is needed, but fonts are.
 * XChart puts ticks at decimal numbers: logarithmic axes are drawn as linear ones of the logarithm,
 * bytes and tokens in their larger units.
 */
public final class PngChart {
  private static final int WIDTH = 1200;
  private static final int HEIGHT = 700;
  private static final Color INK = new Color(0x1b2026);
  private static final Color GRID = new Color(0xe1e5ea);

  /** Those of the style sheet on white paper. */
  private static final Color[] COLOURS = {
    new Color(0x0a5fb4), new Color(0xb8440b), new Color(0x00745a), new Color(0x86359b),
    new Color(0x7d6100), new Color(0xbd1c5b), new Color(0x46617a), new Color(0x4a6b00)
  };

  private static final Marker[] MARKERS = {
    SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.TRIANGLE_UP, SeriesMarkers.DIAMOND,
    SeriesMarkers.TRIANGLE_DOWN, SeriesMarkers.PLUS, SeriesMarkers.OVAL, SeriesMarkers.RECTANGLE
  };

  private static final float[][] DASHES = {
    {}, {12, 6}, {3, 6}, {18, 6, 3, 6}, {8, 5}, {2, 8}, {20, 7}
  };

  private PngChart() {}

  /**
   * One image, charts under each other.
   *
   * @throws IllegalStateException when this system has no fonts
   */
  public static byte[] of(List<Chart> charts) {
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true"); // a display that is named may not be there
    }
    BufferedImage all =
        new BufferedImage(WIDTH, HEIGHT * charts.size(), BufferedImage.TYPE_INT_RGB);
    try {
      for (int i = 0; i < charts.size(); i++) {
        BufferedImage one = image(charts.get(i));
        all.getGraphics().drawImage(one, 0, i * HEIGHT, null);
      }
    } catch (RuntimeException | LinkageError | InternalError e) {
      throw noFonts(e);
    }
    return encoded(all);
  }

  private static RuntimeException noFonts(Throwable e) {
    boolean font = String.valueOf(e).toLowerCase(Locale.ROOT).contains("font");
    if (e instanceof RuntimeException other && !font) {
      return other;
    }
    return new IllegalStateException(
        "PNG needs fonts, and Java finds none here ("
            + e
            + "); install fontconfig and a font such as DejaVu, or write SVG",
        e);
  }

  private static byte[] encoded(BufferedImage image) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static BufferedImage image(Chart chart) {
    return switch (chart) {
      case LineChart c -> BitmapEncoder.getBufferedImage(lines(c));
      case BarChart c -> BitmapEncoder.getBufferedImage(bars(c));
    };
  }

  private static XYChart lines(LineChart c) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(c.title())
            .xAxisTitle(c.x().label())
            .yAxisTitle(c.y().label())
            .build();
    style(chart.getStyler());
    List<LineChart.Point> held =
        c.lines().stream()
            .flatMap(l -> l.points().stream())
            .filter(p -> c.x().holds(p.x()) && c.y().holds(p.y()))
            .toList();
    Ticks x = Ticks.of(c.x(), held.stream().mapToDouble(LineChart.Point::x), 10);
    Ticks y = Ticks.of(c.y(), held.stream().mapToDouble(LineChart.Point::y), 10);
    Drawn xs = new Drawn(c.x(), x);
    Drawn ys = new Drawn(c.y(), y);
    chart.getStyler().setXAxisMin(xs.of(x.from())).setXAxisMax(xs.of(x.to()));
    chart.getStyler().setYAxisMin(ys.of(y.from())).setYAxisMax(ys.of(y.to()));
    chart.getStyler().setXAxisTickMarkSpacingHint(xs.spacing(WIDTH * 2 / 3));
    chart.getStyler().setYAxisTickMarkSpacingHint(ys.spacing(HEIGHT * 3 / 4));
    chart.setCustomXAxisTickLabelsFormatter(xs::label);
    chart.setCustomYAxisTickLabelsFormatter(ys::label);
    List<String> names = uniqueNames(c.lines().stream().map(LineChart.Line::name).toList());
    for (int i = 0; i < c.lines().size(); i++) {
      line(chart, names.get(i), c.lines().get(i), i, xs, ys);
    }
    return chart;
  }

  private static void line(
      XYChart chart, String name, LineChart.Line line, int index, Drawn x, Drawn y) {
    double[] xs = line.points().stream().mapToDouble(p -> x.of(p.x())).toArray();
    double[] ys = line.points().stream().mapToDouble(p -> y.of(p.y())).toArray();
    if (DoubleStream.of(ys).noneMatch(Double::isFinite)) {
      return;
    }
    XYSeries series = chart.addSeries(name, xs, ys);
    series.setLineStyle(stroke(line.emphasised() ? 5 : 3, DASHES[index % DASHES.length]));
    series.setLineColor(COLOURS[index % COLOURS.length]);
    series.setMarkerColor(COLOURS[index % COLOURS.length]);
    series.setMarker(MARKERS[index % MARKERS.length]);
  }

  private static BasicStroke stroke(float width, float[] dash) {
    int cap = BasicStroke.CAP_BUTT;
    int join = BasicStroke.JOIN_ROUND;
    return dash.length == 0
        ? new BasicStroke(width, cap, join)
        : new BasicStroke(width, cap, join, 10, dash, 0);
  }

  private static HorizontalBarChart bars(BarChart c) {
    HorizontalBarChart chart =
        new HorizontalBarChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(c.title())
            .xAxisTitle(c.values().label())
            .build();
    style(chart.getStyler());
    Ticks ticks =
        Ticks.of(
            c.values(),
            c.groups().stream().flatMap(g -> g.values().stream()).mapToDouble(v -> v),
            10);
    Drawn drawn = new Drawn(c.values(), ticks);
    double base = drawn.of(ticks.from()); // bars begin at 0
    List<String> names = uniqueNames(c.categories());
    List<String> groups = uniqueNames(c.groups().stream().map(BarChart.Group::name).toList());
    for (int i = 0; i < c.groups().size(); i++) {
      BarChart.Group g = c.groups().get(i);
      List<Double> values =
          g.values().stream().map(v -> c.values().holds(v) ? drawn.of(v) - base : 0).toList();
      chart.addSeries(groups.get(i), values, names).setFillColor(COLOURS[i % COLOURS.length]);
    }
    chart.getStyler().setLegendVisible(c.groups().size() > 1);
    chart.setCustomXAxisTickLabelsFormatter(v -> drawn.label(v + base));
    return chart;
  }

  /** XChart takes each name once, and none that is empty. */
  private static List<String> uniqueNames(List<String> names) {
    Set<String> taken = new LinkedHashSet<>();
    for (String name : names) {
      String shown = name.isBlank() ? "-" : name;
      while (!taken.add(shown)) {
        shown += "'";
      }
    }
    return List.copyOf(taken);
  }

  /** An axis as XChart draws it: linear, in numbers whose decimal steps are good ticks. */
  private record Drawn(Axis axis, Ticks ticks) {
    double of(double value) {
      if (!axis.holds(value)) {
        return Double.NaN;
      }
      return axis.scale() == Scale.LINEAR ? value / size() : Math.log(value) / Math.log(base());
    }

    String label(double drawn) {
      return axis.scale() == Scale.LINEAR
          ? ticks.label(axis, drawn * size())
          : axis.unit().show(Math.pow(base(), drawn));
    }

    /** Pixels between ticks: of logarithms only whole ones are good. */
    int spacing(int pixels) {
      double range = axis.scale() == Scale.LOG ? of(ticks.to()) - of(ticks.from()) : pixels;
      return (int) Math.max(75, pixels / range);
    }

    private double base() {
      return axis.unit().binary() ? 2 : 10;
    }

    private double size() {
      double size = 1;
      while (axis.unit().binary() && ticks.to() / size >= 1024) {
        size *= 1024;
      }
      return size;
    }
  }

  private static void style(AxesChartStyler styler) {
    styler.setChartBackgroundColor(Color.WHITE).setChartFontColor(INK).setChartPadding(20);
    styler.setBaseFont(new Font(Font.SANS_SERIF, Font.PLAIN, 17));
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 22));
    styler.setLegendPosition(Styler.LegendPosition.OutsideE);
    styler.setLegendBorderColor(Color.WHITE);
    styler.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 17)).setLegendSeriesLineLength(48);
    styler.setPlotBackgroundColor(Color.WHITE).setPlotBorderVisible(false).setMarkerSize(10);
    styler.setPlotGridLinesColor(GRID).setPlotGridLinesStroke(new BasicStroke(1));
    styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
    styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 17));
    styler.setSeriesColors(COLOURS);
  }
}
