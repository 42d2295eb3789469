/**
 * Machine code that Java writes for itself: an assembler for the few instructions the inner loops
 * need, memory that may be executed, what the processor allows, and the routines. Nothing native is
 * compiled or shipped; where any part is refused, the loops on the Vector API do the work.
 */
@NullMarked
package dev.akvavit.cpu.machine;

import org.jspecify.annotations.NullMarked;
