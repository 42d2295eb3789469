/** Claims, the evidence for and against them, and the verdicts that follow. */
@NullMarked
package dev.akvavit.claims;

import org.jspecify.annotations.NullMarked;
