package dev.akvavit.plan;

import java.util.List;

/**
 * The size of a cache as a line over its tokens: what each user takes whatever the context, and a
 * slope. Exact below 2^53 bytes; where one row stands for many tokens, the slope is their mean.
 */
record CacheSize(long bytesPerUser, double bytesPerToken) {

  static CacheSize of(List<CacheRow> rows) {
    return new CacheSize(
        rows.stream().mapToLong(CacheRow::bytesPerUser).sum(),
        rows.stream().mapToDouble(CacheRow::bytesPerToken).sum());
  }

  /** Of all pages of a scenario. */
  long bytes(Scenario s) {
    return bytes(s.users(), s.pages() * s.pageSize());
  }

  /** The largest number where there are more bytes than numbers. */
  long bytes(int users, long tokens) {
    return Saturated.plus(users * bytesPerUser, (long) Math.ceil(tokens * bytesPerToken));
  }
}
