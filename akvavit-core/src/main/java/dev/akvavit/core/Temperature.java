package dev.akvavit.core;

/**
 * Queries grow with position: times {@code 1 + beta ln(1 + floor(position / length))} (Llama-4,
 * Mistral-4).
 */
public record Temperature(float beta, int length) {
  public float at(int position) {
    return (float) (1 + beta * Math.log(1 + position / length));
  }
}
