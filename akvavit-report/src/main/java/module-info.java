/**
 * Floor 2: charts as data, drawn as SVG by hand and as PNG by XChart, and pages that need nothing
 * but themselves.
 */
module dev.akvavit.report {
  requires java.desktop;
  requires xchart;
  requires static org.jspecify;

  exports dev.akvavit.report;
}
