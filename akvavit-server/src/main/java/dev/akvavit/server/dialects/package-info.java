/** What clients speak: each dialect is a thin translation around one question and its answer. */
@NullMarked
package dev.akvavit.server.dialects;

import org.jspecify.annotations.NullMarked;
