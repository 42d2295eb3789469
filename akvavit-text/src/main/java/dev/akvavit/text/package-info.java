/**
 * Tokenizers, the detokenizer and prompts that know which of their text may be trusted.
 *
 * <p>A {@link dev.akvavit.text.TokenizerDefinition} is the data (vocabulary, merges, splitters), a
 * {@link dev.akvavit.text.Tokenizer} the machine built from it; {@link dev.akvavit.text.Tokenizers}
 * reads the data from a model folder. Sub-packages: {@code split} cuts text into words, {@code
 * template} renders chats, {@code json} (internal) reads bounded JSON.
 */
@NullMarked
package dev.akvavit.text;

import org.jspecify.annotations.NullMarked;
