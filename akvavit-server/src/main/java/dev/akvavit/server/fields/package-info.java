/** Requests as bounded tables of fields: after the table no value needs another check. */
@NullMarked
package dev.akvavit.server.fields;

import org.jspecify.annotations.NullMarked;
