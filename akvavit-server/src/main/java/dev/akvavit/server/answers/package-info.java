/** Questions put to models and their answers as they come, whatever dialect the client speaks. */
@NullMarked
package dev.akvavit.server.answers;

import org.jspecify.annotations.NullMarked;
