/**
 * Model families: one file each, from config keys and tensor names to the mechanisms they are made
 * of.
 */
@NullMarked
package dev.akvavit.model.arch;

import org.jspecify.annotations.NullMarked;
