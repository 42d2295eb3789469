package dev.akvavit.cli;

import java.util.Locale;

/** Numbers as people read them. */
final class Amounts {
  private Amounts() {}

  static String bytes(long bytes) {
    double mebibytes = bytes / (double) (1 << 20);
    if (mebibytes >= 1024) {
      return String.format(Locale.ROOT, "%.1f GiB", mebibytes / 1024);
    }
    return bytes < 1 << 20
        ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
        : String.format(Locale.ROOT, "%.1f MiB", mebibytes);
  }

  static String count(long count) {
    return count >= 1_000_000_000
        ? String.format(Locale.ROOT, "%.2f B", count / 1e9)
        : count >= 100_000
            ? String.format(Locale.ROOT, "%.1f M", count / 1e6)
            : String.format(Locale.ROOT, "%,d", count);
  }

  static String share(long part, long whole) {
    return String.format(Locale.ROOT, "%.1f %%", 100.0 * part / whole);
  }

  static String gigabytesPerSecond(double bytesPerSecond) {
    return String.format(Locale.ROOT, "%.1f GB/s", bytesPerSecond / 1e9);
  }

  static String operationsPerSecond(double operations) {
    return operations < 1e12
        ? String.format(Locale.ROOT, "%.0f Gop/s", operations / 1e9)
        : String.format(Locale.ROOT, "%.2f Top/s", operations / 1e12);
  }
}
