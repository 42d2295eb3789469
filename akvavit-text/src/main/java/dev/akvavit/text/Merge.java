package dev.akvavit.text;

/**
 * One rule of byte pair encoding: these two neighbours become one token. The earlier in the list,
 * the sooner.
 */
public record Merge(String left, String right) {}
