package dev.akvavit.claims;

/** Derives or measures what a claim is judged by. */
@FunctionalInterface
public interface Evidence {
  Finding find(Laboratory laboratory);
}
