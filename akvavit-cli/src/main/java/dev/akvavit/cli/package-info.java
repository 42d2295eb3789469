/** The {@code akvavit} command: one file a verb, two shared sets of options, one way to fail. */
@NullMarked
package dev.akvavit.cli;

import org.jspecify.annotations.NullMarked;
