package dev.akvavit.claims;

/** What claims are about; one file each. */
public enum Topic {
  CACHE("cache", "What a token leaves in the cache"),
  SHAPES("shapes", "Shapes and parameters"),
  LATENT("latent", "Latents, absorption and positions"),
  FP8("fp8", "FP8 and the Hadamard transform"),
  SPARSE("sparse", "Sparse attention"),
  SPEED("speed", "Speed and cost"),
  EXPERTS("experts", "Mixtures of experts"),
  QUALITY("quality", "Quality, as published"),
  NAMES("names", "Names and attributions");

  private final String id;
  private final String title;

  Topic(String id, String title) {
    this.id = id;
    this.title = title;
  }

  /** What a command line calls it. */
  public String id() {
    return id;
  }

  public String title() {
    return title;
  }
}
