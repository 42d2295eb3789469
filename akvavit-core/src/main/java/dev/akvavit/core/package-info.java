/**
 * The floor plan, in words.
 *
 * <p>A <em>model</em> (floor 2) is built from a {@link dev.akvavit.core.ModelConfig} and {@link
 * dev.akvavit.core.Weights} and asks {@link dev.akvavit.core.Ops} for everything it computes. A
 * <em>backend</em> (floor 2) implements {@code Ops} and owns all bytes. A <em>format</em> (floor 2)
 * turns files into a {@link dev.akvavit.core.ConfigSource} and {@code Weights}. The <em>engine</em>
 * (floor 2) packs sequences into a {@link dev.akvavit.core.Batch} and knows of neural networks only
 * {@link dev.akvavit.core.Model}. None of the four sees another; the library on floor 3 introduces
 * them.
 */
@NullMarked
package dev.akvavit.core;

import org.jspecify.annotations.NullMarked;
