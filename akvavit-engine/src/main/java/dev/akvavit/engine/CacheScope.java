package dev.akvavit.engine;

/**
 * Who may share cached prefixes with a request: equal salts share, different salts never do, not
 * even by timing.
 *
 * @param salt derived from the caller's credential, never read from a request's body (reuse shows
 *     through time to first token what others asked); empty for those who share by the operator's
 *     word
 */
public record CacheScope(String salt) {
  public static final CacheScope SHARED = new CacheScope("");
}
