package dev.akvavit.plan;

/**
 * Parameters of a model by what they do.
 *
 * @param embedding the token table, learned positions, and the output head unless it is tied
 * @param attention all layers' attention, indexers and norms included
 * @param dense feed-forwards that every token uses, routers and norms included
 * @param shared experts that every token uses
 * @param routed experts of which a token uses some
 * @param activeRouted routed parameters that one token uses
 */
public record Parameters(
    long embedding, long attention, long dense, long shared, long routed, long activeRouted) {

  public Parameters {
    if (Math.min(Math.min(embedding, attention), Math.min(dense, shared)) < 0
        || activeRouted < 0
        || activeRouted > routed) {
      throw new IllegalArgumentException(
          "parameters: found negative parts or more active than routed ones, allowed: counts");
    }
  }

  public long total() {
    return embedding + attention + dense + shared + routed;
  }

  /** Those that take part in computing one token, the whole embedding included. */
  public long active() {
    return total() - routed + activeRouted;
  }
}
