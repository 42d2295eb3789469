/**
 * Files as facts: a {@link dev.akvavit.format.Checkpoint} is a config and mapped tensors, and
 * whoever holds one needs no further check.
 *
 * <p>Files are trusted with nothing but being data. Every size, count, name and offset is compared
 * with a bound of {@link dev.akvavit.core.Limits} before anything is allocated; a check is a
 * comparison, never a pass over the data. What breaks a rule ends in a {@link
 * dev.akvavit.core.MalformedFileException} that names file, field, value and bound.
 */
@NullMarked
package dev.akvavit.format;

import org.jspecify.annotations.NullMarked;
