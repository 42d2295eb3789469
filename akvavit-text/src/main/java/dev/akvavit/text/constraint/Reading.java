package dev.akvavit.text.constraint;

import org.jspecify.annotations.Nullable;

/**
 * One way to read what was written so far.
 *
 * @param need how many more must be counted in this rule
 * @param room how many more may be, or {@link AutomatonBuilder#UNBOUNDED}
 * @param caller null in the outermost rule
 */
record Reading(int state, int need, int room, @Nullable Frame caller) {}
