/** What most users need: {@link dev.akvavit.LanguageModel} and what goes in and out of it. */
@NullMarked
package dev.akvavit;

import org.jspecify.annotations.NullMarked;
