/** How a server is run. */
@NullMarked
package dev.akvavit.server.options;

import org.jspecify.annotations.NullMarked;
