/**
 * Naive twins of every mechanism: one function from a whole sequence to its result, in double
 * precision, written from the papers and sharing no code with the engine or its oracle. No cache,
 * no pages, no batches: what they cost does not matter.
 */
@NullMarked
package dev.akvavit.testkit.naive;

import org.jspecify.annotations.NullMarked;
