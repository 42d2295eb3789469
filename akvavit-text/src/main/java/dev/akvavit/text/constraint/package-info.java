/**
 * Structured output: a JSON schema becomes a pushdown automaton over bytes, and that becomes masks
 * over a vocabulary.
 *
 * <p>{@link dev.akvavit.text.constraint.StructuredOutput} is the door. {@code SchemaReader}, {@code
 * KeywordReader} and {@code Alternatives} understand the schema, {@code SchemaCompiler} writes the
 * {@code Automaton}; {@code Frontiers} follows it and {@code TokenTrie} asks it about every token.
 */
@NullMarked
package dev.akvavit.text.constraint;

import org.jspecify.annotations.NullMarked;
