/**
 * The published pre-tokenizer patterns, scanned by hand in linear time.
 *
 * <p>No pattern from a file reaches {@code java.util.regex}: {@link
 * dev.akvavit.text.split.Patterns} knows the published ones by their exact text and refuses the
 * rest by name.
 */
@NullMarked
package dev.akvavit.text.split;

import org.jspecify.annotations.NullMarked;
