/** Models by name: opened when first asked for, closed when memory is needed. */
@NullMarked
package dev.akvavit.server.models;

import org.jspecify.annotations.NullMarked;
