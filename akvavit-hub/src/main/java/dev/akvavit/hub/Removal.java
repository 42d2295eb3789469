package dev.akvavit.hub;

import java.util.List;

/**
 * What a removal takes, or took.
 *
 * @param commits that are no longer here
 * @param bytes freed: files that other commits share stay
 */
public record Removal(String model, List<String> commits, long bytes) {}
