/** Bounded JSON trees whose every complaint names file and field. */
@NullMarked
package dev.akvavit.text.json;

import org.jspecify.annotations.NullMarked;
