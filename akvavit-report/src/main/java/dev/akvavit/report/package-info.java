/** Charts as data, and the pages that show them. */
@NullMarked
package dev.akvavit.report;

import org.jspecify.annotations.NullMarked;
