/** Models behind one port, in the dialects that clients already speak. */
@NullMarked
package dev.akvavit.server;

import org.jspecify.annotations.NullMarked;
