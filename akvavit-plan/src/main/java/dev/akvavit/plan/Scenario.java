package dev.akvavit.plan;

import dev.akvavit.core.CacheTypes;

/**
 * What is asked of a machine: so many users, each with a context full of tokens.
 *
 * @param users sequences computed together
 * @param context tokens of prompt and answer of each
 * @param sharedPrefix first tokens that all users have in common, such as a system prompt; whole
 *     pages of them are kept once
 * @param cacheTypes how rows are cached
 * @param weights how weights are stored, unless the model's files say it
 * @param pageSize tokens a page
 * @param stepTokens tokens computed in one step at most
 */
public record Scenario(
    int users,
    int context,
    int sharedPrefix,
    CacheTypes cacheTypes,
    WeightType weights,
    int pageSize,
    int stepTokens) {
  /** More sequences than this no machine is asked to compute together. */
  public static final int MOST_USERS = 65_536;

  public Scenario {
    require(users >= 1 && users <= MOST_USERS, "users", users, "1 to " + MOST_USERS);
    require(context >= 1, "context", context, "1 token or more");
    require(
        sharedPrefix >= 0 && sharedPrefix <= context,
        "shared prefix",
        sharedPrefix,
        "0 to the context of " + context);
    require(pageSize >= 1, "page size", pageSize, "1 token or more");
    require(stepTokens >= 1, "step tokens", stepTokens, "1 or more");
  }

  private static void require(boolean holds, String name, Object found, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": found " + found + ", allowed: " + allowed);
    }
  }

  /** Pages of all users: shared ones once, then each user's own. */
  long pages() {
    long shared = sharedPages();
    return shared + users * (Math.ceilDiv(context, pageSize) - shared);
  }

  /** Tokens that are kept, shared ones once. */
  long tokens() {
    long shared = (long) sharedPages() * pageSize;
    return shared + users * (context - shared);
  }

  private int sharedPages() {
    return sharedPrefix / pageSize;
  }

  /** Rows of a step: a step can hold a token of every user. */
  int stepRows() {
    return Math.max(stepTokens, users);
  }

  public Scenario withUsers(int value) {
    return new Scenario(value, context, sharedPrefix, cacheTypes, weights, pageSize, stepTokens);
  }

  /** A shorter context shares at most itself. */
  public Scenario withContext(int value) {
    return new Scenario(
        users, value, Math.min(sharedPrefix, value), cacheTypes, weights, pageSize, stepTokens);
  }

  public Scenario withCacheTypes(CacheTypes value) {
    return new Scenario(users, context, sharedPrefix, value, weights, pageSize, stepTokens);
  }

  public Scenario withWeights(WeightType value) {
    return new Scenario(users, context, sharedPrefix, cacheTypes, value, pageSize, stepTokens);
  }
}
